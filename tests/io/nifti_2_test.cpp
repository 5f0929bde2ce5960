// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"
#include "io/nifti_file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <gtest/gtest.h>
#include <nifti1_io.h>
#include <nifti2.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::FileError;
using misfit::Shape;
using misfit::io::NiftiFile;
using misfit::test::bytes_of;
using misfit::test::expect_error;
using misfit::test::nifti_2_header_of;
using misfit::test::nifti_file;
using misfit::test::swap_nifti_2_header;
using misfit::test::write_bytes;
using Spacing = std::array<double, 3>;

class Nifti2 : public testing::Test {
 protected:
  const misfit::test::Folder folder;
  const std::string path = folder / "v.nii";

  void expect_refused(const nifti_2_header& header, const std::vector<std::string>& words) {
    write_bytes(path, nifti_file<float>(nifti_2_header_of({4, 3, 2}, DT_FLOAT32), 24)
                          .replace(0, sizeof header, reinterpret_cast<const char*>(&header),
                                   sizeof header));
    expect_error<FileError>([&] { NiftiFile{path}; }, words);
  }
};

TEST_F(Nifti2, is_read_in_both_byte_orders) {
  auto header = nifti_2_header_of({4, 3, 2, 2}, DT_INT16);
  header.pixdim[1] = -0.5;
  header.pixdim[3] = 2.5;
  header.scl_slope = 0.5;
  header.scl_inter = 100;
  header.xyzt_units = NIFTI_UNITS_METER | NIFTI_UNITS_SEC;
  const auto bytes = nifti_file<std::int16_t>(header, 48);
  swap_nifti_2_header(header);
  auto other = bytes;
  std::memcpy(other.data(), &header, sizeof header);
  nifti_swap_Nbytes(48, 2, other.data() + 544);

  for (const auto& text : {bytes, other}) {
    write_bytes(path, text);
    const NiftiFile file(path);
    const auto second = file.read(1);

    EXPECT_EQ(file.shape(), Shape({2, 3, 4}));
    EXPECT_EQ(file.spacing(), (Spacing{2500, 1000, 500}));
    EXPECT_EQ(file.volumes(), 2);
    for (std::size_t j = 0; j < 24; ++j) ASSERT_EQ(second(j), 100 + static_cast<float>(24 + j) / 2);
  }
}

TEST_F(Nifti2, extents_go_beyond_those_of_nifti_1) {
  write_bytes(path, nifti_file<std::uint8_t>(nifti_2_header_of({40000, 3}, DT_UINT8), 120000));
  const NiftiFile file(path);

  EXPECT_EQ(file.shape(), Shape({1, 3, 40000}));
  EXPECT_EQ(file.read()(119999), 119999 % 256);
}

TEST_F(Nifti2, fields_that_are_not_set) {
  auto header = nifti_2_header_of({4, 3, 2}, DT_FLOAT32);
  const auto bytes = nifti_file<float>(header, 24);
  header.dim[0] = 7;
  for (int d = 4; d < 8; ++d) header.dim[d] = 0;
  header.pixdim[1] = std::numeric_limits<double>::max();  // of metres
  header.pixdim[2] = std::nan("");
  header.xyzt_units = NIFTI_UNITS_METER;
  header.scl_inter = 7;  // without a slope
  for (const std::int64_t offset : {0, 348, 543, -1}) {
    header.vox_offset = offset;
    auto text = bytes;
    std::memcpy(text.data(), &header, sizeof header);
    write_bytes(path, text);
    const NiftiFile file(path);

    EXPECT_EQ(file.volumes(), 1);
    EXPECT_EQ(file.spacing(), (Spacing{1000, 1, 1}));
    EXPECT_EQ(file.read()(23), 23);
  }
}

TEST_F(Nifti2, pairs_of_files) {
  auto header = nifti_2_header_of({4, 3, 2}, DT_FLOAT64);
  const auto voxels = nifti_file<double>(header, 24).substr(544);
  std::memcpy(header.magic, "ni2", 3);
  header.vox_offset = 0;
  write_bytes(folder / "w.hdr", {reinterpret_cast<const char*>(&header), sizeof header});
  expect_error<FileError>([&] { NiftiFile{folder / "w.hdr"}; }, {"w.hdr", "no .img file"});
  write_bytes(folder / "w.img", voxels);

  for (const std::string name : {"w.hdr", "w.img"})
    EXPECT_EQ(NiftiFile(folder / name).read()(23), 23) << name;
}

TEST_F(Nifti2, refusals) {
  const auto good = nifti_2_header_of({4, 3, 2}, DT_FLOAT32);
  auto header = good;
  header.magic[4] = '\n';  // as where a transfer replaced ends of lines
  expect_refused(header, {path, "is no NIfTI-1 file and no NIfTI-2 file"});
  header = good;
  header.dim[0] = 8;
  expect_refused(header, {path, "has 8 dimensions"});
  header = good;
  header.dim[2] = -3;
  expect_refused(header, {path, "extent -3"});
  header = good;
  for (int d = 1; d < 8; ++d) header.dim[d] = std::numeric_limits<std::int64_t>::max();
  header.dim[0] = 7;
  expect_refused(header, {path, "is too short for 9223372036854775807 x"});
  header = good;
  header.vox_offset = std::numeric_limits<std::int64_t>::max();
  expect_refused(header, {path, "is too short"});
  std::memcpy(header.magic, "ni2", 3);
  header.vox_offset = -1;
  expect_refused(header, {path, "has its voxels at byte -1"});
}

TEST_F(Nifti2, files_cut_anywhere_are_refused) {
  const auto whole = nifti_file<float>(nifti_2_header_of({4, 3, 2}, DT_FLOAT32), 24);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_bytes(path, whole.substr(0, length));
    EXPECT_THROW(NiftiFile(path).read(), FileError) << length;
  }
}

TEST_F(Nifti2, headers_with_a_wrong_byte_are_read_or_refused) {
  const auto whole = nifti_file<float>(nifti_2_header_of({4, 3, 2}, DT_FLOAT32), 24);
  misfit::test::with_each_byte_wrong(path, whole, sizeof(nifti_2_header), [&] {
    const NiftiFile file(path);
    EXPECT_LE(file.read(file.volumes() - 1).size(), 100);
  });
}

}  // namespace
