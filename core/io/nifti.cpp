// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <Kokkos_Core.hpp>
#include <nifti1_io.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace misfit::io {

namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

bool is_compressed(const std::string& path) { return nifti_is_gzfile(path.c_str()) != 0; }

/// A file that may be compressed.
class ZFile {
 public:
  ZFile(const std::string& path, const char* mode, bool compressed)
      : file_(znzopen(path.c_str(), mode, compressed ? 1 : 0)) {}
  ZFile(const ZFile&) = delete;
  ZFile& operator=(const ZFile&) = delete;
  ~ZFile() { close(); }

  bool is_open() const { return file_ != nullptr; }
  bool seek(std::size_t byte) {
    return znzseek(file_, static_cast<znz_off_t>(byte), SEEK_SET) >= 0;
  }
  bool read(void* into, std::size_t bytes) { return znzread(into, 1, bytes, file_) == bytes; }
  bool write(const void* data, std::size_t bytes) {
    return znzwrite(data, 1, bytes, file_) == bytes;
  }
  /// Reads to the end, where a compressed file has its check sum, and closes; whether all was well.
  bool ends_well() {
    char rest[4096];
    std::size_t got = 0;
    do {
      got = znzread(rest, 1, sizeof rest, file_);
    } while (got > 0 && got <= sizeof rest);  // it gives -1 for an error
    return got == 0 && close();               // which knows of one that was cut off
  }
  bool close() { return file_ == nullptr || Xznzclose(&file_) == 0; }

 private:
  znzFile file_;
};

template <typename T>
void convert(const char* stored, float* values, std::size_t n, double slope, double intercept) {
  for (std::size_t j = 0; j < n; ++j) {
    T value;
    std::memcpy(&value, stored + j * sizeof(T), sizeof(T));
    values[j] = static_cast<float>(slope * static_cast<double>(value) + intercept);
  }
}

using Convert = void (*)(const char*, float*, std::size_t, double, double);

/// The function that converts stored numbers of a type; null where there is none.
Convert convert_from(int type) {
  switch (type) {
    case DT_INT8:
      return convert<std::int8_t>;
    case DT_UINT8:
      return convert<std::uint8_t>;
    case DT_INT16:
      return convert<std::int16_t>;
    case DT_UINT16:
      return convert<std::uint16_t>;
    case DT_INT32:
      return convert<std::int32_t>;
    case DT_UINT32:
      return convert<std::uint32_t>;
    case DT_FLOAT32:
      return convert<float>;
    case DT_FLOAT64:
      return convert<double>;
    default:
      return nullptr;
  }
}

double spacing_of(float stored, int units) {
  const double unit = XYZT_TO_SPACE(units) == NIFTI_UNITS_METER    ? 1000
                      : XYZT_TO_SPACE(units) == NIFTI_UNITS_MICRON ? 0.001
                                                                   : 1;
  return std::isfinite(stored) && stored > 0 ? unit * stored : 1.0;
}

std::unique_ptr<nifti_1_header, Free> header_of(const std::string& path, bool& swapped) {
  require_regular_file(path);
  nifti_set_debug_level(0);
  int other_order = 0;
  std::unique_ptr<nifti_1_header, Free> header(nifti_read_header(path.c_str(), &other_order, 0));
  if (!header || NIFTI_VERSION(*header) != 1) fail(path, "is no NIfTI-1 file, or cut off");
  swapped = other_order != 0;
  return header;
}

}  // namespace

NiftiFile::NiftiFile(const std::string& path) : path_(path), data_path_(path) {
  const auto header = header_of(path, swapped_);
  if (header->dim[0] < 1 || header->dim[0] > 7)
    fail(path, "has " + std::to_string(header->dim[0]) + " dimensions, 1 to 7 are possible");
  std::size_t extents[8] = {};
  for (int d = 1; d < 8; ++d) {
    const int extent = d <= header->dim[0] ? header->dim[d] : 1;
    if (extent < 1) fail(path, "has the extent " + std::to_string(extent));
    extents[d] = static_cast<std::size_t>(extent);
  }
  shape_ = {extents[3], extents[2], extents[1]};
  for (int d = 0; d < 3; ++d)
    spacing_[static_cast<std::size_t>(d)] = spacing_of(header->pixdim[3 - d], header->xyzt_units);

  type_ = header->datatype;
  int swap_bytes = 0;
  nifti_datatype_sizes(type_, &voxel_bytes_, &swap_bytes);
  if (convert_from(type_) == nullptr)
    fail(path, std::string("has voxels of type ") + nifti_datatype_string(type_) +
                   "; int8, uint8, int16, uint16, int32, uint32, float32 and float64 can be read");
  // A slope of 0 means that the stored numbers are the values.
  if (std::isfinite(header->scl_slope) && header->scl_slope != 0) {
    slope_ = header->scl_slope;
    intercept_ = std::isfinite(header->scl_inter) ? header->scl_inter : 0;
  }

  const bool one_file = NIFTI_ONEFILE(*header);
  const float least = one_file ? sizeof(nifti_1_header) : 0;
  // The largest float below 2^31.
  if (!(header->vox_offset >= least || header->vox_offset == 0) ||
      header->vox_offset > 2147483520.0F)
    fail(path, "has its voxels at byte " + std::to_string(header->vox_offset));
  offset_ = static_cast<std::size_t>(std::max(header->vox_offset, least));
  if (!one_file) {
    const std::unique_ptr<char, Free> name(nifti_findimgname(path.c_str(), NIFTI_FTYPE_NIFTI1_2));
    if (!name) fail(path, "has no .img file beside it");
    data_path_ = name.get();
  }

  // No compressed file is smaller than a 1032nd; so a header that lies fills no memory.
  const std::size_t room = InputFile(data_path_).size() * (is_compressed(data_path_) ? 1032 : 1);
  const auto voxel = static_cast<std::size_t>(voxel_bytes_);
  std::size_t left = room < offset_ ? 0 : (room - offset_) / voxel / shape_.size();
  for (int d = 4; d < 8; ++d) {
    volumes_ *= extents[d];
    left /= extents[d];
  }
  if (left == 0)
    fail(data_path_, "is too short for " + shape_.text() + " voxels" +
                         (volumes_ > 1 ? " in " + std::to_string(volumes_) + " volumes" : ""));
}

