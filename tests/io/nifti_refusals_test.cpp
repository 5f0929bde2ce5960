// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"
#include "io/nifti_file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <gtest/gtest.h>
#include <nifti1_io.h>

#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::FileError;
using misfit::Shape;
using misfit::io::NiftiFile;
using misfit::io::write_nifti;
using misfit::test::bytes_of;
using misfit::test::expect_equal;
using misfit::test::expect_error;
using misfit::test::nifti_file;
using misfit::test::nifti_header;
using misfit::test::volume_of;
using misfit::test::write_bytes;
using Names = std::vector<std::string>;
using Spacing = std::array<double, 3>;

class NiftiRefusals : public testing::Test {
 protected:
  const misfit::test::Folder folder;
  const std::string path = folder / "v.nii", compressed = folder / "v.nii.gz";

  void expect_refused(const nifti_1_header& header, const std::vector<std::string>& words) {
    write_bytes(path, nifti_file<float>(header, 24));
    expect_error<FileError>([&] { NiftiFile{path}; }, words);
  }
};

TEST_F(NiftiRefusals, refuses_headers_that_make_no_sense) {
  const auto good = nifti_header({4, 3, 2}, DT_FLOAT32);
  auto header = good;
  header.datatype = DT_COMPLEX64;
  expect_refused(header, {path, "type COMPLEX64", "float64 can be read"});
  header.datatype = 12345;
  expect_refused(header, {path, "can be read"});
  header = good;
  header.dim[2] = -3;
  expect_refused(header, {path, "extent -3"});
  header = good;
  header.dim[1] = 0;
  expect_refused(header, {path, "extent 0"});
  header = good;
  header.dim[0] = 4;
  header.dim[4] = -1;
  expect_refused(header, {path, "extent -1"});
  header.dim[0] = 0;
  expect_refused(header, {path, "has 0 dimensions"});
  header = good;
  header.magic[0] = 'x';
  expect_refused(header, {path, "is no NIfTI-1 file"});
  header = good;
  header.magic[1] = 'i';
  write_bytes(folder / "w.hdr", nifti_file<float>(header, 24));
  expect_error<FileError>([&] { NiftiFile{folder / "w.hdr"}; }, {"w.hdr", "no .img file"});
  // A whole volume of the same name is no second half of a pair.
  write_bytes(folder / "w.nii", nifti_file<float>(good, 24));
  expect_error<FileError>([&] { NiftiFile{folder / "w.hdr"}; }, {"w.hdr", "no .img file"});
  write_bytes(folder / "v.nii", nifti_file<float>(good, 24));
  write_bytes(folder / "v.img", std::string(1000, '1'));
  expect_error<FileError>([&] { NiftiFile{folder / "v.img"}; }, {"v.img", "no .hdr file"});
  write_bytes(folder / "u.nii", nifti_file<float>(header, 24));
  expect_error<FileError>([&] { NiftiFile{folder / "u.nii"}; }, {"u.nii", "no .img file"});
  header = good;
  for (const float offset : {3e9F, std::nanf(""), INFINITY, -INFINITY}) {
    auto bytes = nifti_file<float>(good, 24);
    header = good;
    header.vox_offset = offset;
    std::memcpy(bytes.data(), &header, sizeof header);
    write_bytes(path, bytes);
    expect_error<FileError>([&] { NiftiFile{path}; }, {path, "has its voxels at byte"});
  }
  header = good;
  header.magic[1] = 'i';
  header.vox_offset = -1;
  auto bytes = nifti_file<float>(good, 24);
  std::memcpy(bytes.data(), &header, sizeof header);
  write_bytes(folder / "w.hdr", bytes);
  write_bytes(folder / "w.img", bytes);
  expect_error<FileError>([&] { NiftiFile{folder / "w.hdr"}; },
                          {"w.hdr", "has its voxels at byte"});
}

TEST_F(NiftiRefusals, refuses_what_is_no_such_file) {
  expect_error<FileError>([&] { NiftiFile{path}; }, {path, "No such file"});
  expect_error<FileError>([&] { NiftiFile{folder / ""}; }, {"is a directory"});
  expect_error<FileError>([&] { NiftiFile{"/dev/zero"}; }, {"/dev/zero: is not a regular file"});
  for (const auto& text : {std::string(), std::string("n+1"), std::string(10000, 'x'),
                           std::string(10000, '\0'), std::string("<nifti_image nx='3'/>")})
    for (const auto& name : {path, compressed}) {
      write_bytes(name, text);
      expect_error<FileError>([&] { NiftiFile{name}; }, {name, "is no NIfTI-1 file"});
    }
}

