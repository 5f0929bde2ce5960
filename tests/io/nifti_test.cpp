// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <nifti1_io.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::FileError;
using misfit::Shape;
using misfit::io::HostVector;
using misfit::io::NiftiFile;
using misfit::io::write_nifti;
using misfit::test::bytes_of;
using misfit::test::expect_equal;
using misfit::test::expect_error;
using misfit::test::write_bytes;
using Names = std::vector<std::string>;
using Spacing = std::array<double, 3>;
using Range = std::pair<std::size_t, std::size_t>;

HostVector<float> numbers(std::size_t n) {
  HostVector<float> values("values", n);
  for (std::size_t j = 0; j < n; ++j) values(j) = static_cast<float>(j) - 7.5F;
  return values;
}

/// The bytes of a file as niftiio's header describes it, with voxels 0, 1, 2, ... of type T.
template <typename T>
std::string file_of(nifti_1_header header, std::size_t voxels) {
  std::string bytes(static_cast<std::size_t>(header.vox_offset) + voxels * sizeof(T), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  for (std::size_t j = 0; j < voxels; ++j) {
    const T value = static_cast<T>(j);
    std::memcpy(bytes.data() + bytes.size() - (voxels - j) * sizeof(T), &value, sizeof value);
  }
  return bytes;
}

nifti_1_header header_of(const std::vector<int>& extents, int type) {
  int dims[8] = {static_cast<int>(extents.size()), 1, 1, 1, 1, 1, 1, 1};
  for (std::size_t d = 0; d < extents.size(); ++d) dims[d + 1] = extents[d];
  nifti_1_header* const made = nifti_make_new_header(dims, type);
  nifti_1_header header = *made;
  std::free(made);
  header.vox_offset = 352;
  return header;
}

/// The same file with its bytes the other way round.
template <typename T>
std::string swapped(std::string bytes) {
  nifti_1_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto voxels = static_cast<std::size_t>(header.vox_offset);
  swap_nifti_header(&header, 1);
  std::memcpy(bytes.data(), &header, sizeof header);
  if (sizeof(T) > 1)
    nifti_swap_Nbytes((bytes.size() - voxels) / sizeof(T), sizeof(T), bytes.data() + voxels);
  return bytes;
}

class NiftiTest : public testing::Test {
 protected:
  const misfit::test::Folder folder;
  const std::string path = folder / "v.nii", compressed = folder / "v.nii.gz";

  template <typename T>
  void expect_reads(int type) {
    const auto bytes = file_of<T>(header_of({4, 3, 2}, type), 24);
    for (const auto& text : {bytes, swapped<T>(bytes)}) {
      write_bytes(path, text);
      const NiftiFile file(path);
      const auto values = file.read();
      EXPECT_EQ(file.shape(), Shape({2, 3, 4}));
      for (std::size_t j = 0; j < 24; ++j) EXPECT_EQ(values(j), static_cast<float>(j));
    }
  }
  void expect_refused(const nifti_1_header& header, const std::vector<std::string>& words) {
    write_bytes(path, file_of<float>(header, 24));
    expect_error<FileError>([&] { NiftiFile{path}; }, words);
  }
};

TEST_F(NiftiTest, reads_what_it_wrote) {
  const auto values = numbers(2 * 3 * 4);
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
  const auto values = numbers(24);
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
      expect_equal(file.read(volume, 1, 1), Kokkos::subview(whole, Range{12, 24}));
      expect_equal(file.read(volume, 0, 1), Kokkos::subview(whole, Range{0, 12}));
      EXPECT_EQ(file.read(volume, 2, 0).size(), 0);
    }
    const std::size_t most = std::numeric_limits<std::size_t>::max();
    expect_error<ArgumentError>([&] { file.read(6); }, {"volume 6", name});
    for (const auto& [first, count] : {Range{0, 3}, {2, 1}, {3, 0}, {1, most}})
      expect_error<ArgumentError>([&, first = first, count = count] { file.read(0, first, count); },
                                  {"2 slices"});
  }
}

