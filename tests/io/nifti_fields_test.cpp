// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"
#include "io/nifti_file.hpp"

#include <misfit/io/nifti.hpp>

#include <gtest/gtest.h>
#include <nifti1_io.h>

#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

// What nifti1.h says of fields that are not set, or not set as one would think.

namespace {

using misfit::Shape;
using misfit::io::NiftiFile;
using misfit::test::bytes_of;
using misfit::test::nifti_file;
using misfit::test::nifti_header;
using misfit::test::swapped;
using misfit::test::write_bytes;
using Spacing = std::array<double, 3>;

class NiftiFields : public testing::Test {
 protected:
  const misfit::test::Folder folder;
  const std::string path = folder / "v.nii";

  /// A file with this header and voxels 0, 1, ..., 23 from byte 352 on, in either byte order.
  template <typename Expect>
  void expect_of(nifti_1_header header, Expect&& expect) {
    const float offset = header.vox_offset;
    header.vox_offset = 352;
    auto bytes = nifti_file<float>(header, 24);
    header.vox_offset = offset;
    auto other = swapped<float>(bytes);
    std::memcpy(bytes.data(), &header, sizeof header);
    swap_nifti_header(&header, 1);
    std::memcpy(other.data(), &header, sizeof header);
    for (const auto& text : {bytes, other}) {
      write_bytes(path, text);
      const NiftiFile file(path);
      const auto values = file.read();
      ASSERT_EQ(values.size(), file.shape().size());
      for (std::size_t j = 0; j < values.size(); ++j) ASSERT_EQ(values(j), static_cast<float>(j));
      expect(file);
    }
  }
};

TEST_F(NiftiFields, widths_are_absolute) {
  auto header = nifti_header({4, 3, 2}, DT_FLOAT32);
  const auto spacing_is = [&](float x, float y, float z, const Spacing& spacing) {
    header.pixdim[1] = x;
    header.pixdim[2] = y;
    header.pixdim[3] = z;
    expect_of(header, [&](const NiftiFile& file) { EXPECT_EQ(file.spacing(), spacing); });
  };

  spacing_is(-2, -3, 4, {4, 3, 2});
  spacing_is(0, -0.5F, -0.0F, {1, 0.5, 1});
  spacing_is(INFINITY, -INFINITY, std::nanf(""), {1, 1, 1});
  header.pixdim[0] = -1;  // which only tells of handedness
  header.qform_code = header.sform_code = 1;
  header.srow_x[0] = -7;
  spacing_is(2, 3, -4, {4, 3, 2});
  header.xyzt_units = static_cast<char>(NIFTI_UNITS_MICRON | NIFTI_UNITS_MSEC);
  spacing_is(-500, 250, 1000, {1, 0.25, 0.5});
  header.xyzt_units = static_cast<char>(NIFTI_UNITS_UNKNOWN | NIFTI_UNITS_HZ);
  spacing_is(-2, 3, 4, {4, 3, 2});
}

TEST_F(NiftiFields, extents_that_are_not_set_are_1) {
  for (const short dimensions : {4, 5, 6, 7}) {
    auto header = nifti_header({4, 3, 2}, DT_FLOAT32);
    header.dim[0] = dimensions;
    for (int d = 4; d < 8; ++d) header.dim[d] = 0;
    expect_of(header, [](const NiftiFile& file) {
      EXPECT_EQ(file.shape(), Shape({2, 3, 4}));
      EXPECT_EQ(file.volumes(), 1);
    });
  }
  auto header = nifti_header({24, 1, 1}, DT_FLOAT32);
  header.dim[2] = header.dim[3] = 0;
  expect_of(header, [](const NiftiFile& file) { EXPECT_EQ(file.shape(), Shape({1, 1, 24})); });
}

TEST_F(NiftiFields, extents_beyond_the_dimensions_say_nothing) {
  auto header = nifti_header({6, 4}, DT_FLOAT32);
  for (int d = 3; d < 8; ++d) header.dim[d] = static_cast<short>(d % 2 == 0 ? 77 : -1);
  expect_of(header, [](const NiftiFile& file) {
    EXPECT_EQ(file.shape(), Shape({1, 4, 6}));
    EXPECT_EQ(file.volumes(), 1);
  });
}

TEST_F(NiftiFields, vectors_are_volumes) {
  auto header = nifti_header({2, 2, 1, 2, 3}, DT_FLOAT32);
  header.intent_code = NIFTI_INTENT_VECTOR;
  write_bytes(path, nifti_file<float>(header, 24));
  const NiftiFile file(path);

  EXPECT_EQ(file.volumes(), 6);
  EXPECT_EQ(file.read(5)(3), 23);
}

TEST_F(NiftiFields, no_voxel_lies_before_byte_352) {
  for (const float offset : {0.0F, 100.0F, 348.0F, 351.5F, -1.0F, 352.0F, 352.7F}) {
    auto header = nifti_header({4, 3, 2}, DT_FLOAT32);
    header.vox_offset = offset;
    expect_of(header, [](const NiftiFile&) {});
  }
}

TEST_F(NiftiFields, what_lies_between_header_and_voxels_is_skipped) {
  auto header = nifti_header({4, 3, 2}, DT_FLOAT32);
  header.vox_offset = 384;
  auto bytes = nifti_file<float>(header, 24);
  bytes[348] = 1;  // an extension of 32 bytes
  bytes[352] = 32;
  for (std::size_t at = 360; at < 384; ++at) bytes[at] = 'x';
  write_bytes(path, bytes);

  EXPECT_EQ(NiftiFile(path).read()(23), 23);
}

TEST_F(NiftiFields, voxels_of_a_pair_lie_where_the_header_says) {
  auto header = nifti_header({4, 3, 2}, DT_FLOAT32);
  header.magic[1] = 'i';
  for (const float offset : {0.0F, 8.0F, 352.0F}) {
    header.vox_offset = offset;
    const std::string head(reinterpret_cast<const char*>(&header), sizeof header);
    write_bytes(folder / "w.hdr", head);
    header.vox_offset = 352;
    const auto voxels = nifti_file<float>(header, 24).substr(352);
    write_bytes(folder / "w.img", std::string(static_cast<std::size_t>(offset), 'x') + voxels);

    EXPECT_EQ(NiftiFile(folder / "w.hdr").read()(23), 23);
    EXPECT_EQ(NiftiFile(folder / "w.img").read()(1), 1);
  }
}

}  // namespace