TEST_F(NiftiRefusals, refuses_files_cut_anywhere) {
  const auto values = volume_of(24);
  for (const auto& name : {path, compressed}) {
    write_nifti(name, {2, 3, 4}, {1, 1, 1}, values);
    const auto whole = bytes_of(name);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      write_bytes(name, whole.substr(0, length));
      EXPECT_THROW(NiftiFile(name).read(), FileError) << name << " " << length;
    }
    write_bytes(name, whole);
    const NiftiFile file(name);
    write_bytes(name, whole.substr(0, whole.size() - 1));
    expect_error<FileError>([&] { file.read(); }, {name, "is corrupt, or ends before"});
    std::filesystem::remove(name);
    expect_error<FileError>([&] { file.read(); }, {name, "cannot be opened", "No such file"});
  }
}

TEST_F(NiftiRefusals, headers_that_lie_fill_no_memory) {
  auto header = nifti_header({32767, 32767, 32767}, DT_FLOAT64);
  for (int d = 4; d < 8; ++d) header.dim[d] = 32767;
  for (const short dimensions : {3, 4, 7}) {
    header.dim[0] = dimensions;
    for (const auto& name : {path, compressed}) {
      write_bytes(name, nifti_file<float>(header, 24));
      expect_error<FileError>([&] { NiftiFile{name}; }, {name, "is too short for 32767 x"});
    }
  }
}

TEST_F(NiftiRefusals, compressed_voxels_with_a_wrong_bit_are_never_read_wrong) {
  // The second fills zlib's buffer of 16 KiB exactly, so that its check sum is read for itself.
  for (const auto& shape : {Shape{2, 3, 4}, Shape{2, 4, 501}}) {
    const auto values = volume_of(shape.size());
    write_nifti(compressed, shape, {1, 1, 1}, values);
    const auto whole = bytes_of(compressed);
    int refused = 0;
    for (std::size_t at = whole.size() - 60; at < whole.size(); ++at) {
      auto bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ 4);
      write_bytes(compressed, bytes);
      try {
        expect_equal(NiftiFile(compressed).read(), values);  // a bit that says nothing
        EXPECT_LT(at, whole.size() - 8) << "in the check sum or length";
      } catch (const FileError&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, 50);
  }
}

TEST_F(NiftiRefusals, headers_with_a_wrong_byte_are_read_or_refused) {
  write_nifti(path, {2, 3, 4}, {1, 1, 1}, volume_of(24));
  const auto whole = bytes_of(path);
  misfit::test::with_each_byte_wrong(path, whole, sizeof(nifti_1_header), [&] {
    const NiftiFile file(path);
    EXPECT_LE(file.read(file.volumes() - 1).size(), 100);
  });
}

TEST_F(NiftiRefusals, refuses_to_write_what_does_not_fit) {
  const auto values = volume_of(24);
  const auto refused = [&](const std::string& name, const Shape& shape, const Spacing& spacing,
                           const std::string& word) {
    expect_error<ArgumentError>([&] { write_nifti(name, shape, spacing, values); }, {word});
  };
  refused(path, {2, 3, 5}, {1, 1, 1}, "24 values for a volume of 2 x 3 x 5");
  refused(path, {4, 6}, {1, 1, 1}, "24 values for a volume of 4 x 6");
  refused(folder / "v.img", {2, 3, 4}, {1, 1, 1}, "ends neither in .nii");
  for (const double spacing : {0.0, -1.0, 1e-60, 1e60, std::nan(""), static_cast<double>(INFINITY)})
    refused(path, {2, 3, 4}, {1, spacing, 1}, "spacing");
  expect_error<ArgumentError>(
      [&] { write_nifti(path, {1, 1, 32768}, {1, 1, 1}, volume_of(32768)); }, {"above 32767"});
  EXPECT_EQ(folder.names(), Names{});
}

TEST_F(NiftiRefusals, leaves_nothing_half_written) {
  for (const auto& name : {path, compressed}) {
    write_nifti(name, {2, 3, 4}, {1, 1, 1}, volume_of(24));
    const auto old = bytes_of(name);
    const auto large = volume_of(30 * 40 * 50);
    for (const rlim_t size : {0, 20, 4096}) {
      const misfit::test::FullDisk full(size);
      expect_error<FileError>([&] { write_nifti(name, {30, 40, 50}, {1, 1, 1}, large); },
                              {name, "cannot be written"});
    }
    {
      const misfit::test::FullDisk full(20);  // what is as small fails when it is closed
      EXPECT_THROW(write_nifti(name, {2, 3, 4}, {1, 1, 1}, volume_of(24)), FileError);
    }
    EXPECT_TRUE(bytes_of(name) == old);
    const auto missing = folder / ("missing" + name.substr(name.rfind('/')));
    expect_error<FileError>([&] { write_nifti(missing, {30, 40, 50}, {1, 1, 1}, large); },
                            {missing, "No such file"});
  }
  EXPECT_EQ(folder.names(), (Names{"v.nii", "v.nii.gz"}));
}

}  // namespace