TEST_F(NiftiTest, applies_scale_and_units) {
  auto header = header_of({4, 3, 2}, DT_FLOAT32);
  header.pixdim[1] = 500;
  header.pixdim[2] = -2;
  header.pixdim[3] = std::nanf("");
  header.xyzt_units = NIFTI_UNITS_MICRON | NIFTI_UNITS_SEC;
  const auto voxel_9 = [&](float slope, float intercept) {
    header.scl_slope = slope;
    header.scl_inter = intercept;
    write_bytes(path, file_of<float>(header, 24));
    return NiftiFile(path).read()(9);
  };

  EXPECT_EQ(voxel_9(0.5F, 100), 104.5F);
  EXPECT_EQ(voxel_9(0, 100), 9);
  EXPECT_EQ(voxel_9(std::nanf(""), 100), 9);
  EXPECT_EQ(voxel_9(2, INFINITY), 18);
  EXPECT_EQ(NiftiFile(path).spacing(), (Spacing{1, 1, 0.5}));
  header.xyzt_units = NIFTI_UNITS_METER;
  header.pixdim[1] = 0.002F;
  voxel_9(1, 0);
  EXPECT_FLOAT_EQ(static_cast<float>(NiftiFile(path).spacing()[2]), 2);
}

TEST_F(NiftiTest, keeps_what_is_not_finite) {
  auto bytes = file_of<float>(header_of({4, 3, 2}, DT_FLOAT32), 24);
  const float stored[] = {std::nanf(""), INFINITY, -INFINITY};
  std::memcpy(bytes.data() + 352, stored, sizeof stored);
  write_bytes(path, bytes);

  const auto values = NiftiFile(path).read();

  EXPECT_TRUE(std::isnan(values(0)));
  EXPECT_EQ(values(1), INFINITY);
  EXPECT_EQ(values(2), -INFINITY);
}

TEST_F(NiftiTest, images_of_fewer_dimensions_have_extents_of_1) {
  write_bytes(path, file_of<float>(header_of({4, 6}, DT_FLOAT32), 24));
  EXPECT_EQ(NiftiFile(path).shape(), Shape({1, 6, 4}));
  write_bytes(path, file_of<float>(header_of({24}, DT_FLOAT32), 24));
  EXPECT_EQ(NiftiFile(path).shape(), Shape({1, 1, 24}));
}

TEST_F(NiftiTest, refuses_headers_that_make_no_sense) {
  const auto good = header_of({4, 3, 2}, DT_FLOAT32);
  auto header = good;
  header.datatype = DT_COMPLEX64;
  expect_refused(header, {path, "type COMPLEX64", "float64 can be read"});
  header.datatype = 12345;
  expect_refused(header, {path, "can be read"});
  header = good;
  header.dim[2] = -3;
  expect_refused(header, {path, "extent -3"});
  header.dim[2] = 0;
  expect_refused(header, {path, "extent 0"});
  header = good;
  header.dim[0] = 4;
  header.dim[4] = 0;
  expect_refused(header, {path, "extent 0"});
  header = good;
  header.magic[0] = 'x';
  expect_refused(header, {path, "is no NIfTI-1 file"});
  header = good;
  header.magic[1] = 'i';
  write_bytes(folder / "w.hdr", file_of<float>(header, 24));
  expect_error<FileError>([&] { NiftiFile{folder / "w.hdr"}; }, {"w.hdr", "no .img file"});
  header = good;
  for (const float offset : {-1.0F, 100.0F, 3e9F, std::nanf(""), INFINITY, -INFINITY}) {
    auto bytes = file_of<float>(good, 24);
    header = good;
    header.vox_offset = offset;
    std::memcpy(bytes.data(), &header, sizeof header);
    write_bytes(path, bytes);
    expect_error<FileError>([&] { NiftiFile{path}; }, {path, "has its voxels at byte"});
  }
}

