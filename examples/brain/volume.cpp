// SPDX-License-Identifier: BSD-3-Clause
#include "volume.hpp"

#include "../support/volume.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace brain {

Volume read_volume(const std::string& path, int which) {
  const misfit::io::NiftiFile file(path);
  const auto& shape = file.shape();
  constexpr std::size_t least = 16;
  if (std::min({shape[0], shape[1], shape[2]}) < least)
    throw misfit::FileError(path + ": is no 3-D image of at least " + std::to_string(least) +
                            " voxels in each dimension, but " + shape.text());

  const auto read = file.read(examples::volume_of(file, path, which));
  Volume volume{shape, file.spacing(), {read.data(), read.data() + read.size()}};
  if (!std::all_of(volume.values.begin(), volume.values.end(),
                   [](float value) { return std::isfinite(value); }))
    throw misfit::FileError(path + ": has voxels that are not finite numbers");
  const auto [lowest, highest] = std::minmax_element(volume.values.begin(), volume.values.end());
  const double low = *lowest, range = static_cast<double>(*highest) - low;
  if (range == 0) throw misfit::FileError(path + ": is empty: all its voxels are equal");
  for (float& value : volume.values) value = static_cast<float>((value - low) / range);
  return volume;
}

Volume halved(const Volume& volume) {
  const auto& from = volume.shape;
  Volume result{misfit::Shape{from[0] / 2, from[1] / 2, from[2] / 2}, volume.spacing, {}};
  for (double& spacing : result.spacing) spacing *= 2;
  result.values.reserve(result.shape.size());
  for (std::size_t z = 0; z < result.shape[0]; ++z)
    for (std::size_t y = 0; y < result.shape[1]; ++y)
      for (std::size_t x = 0; x < result.shape[2]; ++x) {
        float sum = 0;
        for (std::size_t corner = 0; corner < 8; ++corner) {
          const std::size_t at_z = 2 * z + corner / 4, at_y = 2 * y + corner / 2 % 2;
          sum += volume.values[(at_z * from[1] + at_y) * from[2] + 2 * x + corner % 2];
        }
        result.values.push_back(sum / 8);
      }
  return result;
}

namespace {

/// The two samples beside voxel p, of `n`: the same one twice where p lies on a sample or beyond
/// the last.
std::pair<std::size_t, std::size_t> neighbours(std::size_t p, std::size_t n) {
  return {p / 2, std::min((p + 1) / 2, n - 1)};
}

}  // namespace

std::vector<float> upsampled_planes(const std::array<std::size_t, 2>& sampled,
                                    const std::vector<float>& samples,
                                    const std::array<std::size_t, 2>& shape) {
  const std::size_t plane = sampled[0] * sampled[1], planes = samples.size() / plane;
  std::vector<float> result;
  result.reserve(planes * shape[0] * shape[1]);
  for (std::size_t z = 0; z < planes; ++z)
    for (std::size_t y = 0; y < shape[0]; ++y) {
      const auto [y0, y1] = neighbours(y, sampled[0]);
      const float* const upper = samples.data() + z * plane + y0 * sampled[1];
      const float* const lower = samples.data() + z * plane + y1 * sampled[1];
      for (std::size_t x = 0; x < shape[1]; ++x) {
        const auto [x0, x1] = neighbours(x, sampled[1]);
        result.push_back((upper[x0] + upper[x1] + lower[x0] + lower[x1]) / 4);
      }
    }
  return result;
}

}  // namespace brain
