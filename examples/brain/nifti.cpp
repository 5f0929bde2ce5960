// SPDX-License-Identifier: BSD-3-Clause
#include "volume.hpp"

#include <nifti1_io.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

namespace brain {
namespace {

struct FreeImage {
  void operator()(nifti_image* image) const { nifti_image_free(image); }
};
using Image = std::unique_ptr<nifti_image, FreeImage>;

struct Close {
  void operator()(znzptr* file) const { znzclose(file); }
};
using File = std::unique_ptr<znzptr, Close>;

template <typename T>
void append(const std::vector<char>& stored, std::vector<float>& values, double slope,
            double intercept) {
  for (std::size_t byte = 0; byte < stored.size(); byte += sizeof(T)) {
    T value;
    std::memcpy(&value, stored.data() + byte, sizeof(T));
    values.push_back(static_cast<float>(slope * static_cast<double>(value) + intercept));
  }
}

/// The function that appends numbers of a type to values.
auto reader_of(int datatype) {
  switch (datatype) {
    case DT_UINT8:
      return append<std::uint8_t>;
    case DT_INT16:
      return append<std::int16_t>;
    case DT_UINT16:
      return append<std::uint16_t>;
    case DT_INT32:
      return append<std::int32_t>;
    case DT_FLOAT32:
      return append<float>;
    case DT_FLOAT64:
      return append<double>;
    default:
      throw std::runtime_error(std::string("voxels of type ") + nifti_datatype_string(datatype) +
                               " are not supported; uint8, int16, uint16, int32, float32 and "
                               "float64 are");
  }
}

double spacing_of(float stored) { return std::isfinite(stored) && stored > 0 ? stored : 1.0; }

}  // namespace

Volume read_nifti(const std::string& path, std::string& notice) {
  nifti_set_debug_level(0);
  const Image header(nifti_image_read(path.c_str(), 0));
  if (!header) throw std::runtime_error("not a readable NIfTI-1 file");
  const auto extent = [](int n) { return static_cast<std::size_t>(n > 0 ? n : 0); };
  const std::size_t nx = extent(header->nx), ny = extent(header->ny), nz = extent(header->nz);
  const std::string extents =
      std::to_string(nx) + " x " + std::to_string(ny) + " x " + std::to_string(nz) + " voxels";
  constexpr std::size_t least = 16;
  if (header->ndim < 3 || std::min({nx, ny, nz}) < least)
    throw std::runtime_error("not a 3-D image of at least " + std::to_string(least) +
                             " voxels in each dimension, but " + extents);

  const auto read = reader_of(header->datatype);
  const auto volumes = static_cast<std::size_t>(header->nvox) / (nx * ny * nz);
  if (volumes > 1)
    notice = "the file holds " + std::to_string(volumes) + " volumes; only the first is used";

  Volume volume{misfit::Shape{nz, ny, nx},
                {spacing_of(header->dz), spacing_of(header->dy), spacing_of(header->dx)},
                {}};
  // A slope of 0 means that the stored numbers are the values.
  const bool scaled = header->scl_slope != 0;
  const double slope = scaled ? header->scl_slope : 1, intercept = scaled ? header->scl_inter : 0;
  // Row by row, so that a header that lies fills no memory; and not by the library's own function
  // for images, which replaces numbers that are not finite by 0.
  const File file(znzopen(header->iname, "rb", nifti_is_gzfile(header->iname)));
  bool complete = file && header->iname_offset >= 0 &&
                  znzseek(file.get(), static_cast<long>(header->iname_offset), SEEK_SET) >= 0;
  std::vector<char> row(nx * static_cast<std::size_t>(header->nbyper));
  for (std::size_t left = ny * nz; complete && left > 0; --left) {
    complete = znzread(row.data(), 1, row.size(), file.get()) == row.size();
    if (header->byteorder != nifti_short_order() && header->swapsize > 1)
      nifti_swap_Nbytes(nx, header->swapsize, row.data());
    if (complete) read(row, volume.values, slope, intercept);
  }
  if (!complete)
    throw std::runtime_error("the header tells of " + extents + ", but the file ends before");
  return volume;
}

}  // namespace brain
