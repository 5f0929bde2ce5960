// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/shape.hpp>

#include <array>
#include <string>
#include <vector>

namespace brain {

/// A 3-D image in host memory, of shape (z, y, x) and row-major: x runs fastest.
struct Volume {
  misfit::Shape shape;
  std::array<double, 3> spacing;  ///< between voxels, in the order of the shape [mm]
  std::vector<float> values;
};

/// Volume `which` of a NIfTI file, or the only one where that is negative, scaled so that its
/// values fill [0, 1].
///
/// Throws misfit::FileError if the file cannot be read, if it holds several volumes and none is
/// named, if it is smaller than 16 voxels in a dimension, and if a value is not finite or all are
/// equal; ArgumentError if there is no such volume.
Volume read_volume(const std::string& path, int which);

/// The means of 2 x 2 x 2 voxels. A last odd voxel of a dimension is dropped.
Volume halved(const Volume& volume);

/// Bilinear interpolation of `samples`, planes of shape (y, x), on planes of `shape`; entry k of a
/// line lies on voxel 2k. Beyond the last sample it is constant.
std::vector<float> upsampled_planes(const std::array<std::size_t, 2>& sampled,
                                    const std::vector<float>& samples,
                                    const std::array<std::size_t, 2>& shape);

}  // namespace brain
