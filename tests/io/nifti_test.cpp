// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"
#include "io/nifti_file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <nifti1_io.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::Rows;
using misfit::Shape;
using misfit::io::NiftiFile;
using misfit::io::write_nifti;
using misfit::test::bytes_of;
using misfit::test::expect_equal;
using misfit::test::expect_error;
using misfit::test::nifti_file;
using misfit::test::nifti_header;
using misfit::test::swapped;
using misfit::test::volume_of;
using misfit::test::write_bytes;
using Names = std::vector<std::string>;
using Spacing = std::array<double, 3>;
using Range = std::pair<std::size_t, std::size_t>;

class NiftiTest : public testing::Test {
 protected:
  const misfit::test::Folder folder;
  const std::string path = folder / "v.nii", compressed = folder / "v.nii.gz";

  template <typename T>
  void expect_reads(int type) {
    const auto bytes = nifti_file<T>(nifti_header({4, 3, 2}, type), 24);
    for (const auto& text : {bytes, swapped<T>(bytes)}) {
      write_bytes(path, text);
      const NiftiFile file(path);
      const auto values = file.read();
      EXPECT_EQ(file.shape(), Shape({2, 3, 4}));
      for (std::size_t j = 0; j < 24; ++j) EXPECT_EQ(values(j), static_cast<float>(j));
    }
  }
};

TEST_F(NiftiTest, reads_what_it_wrote) {
  const auto values = volume_of(2 * 3 * 4);
  values(5) = INFINITY;
  for (const auto& name : {path, compressed}) {
    write_nifti(name, {2, 3, 4}, {2.5, 0.5, 1}, values);

    const NiftiFile file(name);

    EXPECT_EQ(file.shape(), Shape({2, 3, 4}));
    EXPECT_EQ(file.spacing(), (Spacing{2.5, 0.5, 1}));
    EXPECT_EQ(file.volumes(), 1);
    expect_equal(file.read(), values);
  }
  EXPECT_EQ(folder.names(), (Names{"v.nii", "v.nii.gz"}));
  EXPECT_EQ(bytes_of(path).size(), 352 + 24 * sizeof(float));
  EXPECT_EQ(bytes_of(compressed).substr(0, 2), "\x1f\x8b");
}

TEST_F(NiftiTest, niftiio_reads_what_it_wrote) {
  const auto values = volume_of(24);
  for (const auto& name : {path, compressed}) {
    write_nifti(name, {2, 3, 4}, {2.5, 0.5, 1}, values);

    nifti_image* const image = nifti_image_read(name.c_str(), 1);

    ASSERT_NE(image, nullptr);
    EXPECT_EQ(image->ndim, 3);
    EXPECT_EQ((std::vector{image->nx, image->ny, image->nz}), (std::vector{4, 3, 2}));
    EXPECT_EQ((std::vector{image->dx, image->dy, image->dz}), (std::vector{1.0F, 0.5F, 2.5F}));
    EXPECT_EQ(image->xyz_units, NIFTI_UNITS_MM);
    EXPECT_EQ(std::memcmp(image->data, values.data(), 24 * sizeof(float)), 0);
    nifti_image_free(image);
  }
}

TEST_F(NiftiTest, reads_every_type_in_both_byte_orders) {
  expect_reads<std::int8_t>(DT_INT8);
  expect_reads<std::uint8_t>(DT_UINT8);
  expect_reads<std::int16_t>(DT_INT16);
  expect_reads<std::uint16_t>(DT_UINT16);
  expect_reads<std::int32_t>(DT_INT32);
  expect_reads<std::uint32_t>(DT_UINT32);
  expect_reads<std::int64_t>(DT_INT64);
  expect_reads<std::uint64_t>(DT_UINT64);
  expect_reads<float>(DT_FLOAT32);
  expect_reads<double>(DT_FLOAT64);
}