TEST_F(NiftiTest, refuses_what_is_no_such_file) {
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

TEST_F(NiftiTest, refuses_files_cut_anywhere) {
  const auto values = numbers(24);
  for (const auto& name : {path, compressed}) {
    write_nifti(name, {2, 3, 4}, {1, 1, 1}, values);
    const auto whole = bytes_of(name);
    // At the end of a compressed file a mark, check sum and length may be missing.
    const std::size_t end = name == path ? whole.size() : whole.size() - 9;
    for (std::size_t length = 0; length < end; ++length) {
      write_bytes(name, whole.substr(0, length));
      EXPECT_THROW(NiftiFile(name).read(), FileError) << name << " " << length;
    }
    write_bytes(name, whole);
    const NiftiFile file(name);
    write_bytes(name, whole.substr(0, end - 1));
    expect_error<FileError>([&] { file.read(); }, {name, "is corrupt, or ends before"});
    std::filesystem::remove(name);
    expect_error<FileError>([&] { file.read(); }, {name, "cannot be opened", "No such file"});
  }
}

TEST_F(NiftiTest, headers_that_lie_fill_no_memory) {
  auto header = header_of({32767, 32767, 32767}, DT_FLOAT64);
  for (int d = 4; d < 8; ++d) header.dim[d] = 32767;
  for (const short dimensions : {3, 4, 7}) {
    header.dim[0] = dimensions;
    for (const auto& name : {path, compressed}) {
      write_bytes(name, file_of<float>(header, 24));
      expect_error<FileError>([&] { NiftiFile{name}; }, {name, "is too short for 32767 x"});
    }
  }
}

TEST_F(NiftiTest, compressed_voxels_with_a_wrong_bit_are_never_read_wrong) {
  const auto values = numbers(24);
  write_nifti(compressed, {2, 3, 4}, {1, 1, 1}, values);
  const auto whole = bytes_of(compressed);
  int refused = 0;
  for (std::size_t at = whole.size() - 60; at < whole.size(); ++at) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    write_bytes(compressed, bytes);
    try {
      expect_equal(NiftiFile(compressed).read(), values);  // a bit that says nothing
    } catch (const FileError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);
}

TEST_F(NiftiTest, headers_with_a_wrong_byte_are_read_or_refused) {
  write_nifti(path, {2, 3, 4}, {1, 1, 1}, numbers(24));
  const auto whole = bytes_of(path);
  for (std::size_t at = 0; at < sizeof(nifti_1_header); ++at)
    for (const char byte : misfit::test::wrong_bytes(whole[at])) {
      auto bytes = whole;
      bytes[at] = byte;
      write_bytes(path, bytes);
      try {
        const NiftiFile file(path);
        EXPECT_LE(file.read(file.volumes() - 1).size(), 100);
      } catch (const FileError&) {
      }
    }
}

TEST_F(NiftiTest, refuses_to_write_what_does_not_fit) {
  const auto values = numbers(24);
  const auto refused = [&](const std::string& name, const Shape& shape, const Spacing& spacing,
                           const std::string& word) {
    expect_error<ArgumentError>([&] { write_nifti(name, shape, spacing, values); }, {word});
  };
  refused(path, {2, 3, 5}, {1, 1, 1}, "24 values for a volume of 2 x 3 x 5");
  refused(path, {4, 6}, {1, 1, 1}, "24 values for a volume of 4 x 6");
  refused(folder / "v.img", {2, 3, 4}, {1, 1, 1}, "ends neither in .nii");
  for (const double spacing : {0.0, -1.0, std::nan(""), static_cast<double>(INFINITY)})
    refused(path, {2, 3, 4}, {1, spacing, 1}, "spacing");
  expect_error<ArgumentError>(
      [&] {
        write_nifti(path, {1, 1, 32768}, {1, 1, 1}, numbers(32768));
      },
      {"above 32767"});
  EXPECT_EQ(folder.names(), Names{});
}

TEST_F(NiftiTest, leaves_nothing_half_written) {
  for (const auto& name : {path, compressed}) {
    write_nifti(name, {2, 3, 4}, {1, 1, 1}, numbers(24));
    const auto old = bytes_of(name);
    const auto large = numbers(30 * 40 * 50);
    for (const rlim_t size : {0, 20, 4096}) {
      const misfit::test::FullDisk full(size);
      expect_error<FileError>(
          [&] {
            write_nifti(name, {30, 40, 50}, {1, 1, 1}, large);
          },
          {name, "cannot be written"});
    }
    {
      const misfit::test::FullDisk full(20);  // what is as small fails when it is closed
      EXPECT_THROW(write_nifti(name, {2, 3, 4}, {1, 1, 1}, numbers(24)), FileError);
    }
    EXPECT_TRUE(bytes_of(name) == old);
    const auto missing = folder / ("missing" + name.substr(name.rfind('/')));
    expect_error<FileError>(
        [&] {
          write_nifti(missing, {30, 40, 50}, {1, 1, 1}, large);
        },
        {missing, "No such file"});
  }
  EXPECT_EQ(folder.names(), (Names{"v.nii", "v.nii.gz"}));
}

}  // namespace
