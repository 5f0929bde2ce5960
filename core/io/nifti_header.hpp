// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit::io {

/// What a reader of voxels needs of a header, be it NIfTI-1 or NIfTI-2, in this machine's byte
/// order and with what the formats say of fields that are not set.
struct NiftiHeader {
  std::string path;                    ///< of the file that has it
  bool swapped;                        ///< whether the voxels are in the other byte order
  bool one_file;                       ///< else they are in a file .img
  std::array<std::size_t, 7> extents;  ///< x, y, z, time, ...; all positive
  std::array<double, 3> spacing;       ///< along x, y, z [mm]
  int type;                            ///< of the stored voxels, as NIfTI numbers them
  std::size_t offset;                  ///< of the first voxel [bytes]
  double slope, intercept;             ///< value = slope · stored + intercept
};

/// Reads the header of the file `path`, or of the pair of files of which it is one. Throws
/// FileError.
NiftiHeader read_nifti_header(const std::string& path);

}  // namespace misfit::io