TEST_F(NiftiTest, reads_volumes_and_slices_of_what_niftiio_wrote) {
  const int dims[8] = {5, 4, 3, 2, 3, 2, 1, 1};  // six volumes of 24 voxels
  for (const std::string suffix : {".nii", ".nii.gz", ".hdr", ".img", ".hdr.gz"}) {
    const auto name = folder / ("by_niftiio" + suffix);
    const bool pair = suffix.find(".nii") == std::string::npos;
    nifti_image* const image = nifti_make_new_nim(dims, DT_INT16, 1);
    for (int j = 0; j < 144; ++j)
      static_cast<std::int16_t*>(image->data)[j] = static_cast<std::int16_t>(j);
    image->nifti_type = pair ? NIFTI_FTYPE_NIFTI1_2 : NIFTI_FTYPE_NIFTI1_1;
    ASSERT_EQ(nifti_set_filenames(image, name.c_str(), 0, 1), 0);
    nifti_image_write(image);
    nifti_image_free(image);

    const NiftiFile file(name);

    EXPECT_EQ(file.volumes(), 6) << suffix;
    for (std::size_t volume = 0; volume < 6; ++volume) {
      const auto whole = file.read(volume);
      ASSERT_EQ(whole.size(), 24);
      for (std::size_t j = 0; j < 24; ++j)
        ASSERT_EQ(whole(j), static_cast<float>(24 * volume + j)) << suffix;
      expect_equal(file.read(volume, {1, 2}), Kokkos::subview(whole, Range{12, 24}));
      expect_equal(file.read(volume, {0, 1}), Kokkos::subview(whole, Range{0, 12}));
      for (const std::size_t z : {0, 1, 2}) EXPECT_EQ(file.read(volume, {z, z}).size(), 0);
    }
    const std::size_t most = std::numeric_limits<std::size_t>::max();
    expect_error<ArgumentError>([&] { file.read(6); }, {"volume 6", name});
    for (const Rows& rows : {Rows{0, 3}, {2, 3}, {3, 3}, {2, 1}, {1, most}, {most, 1}})
      expect_error<ArgumentError>([&] { file.read(0, rows); }, {rows.text(), "2 slices", name});
  }
}

TEST_F(NiftiTest, refuses_what_no_float_holds) {
  auto header = nifti_header({4, 3, 2}, DT_FLOAT32);
  header.scl_slope = 1e38F;
  write_bytes(path, nifti_file<float>(header, 24));
  const NiftiFile file(path);
  expect_error<misfit::FileError>([&] { file.read(); }, {path, "beyond the range of float"});
  EXPECT_EQ(file.read(0, {0, 0}).size(), 0U);
}

TEST_F(NiftiTest, applies_scale_and_units) {
  auto header = nifti_header({4, 3, 2}, DT_FLOAT32);
  header.pixdim[1] = 500;
  header.pixdim[2] = -2;
  header.pixdim[3] = std::nanf("");
  header.xyzt_units = NIFTI_UNITS_MICRON | NIFTI_UNITS_SEC;
  const auto voxel_9 = [&](float slope, float intercept) {
    header.scl_slope = slope;
    header.scl_inter = intercept;
    write_bytes(path, nifti_file<float>(header, 24));
    return NiftiFile(path).read()(9);
  };

  EXPECT_EQ(voxel_9(0.5F, 100), 104.5F);
  EXPECT_EQ(voxel_9(0, 100), 9);
  EXPECT_EQ(voxel_9(std::nanf(""), 100), 9);
  EXPECT_EQ(voxel_9(2, INFINITY), 18);
  EXPECT_EQ(NiftiFile(path).spacing(), (Spacing{1, 0.002, 0.5}));
  header.xyzt_units = NIFTI_UNITS_METER;
  header.pixdim[1] = 0.002F;
  voxel_9(1, 0);
  EXPECT_FLOAT_EQ(static_cast<float>(NiftiFile(path).spacing()[2]), 2);
}

TEST_F(NiftiTest, keeps_what_is_not_finite) {
  auto bytes = nifti_file<float>(nifti_header({4, 3, 2}, DT_FLOAT32), 24);
  const float stored[] = {std::nanf(""), INFINITY, -INFINITY};
  std::memcpy(bytes.data() + 352, stored, sizeof stored);
  write_bytes(path, bytes);

  const auto values = NiftiFile(path).read();

  EXPECT_TRUE(std::isnan(values(0)));
  EXPECT_EQ(values(1), INFINITY);
  EXPECT_EQ(values(2), -INFINITY);
}

TEST_F(NiftiTest, images_of_fewer_dimensions_have_extents_of_1) {
  write_bytes(path, nifti_file<float>(nifti_header({4, 6}, DT_FLOAT32), 24));
  EXPECT_EQ(NiftiFile(path).shape(), Shape({1, 6, 4}));
  write_bytes(path, nifti_file<float>(nifti_header({24}, DT_FLOAT32), 24));
  EXPECT_EQ(NiftiFile(path).shape(), Shape({1, 1, 24}));
}

}  // namespace
