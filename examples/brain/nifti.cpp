// SPDX-License-Identifier: BSD-3-Clause
#include "volume.hpp"

#include <nifti1_io.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace brain {
namespace {

struct FreeImage {
  void operator()(nifti_image* image) const { nifti_image_free(image); }
};
using Image = std::unique_ptr<nifti_image, FreeImage>;

struct Bricks : nifti_brick_list {
  Bricks() : nifti_brick_list{} {}
  ~Bricks() { nifti_free_NBL(this); }
  Bricks(const Bricks&) = delete;
  Bricks& operator=(const Bricks&) = delete;
};

template <typename T>
void convert(const void* brick, std::vector<float>& values, double slope, double intercept) {
  const T* stored = static_cast<const T*>(brick);
  for (std::size_t j = 0; j < values.size(); ++j)
    values[j] = static_cast<float>(slope * static_cast<double>(stored[j]) + intercept);
}

void convert(int datatype, const void* brick, std::vector<float>& values, double slope,
             double intercept) {
  switch (datatype) {
    case DT_UINT8:
      return convert<std::uint8_t>(brick, values, slope, intercept);
    case DT_INT16:
      return convert<std::int16_t>(brick, values, slope, intercept);
    case DT_UINT16:
      return convert<std::uint16_t>(brick, values, slope, intercept);
    case DT_INT32:
      return convert<std::int32_t>(brick, values, slope, intercept);
    case DT_FLOAT32:
      return convert<float>(brick, values, slope, intercept);
    case DT_FLOAT64:
      return convert<double>(brick, values, slope, intercept);
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

  const int first = 0;
  Bricks bricks;
  const Image image(nifti_image_read_bricks(path.c_str(), 1, &first, &bricks));
  const auto bytes_a_voxel = static_cast<std::size_t>(header->nbyper);
  if (!image || bricks.nbricks < 1 || bricks.bsize < nx * ny * nz * bytes_a_voxel)
    throw std::runtime_error("the header tells of " + extents + ", but the file ends before");
  const auto volumes = header->nvox / (nx * ny * nz);
  if (volumes > 1)
    notice = "the file holds " + std::to_string(volumes) + " volumes; only the first is used";

  Volume volume{misfit::Shape{nz, ny, nx},
                {spacing_of(header->dz), spacing_of(header->dy), spacing_of(header->dx)},
                std::vector<float>(nx * ny * nz)};
  // A slope of 0 means that the stored numbers are the values.
  const bool scaled = header->scl_slope != 0;
  convert(header->datatype, bricks.bricks[0], volume.values, scaled ? header->scl_slope : 1.0,
          scaled ? header->scl_inter : 0.0);
  return volume;
}

}  // namespace brain
