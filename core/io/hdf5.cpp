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

/// Whether all members of a stored type lie within it. (HDF5 believes what a corrupt file says, and
/// reads beyond its own memory.)
bool is_sound(hid_t type) {
  const auto kind = H5Tget_class(type);
  if (kind == H5T_ARRAY) {
    const Hdf5Handle inner(H5Tget_super(type), H5Tclose);
    return inner && is_sound(inner.get()) && H5Tget_size(inner.get()) <= H5Tget_size(type);
  }
  if (kind != H5T_COMPOUND) return H5Tget_size(type) > 0;
  const int members = H5Tget_nmembers(type);
  for (int m = 0; m < members; ++m) {
    const auto at = static_cast<unsigned>(m);
    const Hdf5Handle inner(H5Tget_member_type(type, at), H5Tclose);
    if (!inner || !is_sound(inner.get()) ||
        H5Tget_member_offset(type, at) + H5Tget_size(inner.get()) > H5Tget_size(type))
      return false;
  }
  return members > 0;
}

/// Whether all pieces of an array are stored, of the size that they should have unless they are
/// compressed: HDF5 gives zeros for those that were never written.
bool is_whole(hid_t array, hid_t type, const std::vector<hsize_t>& extents) {
  const Hdf5Handle made(H5Dget_create_plist(array), H5Pclose);
  if (!made) return false;
  hsize_t entries = 1;
  for (const hsize_t extent : extents) entries *= extent;
  if (entries == 0) return true;
  const auto layout = H5Pget_layout(made.get());
  if (layout == H5D_VIRTUAL) return true;
  const hsize_t stored = H5Dget_storage_size(array);
  if (layout != H5D_CHUNKED) return stored > 0;
  const auto rank = static_cast<int>(extents.size());
  std::vector<hsize_t> chunk(extents.size());
  if (H5Pget_chunk(made.get(), rank, chunk.data()) != rank) return false;
  hsize_t bytes = H5Tget_size(type), chunks = 1, there = 0;
  for (std::size_t d = 0; d < chunk.size(); ++d) {
    if (chunk[d] == 0) return false;
    bytes *= chunk[d];
    chunks *= (extents[d] + chunk[d] - 1) / chunk[d];
  }
  const Hdf5Handle space(H5Dget_space(array), H5Sclose);
  if (H5Dget_num_chunks(array, space.get(), &there) < 0 || there != chunks) return false;
  return H5Pget_nfilters(made.get()) != 0 || (bytes > 0 && stored % bytes == 0);
}

[[noreturn]] void fail_at(const std::string& path, const std::string& name,
                          const std::string& what) {
  fail(path, "\"" + name + "\" " + what);
}

Hdf5Handle open(const std::string& path, const Hdf5Handle& file, const std::string& name) {
  if (H5Lexists(file.get(), name.c_str(), H5P_DEFAULT) <= 0) fail_at(path, name, "is missing");
  Hdf5Handle array(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!array) fail_at(path, name, "is no array, or corrupt");
  return array;
}

}  // namespace

Hdf5Array::Hdf5Array(const std::string& path, const Hdf5Handle& file, const std::string& name,
                     Hdf5Handle type)
    : path_(path), name_(name), array_(open(path, file, name)), type_(std::move(type)) {
  space_ = {H5Dget_space(array_.get()), H5Sclose};
  const Hdf5Handle stored(H5Dget_type(array_.get()), H5Tclose);
  const int rank = H5Sget_simple_extent_ndims(space_.get());
  if (rank < 0 || !stored || !is_sound(stored.get())) fail_at(path, name, "is corrupt");
  if (!has_members(stored.get(), type_.get())) fail_at(path, name, "has entries of another type");
  extents_.resize(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space_.get(), extents_.data(), nullptr);
  if (!is_whole(array_.get(), stored.get(), extents_))
    fail_at(path, name, "is corrupt, or was not written to its end");
  stored_so_ = H5Tget_class(stored.get()) == H5Tget_class(type_.get()) &&
               H5Tget_size(stored.get()) == H5Tget_size(type_.get());
}

void Hdf5Array::read(const std::vector<hsize_t>& first, const std::vector<hsize_t>& count,
                     void* into) const {
  const std::vector<hsize_t> one(count.size(), 1);
  read(first, one, count, one, into);
}

void Hdf5Array::read(const std::vector<hsize_t>& first, const std::vector<hsize_t>& stride,
                     const std::vector<hsize_t>& count, const std::vector<hsize_t>& block,
                     void* into) const {
  hsize_t entries = 1;
  for (std::size_t d = 0; d < count.size(); ++d) entries *= count[d] * block[d];
  const Hdf5Handle to(H5Screate_simple(1, &entries, nullptr), H5Sclose);
  if (!to ||
      H5Sselect_hyperslab(space_.get(), H5S_SELECT_SET, first.data(), stride.data(), count.data(),
                          block.data()) < 0 ||
      H5Dread(array_.get(), type_.get(), to.get(), space_.get(), H5P_DEFAULT, into) < 0)
    fail_at(path_, name_, "cannot be read");
}

Hdf5Handle open_hdf5(const std::string& path, hid_t access) {
  if (H5Fis_hdf5(path.c_str()) <= 0) fail(path, "is no HDF5 file");
  Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
  if (!file) fail(path, "cannot be opened as an HDF5 file; it may be cut off, or being written");
  return file;
}

Hdf5Group::Hdf5Group(const std::string& path, const std::string& group)
    : path_(path), group_(group), file_size_(InputFile(path).size()) {
  file_ = open_hdf5(path);
  if (H5Lexists(file_.get(), group.c_str(), H5P_DEFAULT) <= 0)
    fail(path, "has no group \"" + group + "\"");
}

bool Hdf5Group::has(const std::string& name) const {
  return H5Lexists(file_.get(), (group_ + "/" + name).c_str(), H5P_DEFAULT) > 0;
}

std::string Hdf5Group::text(const std::string& name) const {
  const auto full = group_ + "/" + name;
  const auto array = open(path_, file_, full);
  const Hdf5Handle stored(H5Dget_type(array.get()), H5Tclose);
  const Hdf5Handle space(H5Dget_space(array.get()), H5Sclose);
  if (!stored || H5Tis_variable_str(stored.get()) <= 0 ||
      H5Sget_simple_extent_npoints(space.get()) != 1)
    fail_at(path_, full, "is not one text of variable length");
  char* read = nullptr;
  const herr_t status =
      H5Dread(array.get(), stored.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, static_cast<void*>(&read));
  if (status < 0 || read == nullptr) fail_at(path_, full, "cannot be read");
  std::string text(read);
  H5free_memory(read);
  return text;
}

Hdf5Handle hdf5_compound(std::size_t size, const std::vector<Hdf5Member>& members) {
  Hdf5Handle type(H5Tcreate(H5T_COMPOUND, size), H5Tclose);
  for (const auto& member : members) H5Tinsert(type.get(), member.name, member.offset, member.type);
  return type;
}

}  // namespace misfit::io
