// SPDX-License-Identifier: BSD-3-Clause

// Compressed files as other programs write them, made by zlib itself.

#include "io/folder.hpp"
#include "io/nifti_file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <gtest/gtest.h>
#include <nifti1_io.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using misfit::FileError;
using misfit::io::NiftiFile;
using misfit::test::bytes_of;
using misfit::test::expect_equal;
using misfit::test::expect_error;
using misfit::test::nifti_file;
using misfit::test::nifti_header;
using misfit::test::write_bytes;

class NiftiCompressed : public testing::Test {
 protected:
  /// Files of several of misfit's buffers, also where they are compressed.
  static constexpr std::size_t extent = 80, voxels = extent * extent * extent;

  const misfit::test::Folder folder;
  const std::string name = folder / "v.nii.gz";
  const std::string plain = nifti_file<std::int32_t>(nifti_header({80, 80, 80}, DT_INT32), voxels);

  /// `bytes` as a gzip file of one member.
  std::string member(const std::string& bytes) const {
    const auto path = folder / "member.gz";
    const gzFile file = gzopen(path.c_str(), "wb1");
    EXPECT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
              static_cast<int>(bytes.size()));
    EXPECT_EQ(gzclose(file), Z_OK);
    return bytes_of(path);
  }
  void expect_reads(const std::string& bytes) const {
    write_bytes(name, bytes);
    const NiftiFile file(name);
    const auto values = file.read();
    ASSERT_EQ(values.size(), voxels);
    for (std::size_t j = 0; j < voxels; ++j) ASSERT_EQ(values(j), static_cast<float>(j));
    const auto slice = file.read(0, {79, 80});
    for (std::size_t j = 0; j < slice.size(); ++j)
      ASSERT_EQ(slice(j), static_cast<float>(voxels - slice.size() + j));
  }
};

TEST_F(NiftiCompressed, reads_one_member_and_several) {
  expect_reads(member(plain));
  for (const std::size_t cut : {1UL, 352UL, 300000UL, plain.size() - 1})
    expect_reads(member(plain.substr(0, cut)) + member(plain.substr(cut)));
}

TEST_F(NiftiCompressed, reads_over_what_follows_the_last_member) {
  expect_reads(member(plain) + std::string(512, '\0'));  // padding, as on tapes
}

TEST_F(NiftiCompressed, is_told_by_its_bytes_and_not_by_its_name) {
  expect_reads(plain);
  const auto other = folder / "w.nii";
  write_bytes(other, member(plain));
  EXPECT_EQ(NiftiFile(other).read()(voxels - 1), static_cast<float>(voxels - 1));
}

TEST_F(NiftiCompressed, refuses_a_second_member_that_is_cut_off) {
  const auto first = member(plain.substr(0, 1000)), second = member(plain.substr(1000));
  for (const std::size_t lost : {1UL, 8UL, 9UL, second.size() - 1}) {
    write_bytes(name, first + second.substr(0, second.size() - lost));
    expect_error<FileError>([&] { NiftiFile(name).read(); }, {name, ""});
  }
}

}  // namespace
