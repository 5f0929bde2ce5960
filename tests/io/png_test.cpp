// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"

#include <misfit/error.hpp>
#include <misfit/io/png.hpp>

#include <gtest/gtest.h>
#include <png.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::FileError;
using misfit::io::HostVector;
using misfit::io::write_png;
using misfit::test::bytes_of;
using misfit::test::expect_error;
using Names = std::vector<std::string>;

HostVector<float> image(const std::vector<float>& entries) {
  HostVector<float> values("values", entries.size());
  for (std::size_t j = 0; j < entries.size(); ++j) values(j) = entries[j];
  return values;
}

/// The greys in a file, by libpng.
std::vector<int> greys_of(const std::string& path, std::size_t rows, std::size_t columns) {
  png_image read{};
  read.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_file(&read, path.c_str()), 0) << read.message;
  EXPECT_EQ(read.format, static_cast<png_uint_32>(PNG_FORMAT_GRAY));
  EXPECT_EQ(read.height, rows);
  EXPECT_EQ(read.width, columns);
  std::vector<png_byte> bytes(PNG_IMAGE_SIZE(read));
  EXPECT_NE(png_image_finish_read(&read, nullptr, bytes.data(), 0, nullptr), 0) << read.message;
  return {bytes.begin(), bytes.end()};
}

class PngTest : public testing::Test {
 protected:
  const misfit::test::Folder folder;
  const std::string path = folder / "picture.png";
};

TEST_F(PngTest, is_read_back_as_greys) {
  const auto infinity = std::numeric_limits<float>::infinity();

  write_png(path, 2, 4, image({-1, 0, 1, 2, 3, 0.5F, infinity, -infinity}), 0, 2);

  EXPECT_EQ(greys_of(path, 2, 4), (std::vector<int>{0, 0, 128, 255, 255, 64, 255, 0}));
  EXPECT_EQ(folder.names(), Names{"picture.png"});
}

TEST_F(PngTest, black_may_be_above_white) {
  write_png(path, 1, 4, image({0, 1, 2, 3}), 2, 0);

  EXPECT_EQ(greys_of(path, 1, 4), (std::vector<int>{255, 128, 0, 0}));
}

TEST_F(PngTest, refuses_what_makes_no_picture) {
  const auto values = image({1, 2, 3, 4, 5, 6});
  for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{2, 2}, {0, 6}, {6, 0}})
    expect_error<ArgumentError>(
        [&, rows = rows, columns = columns] { write_png(path, rows, columns, values, 0, 1); },
        {"6 values"});
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  for (const float white : {0.0F, nan, infinity, -infinity})
    expect_error<ArgumentError>([&] { write_png(path, 2, 3, values, 0, white); }, {"white"});
  expect_error<ArgumentError>([&] { write_png(path, 2, 3, values, nan, 1); }, {"black"});
  expect_error<ArgumentError>([&] { write_png(path, 1, 2, image({0, nan}), 0, 1); }, {"value 1"});
  EXPECT_EQ(folder.names(), Names{});
}

TEST_F(PngTest, leaves_nothing_half_written) {
  write_png(path, 1, 2, image({0, 1}), 0, 1);
  const auto old = bytes_of(path);
  HostVector<float> large("large", 200 * 200);
  for (std::size_t j = 0; j < large.size(); ++j) large(j) = static_cast<float>(j * j * 7919 % 251);

  for (const rlim_t size : {0, 10, 1000}) {
    const misfit::test::FullDisk full(size);
    expect_error<FileError>([&] { write_png(path, 200, 200, large, 0, 250); },
                            {path, "cannot be written"});
  }
  expect_error<FileError>([&] { write_png(folder / "no/p.png", 200, 200, large, 0, 250); },
                          {folder / "no/p.png", "No such file"});
  expect_error<FileError>([&] { write_png(folder / "", 200, 200, large, 0, 250); },
                          {"is a directory"});

  EXPECT_TRUE(bytes_of(path) == old);
  EXPECT_EQ(folder.names(), Names{"picture.png"});
}

}  // namespace
