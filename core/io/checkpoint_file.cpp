// SPDX-License-Identifier: BSD-3-Clause
#include "checkpoint_file.hpp"

#include "file.hpp"

#include <misfit/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <utility>

namespace misfit::io {

namespace {

constexpr std::int64_t version = 1;

// Of a piece of a dataset with a check sum [bytes], and of what is kept of them.
constexpr std::size_t chunk_bytes = std::size_t{512} << 10, cache_bytes = std::size_t{32} << 20;

// More than HDF5's structures are of a state of a hundred variables [bytes].
constexpr std::size_t structure_bytes = std::size_t{64} << 10;

Hdf5Handle type_of(const StoredVector& vector) {
  const hid_t real = vector.is_double ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
  if (!vector.is_complex) return {H5Tcopy(real), H5Tclose};
  const std::size_t half = vector.entry() / 2;
  return hdf5_compound(2 * half, {{"r", 0, real}, {"i", half, real}});
}

std::string text_of(const StoredVector& vector) {
  const std::string real = vector.is_double ? "double" : "float";
  return vector.is_complex ? "complex<" + real + ">" : real;
}

std::string text_of(const std::vector<hsize_t>& extents) {
  std::string text;
  for (const hsize_t extent : extents) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

/// The type of a dataset, as of a StoredVector.
std::string text_of(hid_t type) {
  const auto kind = H5Tget_class(type);
  const std::size_t size = H5Tget_size(type);
  if (kind == H5T_FLOAT && (size == 4 || size == 8)) return size == 8 ? "double" : "float";
  if (kind != H5T_COMPOUND || H5Tget_nmembers(type) != 2) return "none of misfit's";
  const Hdf5Handle half(H5Tget_member_type(type, 0), H5Tclose);
  return half ? "complex<" + text_of(half.get()) + ">" : "none of misfit's";
}

/// The product of the extents from one on.
hsize_t signal_size(const std::vector<hsize_t>& extents, std::size_t from) {
  hsize_t size = 1;
  for (std::size_t d = from; d < extents.size(); ++d) size *= extents[d];
  return size;
}

#if !H5_VERSION_GE(1, 10, 7) || (H5_VERSION_GE(1, 12, 0) && !H5_VERSION_GE(1, 12, 1))
#error "misfit: checkpoints need an HDF5 that can leave files unlocked: 1.10.7, or 1.12.1, or later"
#endif

/// How files are opened: with a format whose structures have check sums, and without HDF5's locks,
/// since what is at its place is whole.
Hdf5Handle access() {
  Hdf5Handle list(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(list.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_fclose_degree(list.get(), H5F_CLOSE_STRONG);
  H5Pset_cache(list.get(), 0, 521, cache_bytes, 1);
  H5Pset_file_locking(list.get(), false, true);
  return list;
}

/// The extents of the pieces in which a dataset is stored; they differ little.
std::vector<hsize_t> chunk_of(const StoredVector& vector) {
  auto chunk = vector.extents;
  std::size_t left = chunk_bytes / vector.entry();
  for (std::size_t d = chunk.size(); d-- > 0;) {
    const hsize_t most = std::clamp<hsize_t>(left, 1, chunk[d]), pieces = (chunk[d] - 1) / most + 1;
    chunk[d] = (chunk[d] - 1) / pieces + 1;
    left /= chunk[d];
  }
  return chunk;
}

/// What its entries and their check sums take.
std::size_t stored_bytes(const StoredVector& vector) {
  if (vector.whole().size() == 0) return 0;
  const auto chunk = chunk_of(vector);
  std::size_t chunks = 1, bytes = vector.entry();
  for (std::size_t d = 0; d < chunk.size(); ++d) {
    chunks *= (vector.extents[d] - 1) / chunk[d] + 1;
    bytes *= chunk[d];
  }
  return chunks * (bytes + 4);
}

/// How a dataset is made: in pieces with check sums; times would make equal states differ.
Hdf5Handle layout_of(const StoredVector& vector) {
  Hdf5Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(list.get(), false);
  if (vector.whole().size() == 0) return list;
  const auto chunk = chunk_of(vector);
  H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data());
  H5Pset_fletcher32(list.get());
  return list;
}

/// The names of the attributes of the root, or of what is in it. No exception may go through HDF5,
/// which calls keep().
struct Names {
  herr_t keep(const char* name) noexcept {
    try {
      all.emplace_back(name);
    } catch (...) {
      failure = std::current_exception();
      return -1;
    }
    return 0;
  }
  /// Those that were kept; `status` is that of HDF5.
  std::vector<std::string> end(herr_t status, const std::string& path) {
    if (failure) std::rethrow_exception(failure);
    if (status < 0) fail(path, "is damaged");
    return std::move(all);
  }

  std::vector<std::string> all{};
  std::exception_ptr failure{};
};
herr_t keep_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
  return static_cast<Names*>(names)->keep(name);
}
herr_t keep_link(hid_t, const char* name, const H5L_info_t*, void* names) {
  return static_cast<Names*>(names)->keep(name);
}

}  // namespace

CheckpointWriter::CheckpointWriter(const std::string& path,
                                   const std::vector<StoredVector>& vectors)
    : path_(path), place_(path) {
  std::size_t bytes = structure_bytes;
  for (const auto& vector : vectors) bytes += stored_bytes(vector);
  place_.require_room(structure_bytes, bytes);
  errno = 0;
  const auto list = access();
  const Hdf5Handle made(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(made.get(), false);
  file_ = {H5Fcreate(place_.part().c_str(), H5F_ACC_TRUNC, made.get(), list.get()), H5Fclose};
  if (!file_) fail_to_write();
  add(checkpoint_marker, version);
  for (const auto& vector : vectors) add(vector);
}

// HDF5 ends the program where it cannot write its own structures, so there must be room for them:
// that of the vectors, which are of no use any more.
CheckpointWriter::~CheckpointWriter() {
  if (!file_) return;
  place_.clear();
  vectors_.clear();
  place_.clear();
  file_.close();
}

void CheckpointWriter::fail_to_write() const {
  if (errno != 0) fail_with_reason(path_, "cannot be written");
  fail(path_, "cannot be written by HDF5");
}

void CheckpointWriter::add(const std::string& name, const detail::KeptNumber& number) {
  const bool is_integer = std::holds_alternative<std::int64_t>(number);
  const hid_t type = is_integer ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
  const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  Hdf5Handle attribute(
      H5Acreate2(file_.get(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  const bool wrote =
      attribute &&
      std::visit([&](const auto& n) { return H5Awrite(attribute.get(), type, &n); }, number) >= 0;
  if (!attribute.close() || !wrote) fail_to_write();
}

void CheckpointWriter::add(const StoredVector& vector) {
  auto& made = vectors_.emplace_back();
  made.name = vector.name;
  made.type = type_of(vector);
  made.space = {
      H5Screate_simple(static_cast<int>(vector.extents.size()), vector.extents.data(), nullptr),
      H5Sclose};
  const auto layout = layout_of(vector);
  made.array = {H5Dcreate2(file_.get(), vector.name.c_str(), made.type.get(), made.space.get(),
                           H5P_DEFAULT, layout.get(), H5P_DEFAULT),
                H5Dclose};
  if (!made.array) fail_to_write();
}

void CheckpointWriter::write(std::size_t vector, const Box& box, const void* entries) {
  const auto& to = vectors_[vector];
  const hsize_t count = box.size();
  errno = 0;
  const Hdf5Handle from(H5Screate_simple(1, &count, nullptr), H5Sclose);
  if (!from ||
      H5Sselect_hyperslab(to.space.get(), H5S_SELECT_SET, box.first.data(), nullptr,
                          box.count.data(), nullptr) < 0 ||
      H5Dwrite(to.array.get(), to.type.get(), from.get(), to.space.get(), H5P_DEFAULT, entries) < 0)
    fail_to_write();
}

void CheckpointWriter::commit() {
  errno = 0;
  for (auto& vector : vectors_)
    if (!vector.array.close()) fail_to_write();
  if (H5Fflush(file_.get(), H5F_SCOPE_LOCAL) < 0 || !file_.close()) fail_to_write();
  place_.commit();
}

CheckpointReader::CheckpointReader(const std::string& path) : path_(path) {
  require_regular_file(path);
  const auto list = access();
  file_ = open_hdf5(path, list.get());
  const htri_t marked = H5Aexists(file_.get(), checkpoint_marker);
  if (marked < 0) fail(path, "is damaged");
  if (marked == 0) fail(path, "is no checkpoint of misfit");
  if (std::get<std::int64_t>(number(checkpoint_marker, true)) != version)
    fail(path, "is a checkpoint of a later version of misfit");
}

std::vector<std::string> CheckpointReader::numbers() const {
  Names names;
  auto all = names.end(
      H5Aiterate2(file_.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, keep_attribute, &names), path_);
  std::erase(all, checkpoint_marker);
  return all;
}

std::vector<std::string> CheckpointReader::vectors() const {
  Names names;
  return names.end(H5Literate(file_.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, keep_link, &names),
                   path_);
}

detail::KeptNumber CheckpointReader::number(const std::string& name, bool is_integer) const {
  const Hdf5Handle attribute(H5Aopen(file_.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Hdf5Handle space(H5Aget_space(attribute.get()), H5Sclose);
  if (!attribute || !type || H5Sget_simple_extent_npoints(space.get()) != 1)
    fail(path_, "\"" + name + "\" is damaged");
  if ((H5Tget_class(type.get()) == H5T_INTEGER) != is_integer ||
      (H5Tget_class(type.get()) == H5T_FLOAT) == is_integer)
    fail(path_, "\"" + name + "\" is no " + (is_integer ? "integer" : "real number") + " there");
  std::int64_t integer = 0;
  double real = 0;
  const herr_t status = is_integer ? H5Aread(attribute.get(), H5T_NATIVE_INT64, &integer)
                                   : H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &real);
  if (status < 0) fail(path_, "\"" + name + "\" is damaged");
  if (is_integer) return integer;
  return real;
}

void CheckpointReader::expect(const StoredVector& vector) {
  const auto differs = [&](const std::string& there, const std::string& here) {
    fail(path_, "\"" + vector.name + "\" has " + there + " there, here " + here);
  };
  // Asked first, since HDF5 reads numbers of one type as those of another.
  const Hdf5Handle dataset(H5Dopen2(file_.get(), vector.name.c_str(), H5P_DEFAULT), H5Dclose);
  const Hdf5Handle type(H5Dget_type(dataset.get()), H5Tclose);
  if (!dataset || !type) fail(path_, "\"" + vector.name + "\" is damaged");
  if (const auto stored = text_of(type.get()); stored != text_of(vector))
    differs("entries of type " + stored, text_of(vector));
  Hdf5Array array(path_, file_, vector.name, type_of(vector));
  const auto &there = array.extents(), &here = vector.extents;
  const std::size_t batch = vector.signal;
  const auto batch_end = here.begin() + static_cast<std::ptrdiff_t>(batch);
  const bool one_was_whole = there.size() == batch + 1 || here.size() == batch + 1;
  const bool fits = there == here || (there.size() > batch && one_was_whole &&
                                      std::equal(here.begin(), batch_end, there.begin()) &&
                                      signal_size(there, batch) == signal_size(here, batch));
  if (!fits) differs("the shape " + text_of(there), text_of(here));
  vectors_.push_back({vector, std::move(array)});
}

Box CheckpointReader::whole(std::size_t vector) const {
  const auto& extents = vectors_[vector].array.extents();
  return {std::vector<hsize_t>(extents.size(), 0), extents};
}

void CheckpointReader::read(std::size_t vector, const Box& box, void* entries) const {
  const auto& [wanted, array] = vectors_[vector];
  const std::size_t batch = wanted.signal, rank = box.count.size();
  if (rank == array.extents().size()) return array.read(box.first, box.count, entries);
  // In one dimension the box is lines, `apart` from each other, of entries that lie together.
  std::size_t d = rank - 1;
  while (d > batch && box.count[d] == wanted.extents[d]) --d;
  const auto upto = [&](const std::vector<hsize_t>& numbers, hsize_t last) {
    std::vector<hsize_t> some(numbers.begin(),
                              numbers.begin() + static_cast<std::ptrdiff_t>(batch));
    some.push_back(last);
    return some;
  };
  const std::vector<hsize_t> ones(batch, 1);
  const hsize_t together = signal_size(box.count, d), apart = signal_size(wanted.extents, d);
  hsize_t first = 0;
  for (std::size_t k = batch; k < rank; ++k) first = first * wanted.extents[k] + box.first[k];
  array.read(upto(box.first, first), upto(ones, apart),
             upto(box.count, signal_size(box.count, batch) / together), upto(ones, together),
             entries);
}

}  // namespace misfit::io
