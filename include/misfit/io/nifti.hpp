// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/io/host_vector.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace misfit::io {

/// A NIfTI-1 or NIfTI-2 file of real voxels: .nii, or a pair .hdr and .img, each also compressed
/// (.gz).
///
/// Holds no open file; every read() opens it anew, and reads no voxels but those it is asked for
/// (of a compressed file also those before them; its check sum is verified where the last voxel is
/// read). Voxels may be stored as integers of 8 to 64 bits, float or double, in either byte order.
/// What a header leaves unset is taken as nifti1.h says, and as niftiio does: an extent of 0 beyond
/// the first as 1, a width of 0 as 1, a slope of 0 as no scaling, voxels within the header as those
/// right behind it. Orientation is not looked at. Throws FileError if a file is missing, unreadable
/// or no such file, and if it ends before the voxels that the header tells of.
class NiftiFile {
 public:
  /// Reads the header.
  explicit NiftiFile(const std::string& path);

  /// (z, y, x) of one volume; an extent is 1 where the file has fewer dimensions.
  const Shape& shape() const noexcept { return shape_; }
  /// Between voxels, in the order of the shape [mm]: absolute values; 1 where the file gives
  /// no valid one.
  const std::array<double, 3>& spacing() const noexcept { return spacing_; }
  /// How many volumes there are: the product of the dimensions beyond the third.
  std::size_t volumes() const noexcept { return volumes_; }

  /// The voxels of a volume, in the flat order of the shape: scl_slope · stored + scl_inter.
  ///
  /// What is stored as not finite stays so. Throws ArgumentError if there is no such volume.
  HostVector<float> read(std::size_t volume = 0) const { return read(volume, {0, shape_[0]}); }
  /// Those of some slices, rows of z: of a slab where Slabs cut along dimension 0. None where
  /// `rows` are. Throws ArgumentError if there are no such rows.
  HostVector<float> read(std::size_t volume, const Rows& rows) const;

 private:
  std::string path_, data_path_;
  Shape shape_{1, 1, 1};
  std::array<double, 3> spacing_{1, 1, 1};
  std::size_t volumes_ = 1;
  std::size_t offset_ = 0;  // of the first voxel in the data [bytes]
  int type_ = 0;            // of the stored voxels, as NIfTI numbers them
  int voxel_bytes_ = 0;
  bool swapped_ = false;
  double slope_ = 1, intercept_ = 0;
};

/// Writes `values`, a volume of `shape` (z, y, x), as a NIfTI-1 file of floats; `spacing` between
/// voxels in the order of the shape [mm].
///
/// `path` ends in .nii, or in .nii.gz and the file is compressed. It is complete or, after an
/// error, as it was before. Throws ArgumentError if the shape has not 3 extents of at most 32767 or
/// another size than values, if a spacing is not positive and if the path ends otherwise; FileError
/// if writing fails.
void write_nifti(const std::string& path, const Shape& shape, const std::array<double, 3>& spacing,
                 const HostVector<const float>& values);

}  // namespace misfit::io
