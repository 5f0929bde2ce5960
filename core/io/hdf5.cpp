// SPDX-License-Identifier: BSD-3-Clause
#include "hdf5.hpp"

#include "file.hpp"

namespace misfit::io {

namespace {

/// Whether `stored` has every member of `wanted`, with numbers where those have numbers. (HDF5
/// leaves out members that are missing, and says nothing.)
bool has_members(hid_t stored, hid_t wanted) {
  const auto kind = H5Tget_class(wanted);
  const bool number = kind == H5T_INTEGER || kind == H5T_FLOAT;
  const auto stored_kind = H5Tget_class(stored);
  if (number) return stored_kind == H5T_INTEGER || stored_kind == H5T_FLOAT;
  if (stored_kind != kind) return false;
  if (kind != H5T_COMPOUND) return true;
  const int members = H5Tget_nmembers(wanted);
  for (int m = 0; m < members; ++m) {
    char* const name = H5Tget_member_name(wanted, static_cast<unsigned>(m));
    const int at = H5Tget_member_index(stored, name);
    H5free_memory(name);
    if (at < 0) return false;
    const Hdf5Handle inner(H5Tget_member_type(stored, static_cast<unsigned>(at)), H5Tclose);
    const Hdf5Handle wanted_inner(H5Tget_member_type(wanted, static_cast<unsigned>(m)), H5Tclose);
    if (!has_members(inner.get(), wanted_inner.get())) return false;
  }
  return true;
}

}  // namespace

Hdf5Group::Hdf5Group(const std::string& path, const std::string& group)
    : path_(path), group_(group), file_size_(InputFile(path).size()) {
  if (H5Fis_hdf5(path.c_str()) <= 0) fail(path, "is no HDF5 file");
  file_ = {H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose};
  if (!file_) fail(path, "cannot be opened as an HDF5 file; it may be cut off, or being written");
  if (H5Lexists(file_.get(), group.c_str(), H5P_DEFAULT) <= 0)
    fail(path, "has no group \"" + group + "\"");
}

void Hdf5Group::fail_at(const std::string& name, const std::string& what) const {
  fail(path_, "\"" + group_ + "/" + name + "\" " + what);
}

bool Hdf5Group::has(const std::string& name) const {
  return H5Lexists(file_.get(), (group_ + "/" + name).c_str(), H5P_DEFAULT) > 0;
}

Hdf5Handle Hdf5Group::open(const std::string& name) const {
  if (!has(name)) fail_at(name, "is missing");
  Hdf5Handle array(H5Dopen2(file_.get(), (group_ + "/" + name).c_str(), H5P_DEFAULT), H5Dclose);
  if (!array) fail_at(name, "is no array, or corrupt");
  return array;
}

std::vector<hsize_t> Hdf5Group::extents(const std::string& name) const {
  const auto array = open(name);
  const Hdf5Handle space(H5Dget_space(array.get()), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  std::vector<hsize_t> extents(rank > 0 ? static_cast<std::size_t>(rank) : 0);
  if (rank < 0 || H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr) < 0)
    fail_at(name, "is corrupt");
  return extents;
}

std::string Hdf5Group::text(const std::string& name) const {
  const auto array = open(name);
  const Hdf5Handle stored(H5Dget_type(array.get()), H5Tclose);
  const Hdf5Handle space(H5Dget_space(array.get()), H5Sclose);
  if (!stored || H5Tis_variable_str(stored.get()) <= 0 ||
      H5Sget_simple_extent_npoints(space.get()) != 1)
    fail_at(name, "is not one text of variable length");
  char* read = nullptr;
  if (H5Dread(array.get(), stored.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &read) < 0 ||
      read == nullptr)
    fail_at(name, "cannot be read");
  const std::string text(read);
  H5free_memory(read);
  return text;
}

void Hdf5Group::read(const std::string& name, const std::vector<hsize_t>& first,
                     const std::vector<hsize_t>& count, const Hdf5Handle& type, void* into) const {
  const auto array = open(name);
  const Hdf5Handle stored(H5Dget_type(array.get()), H5Tclose);
  if (!stored || !has_members(stored.get(), type.get()))
    fail_at(name, "has entries of another type");
  const Hdf5Handle from(H5Dget_space(array.get()), H5Sclose);
  const Hdf5Handle to(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                      H5Sclose);
  if (!from || !to ||
      H5Sselect_hyperslab(from.get(), H5S_SELECT_SET, first.data(), nullptr, count.data(),
                          nullptr) < 0 ||
      H5Dread(array.get(), type.get(), to.get(), from.get(), H5P_DEFAULT, into) < 0)
    fail_at(name, "cannot be read");
}

Hdf5Handle hdf5_compound(std::size_t size, const std::vector<Hdf5Member>& members) {
  Hdf5Handle type(H5Tcreate(H5T_COMPOUND, size), H5Tclose);
  for (const auto& member : members) H5Tinsert(type.get(), member.name, member.offset, member.type);
  return type;
}

}  // namespace misfit::io