HostVector<float> NiftiFile::read(std::size_t volume, std::size_t first_slice,
                                  std::size_t slices) const {
  if (volume >= volumes_ || first_slice > shape_[0] || slices > shape_[0] - first_slice)
    throw ArgumentError("NiftiFile::read: volume " + std::to_string(volume) + ", slices " +
                        std::to_string(first_slice) + " to " + std::to_string(first_slice) + " + " +
                        std::to_string(slices) + " of " + std::to_string(volumes_) +
                        " volumes with " + std::to_string(shape_[0]) + " slices in " + path_);
  const std::size_t nx = shape_[2], rows = slices * shape_[1];
  const std::size_t row_bytes = nx * static_cast<std::size_t>(voxel_bytes_);
  HostVector<float> values(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::io::NiftiFile::read"), rows * nx);

  // Not by the library's own function for images, which replaces numbers that are not finite by 0.
  ZFile file(data_path_, "rb", is_compressed(data_path_));
  if (!file.is_open()) fail_with_reason(data_path_, "cannot be opened");
  bool complete = file.seek(offset_ + (volume * shape_[0] + first_slice) * shape_[1] * row_bytes);
  std::vector<char> row(row_bytes);
  for (std::size_t r = 0; complete && r < rows; ++r) {
    complete = file.read(row.data(), row_bytes);
    if (swapped_ && voxel_bytes_ > 1) nifti_swap_Nbytes(nx, voxel_bytes_, row.data());
    convert_from(type_)(row.data(), values.data() + r * nx, nx, slope_, intercept_);
  }
  const bool to_the_end = volume + 1 == volumes_ && first_slice + slices == shape_[0];
  if (complete && to_the_end && is_compressed(data_path_)) complete = file.ends_well();
  if (!complete)
    fail(data_path_, "is corrupt, or ends before the last voxel that its header tells of");
  return values;
}

void write_nifti(const std::string& path, const Shape& shape, const std::array<double, 3>& spacing,
                 const HostVector<const float>& values) {
  const bool compressed = path.ends_with(".nii.gz");
  if (!compressed && !path.ends_with(".nii"))
    throw ArgumentError("write_nifti: " + path + " ends neither in .nii nor in .nii.gz");
  if (shape.rank() != 3 || values.size() != shape.size())
    throw ArgumentError("write_nifti: " + std::to_string(values.size()) +
                        " values for a volume of " + shape.text());
  int dims[8] = {3, 0, 0, 0, 1, 1, 1, 1};
  for (std::size_t d = 0; d < 3; ++d) {
    if (shape[d] > static_cast<std::size_t>(std::numeric_limits<short>::max()))
      throw ArgumentError("write_nifti: " + shape.text() + " has an extent above 32767");
    if (!std::isfinite(spacing[d]) || !(spacing[d] > 0))
      throw ArgumentError("write_nifti: a spacing is not a positive number");
    dims[3 - d] = static_cast<int>(shape[d]);
  }
  nifti_set_debug_level(0);
  const std::unique_ptr<nifti_1_header, Free> header(nifti_make_new_header(dims, DT_FLOAT32));
  if (!header) fail(path, "cannot be written: the library makes no header");
  for (std::size_t d = 0; d < 3; ++d) header->pixdim[3 - d] = static_cast<float>(spacing[d]);
  header->xyzt_units = NIFTI_UNITS_MM;
  header->scl_slope = 1;
  constexpr char no_extensions[4] = {};
  header->vox_offset = sizeof(nifti_1_header) + sizeof no_extensions;

  OutputFile target(path);
  ZFile file(target.temporary_path(), "wb", compressed);
  const bool wrote = file.is_open() && file.write(header.get(), sizeof(nifti_1_header)) &&
                     file.write(no_extensions, sizeof no_extensions) &&
                     file.write(values.data(), values.size() * sizeof(float));
  if (!file.close() || !wrote) fail_with_reason(path, "cannot be written");
  target.commit();
}

}  // namespace misfit::io
