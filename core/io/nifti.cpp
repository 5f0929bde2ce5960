// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"
#include "gzip_reader.hpp"
#include "nifti_header.hpp"
#include "znz_file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>
#include <misfit/rows.hpp>

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
#include <string_view>
#include <vector>

namespace misfit::io {

namespace {

/// Whether all that is finite is so as a float, too.
template <typename T>
bool convert(const char* stored, float* values, std::size_t n, double slope, double intercept) {
  bool fits = true;
  for (std::size_t j = 0; j < n; ++j) {
    T value;
    std::memcpy(&value, stored + j * sizeof(T), sizeof(T));
    const auto number = static_cast<double>(value);
    values[j] = static_cast<float>(slope * number + intercept);
    fits = fits && (std::isfinite(values[j]) || !std::isfinite(number));
  }
  return fits;
}

using Convert = bool (*)(const char*, float*, std::size_t, double, double);

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
    case DT_INT64:
      return convert<std::int64_t>;
    case DT_UINT64:
      return convert<std::uint64_t>;
    case DT_FLOAT32:
      return convert<float>;
    case DT_FLOAT64:
      return convert<double>;
    default:
      return nullptr;
  }
}

/// How many whole numbers fit between the extents of a volume and the end of a file. 0 where the
/// volume itself does not fit.
std::size_t volumes_that_fit(std::size_t room, const NiftiHeader& header, std::size_t voxel) {
  std::size_t left = room < header.offset ? 0 : (room - header.offset) / voxel;
  for (std::size_t d = 0; d < 3; ++d) left /= header.extents[d];
  return left;
}

/// The second of two files. niftiio would take a file .nii for it, where there is one.
std::string image_file_of(const std::string& path, const NiftiHeader& header) {
  const std::unique_ptr<char, void (*)(void*)> name(
      nifti_findimgname(header.path.c_str(), NIFTI_FTYPE_NIFTI1_2), std::free);
  const std::string_view found = name ? name.get() : "";
  for (const auto* ending : {".img", ".img.gz", ".IMG", ".IMG.GZ"})
    if (found.ends_with(ending)) return std::string(found);
  fail(path, "has no .img file beside it");
}

}  // namespace

NiftiFile::NiftiFile(const std::string& path) : path_(path) {
  const auto header = read_nifti_header(path);
  // niftiio would take the header of a file .nii of the same name.
  if (header.one_file && header.path != path)
    fail(path, "has no .hdr file beside it of which it is the voxels");
  data_path_ = header.one_file ? path : image_file_of(path, header);
  swapped_ = header.swapped;
  offset_ = header.offset;
  slope_ = header.slope;
  intercept_ = header.intercept;
  type_ = header.type;
  int swap_bytes = 0;
  nifti_datatype_sizes(type_, &voxel_bytes_, &swap_bytes);
  if (convert_from(type_) == nullptr)
    fail(path, std::string("has voxels of type ") + nifti_datatype_string(type_) +
                   "; int8 to int64, uint8 to uint64, float32 and float64 can be read");

  // Compression saves at most a factor of 1032: a header that asks for more is wrong.
  const GzipReader data(data_path_);
  const std::size_t room = data.file_size() * (data.compressed() ? 1032 : 1);
  const auto& extents = header.extents;
  std::size_t left = volumes_that_fit(room, header, static_cast<std::size_t>(voxel_bytes_));
  std::string volumes;
  for (std::size_t d = 3; d < extents.size(); ++d) {
    left /= extents[d];
    if (extents[d] > 1) volumes += (volumes.empty() ? ", " : " x ") + std::to_string(extents[d]);
  }
  if (left == 0)
    fail(data_path_, "is too short for " + std::to_string(extents[2]) + " x " +
                         std::to_string(extents[1]) + " x " + std::to_string(extents[0]) +
                         " voxels" + (volumes.empty() ? "" : volumes + " volumes"));
  shape_ = {extents[2], extents[1], extents[0]};
  for (std::size_t d = 0; d < 3; ++d) spacing_[d] = header.spacing[2 - d];
  for (std::size_t d = 3; d < extents.size(); ++d) volumes_ *= extents[d];
}

HostVector<float> NiftiFile::read(std::size_t volume, const Rows& rows) const {
  if (volume >= volumes_ || rows.begin > rows.end || rows.end > shape_[0])
    throw ArgumentError("NiftiFile::read: volume " + std::to_string(volume) + ", " + rows.text() +
                        ", of " + std::to_string(volumes_) + " volumes with " +
                        std::to_string(shape_[0]) + " slices in " + path_);
  const std::size_t voxels = shape_[1] * shape_[2];  // of a slice
  const std::size_t bytes = voxels * static_cast<std::size_t>(voxel_bytes_);
  HostVector<float> values(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::io::NiftiFile::read"),
      rows.size() * voxels);
  if (rows.empty()) return values;

  // Not by the library's own function for images, which replaces numbers that are not finite by 0.
  GzipReader file(data_path_);
  bool fits = true;
  bool complete = file.skip(offset_ + (volume * shape_[0] + rows.begin) * bytes);
  std::vector<char> slice(bytes);
  for (std::size_t z = 0; complete && z < rows.size(); ++z) {
    complete = file.read(slice.data(), bytes);
    if (swapped_ && voxel_bytes_ > 1) nifti_swap_Nbytes(voxels, voxel_bytes_, slice.data());
    fits =
        convert_from(type_)(slice.data(), values.data() + z * voxels, voxels, slope_, intercept_) &&
        fits;
  }
  const bool to_the_end = volume + 1 == volumes_ && rows.end == shape_[0];
  if (complete && to_the_end) complete = file.ends_well();
  if (!complete)
    fail(data_path_, "is corrupt, or ends before the last voxel that its header tells of");
  if (!fits) fail(data_path_, "has voxels beyond the range of float");
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
  nifti_1_header header{};
  header.sizeof_hdr = sizeof header;
  header.regular = 'r';
  std::fill(header.dim, header.dim + 8, short{1});
  header.dim[0] = 3;
  std::fill(header.pixdim, header.pixdim + 8, 1.0F);
  for (std::size_t d = 0; d < 3; ++d) {
    if (shape[d] > static_cast<std::size_t>(std::numeric_limits<short>::max()))
      throw ArgumentError("write_nifti: " + shape.text() + " has an extent above 32767");
    const auto width = static_cast<float>(spacing[d]);
    if (!std::isfinite(width) || !(width > 0))
      throw ArgumentError("write_nifti: a spacing is not a positive number");
    header.dim[3 - d] = static_cast<short>(shape[d]);
    header.pixdim[3 - d] = width;
  }
  header.datatype = DT_FLOAT32;
  header.bitpix = 8 * sizeof(float);
  header.xyzt_units = NIFTI_UNITS_MM;
  header.scl_slope = 1;
  std::memcpy(header.magic, "n+1", sizeof header.magic);
  constexpr char no_extensions[4] = {};
  header.vox_offset = sizeof header + sizeof no_extensions;

  OutputFile target(path);
  ZnzFile file(target.temporary_path(), compressed);
  const bool wrote = file.is_open() && file.write(&header, sizeof header) &&
                     file.write(no_extensions, sizeof no_extensions) &&
                     file.write(values.data(), values.size() * sizeof(float));
  if (!file.close() || !wrote) fail_with_reason(path, "cannot be written");
  target.commit();
}

}  // namespace misfit::io
