// SPDX-License-Identifier: BSD-3-Clause
#include "io/bart_test.hpp"

#include "io/folder.hpp"

#include <misfit/error.hpp>
#include <misfit/io/bart.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <complex>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::FileError;
using misfit::Rows;
using misfit::Shape;
using misfit::io::BartFile;
using misfit::io::write_bart;
using misfit::test::BartTest;
using misfit::test::bytes_of;
using misfit::test::expect_equal;
using misfit::test::expect_error;
using misfit::test::numbers;
using misfit::test::write_bytes;
using Complex = Kokkos::complex<float>;
using Names = std::vector<std::string>;

TEST_F(BartTest, reads_what_it_wrote) {
  const auto values = numbers(4 * 3 * 2 * 5);
  values(7) = Complex(std::numeric_limits<float>::quiet_NaN(), INFINITY);

  write_bart(name, {4, 3, 2, 5}, values);

  for (const auto& path : {name, header, data}) {
    const BartFile file(path);
    EXPECT_EQ(file.size(), 120);
    EXPECT_EQ(file.extent(0), 4);
    EXPECT_EQ(file.extent(BartFile::coil_dimension), 5);
    EXPECT_EQ(file.extent(BartFile::map_dimension), 1);
    EXPECT_EQ(file.extent(16), 1);
    EXPECT_EQ(file.image_shape(), Shape({2, 3, 4}));
    const auto read = file.read();
    EXPECT_TRUE(std::isnan(read(7).real()));
    EXPECT_EQ(read(7).imag(), INFINITY);
    read(7) = values(7) = 0;
    expect_equal(read, values);
  }
  EXPECT_EQ(folder.names(), (Names{"k.cfl", "k.hdr"}));
}

TEST_F(BartTest, reads_a_part) {
  const auto values = numbers(120);
  write_bart(name, {4, 3, 2, 5}, values);
  const BartFile file(name);

  EXPECT_EQ(file.images(), 5);
  using Range = std::pair<std::size_t, std::size_t>;
  for (std::size_t image = 0; image < 5; ++image) {
    const auto whole = Kokkos::subview(values, Range{24 * image, 24 * (image + 1)});
    expect_equal(file.read(image), whole);
    expect_equal(file.read(image, {0, 2}), whole);
    for (const std::size_t z : {0, 1})
      expect_equal(file.read(image, {z, z + 1}),
                   Kokkos::subview(whole, Range{12 * z, 12 * z + 12}));
    for (const std::size_t z : {0, 1, 2}) EXPECT_EQ(file.read(image, {z, z}).size(), 0);
  }
  const std::size_t most = std::numeric_limits<std::size_t>::max();
  for (const Rows& rows : {Rows{0, 3}, {2, 3}, {3, 3}, {2, 1}, {1, most}, {most, 1}})
    expect_error<ArgumentError>([&] { file.read(4, rows); },
                                {"image 4", rows.text(), "5 images with 2 rows in " + data});
  for (const std::size_t image : {std::size_t{5}, most})
    expect_error<ArgumentError>([&] { file.read(image); }, {"of 5 images", data});
}

TEST_F(BartTest, image_of_one_slice_has_two_dimensions) {
  const auto values = numbers(24);
  write_bart(name, {4, 3, 1, 2}, values);
  const BartFile file(name);

  EXPECT_EQ(file.image_shape(), Shape({3, 4}));
  EXPECT_EQ(file.images(), 2);
  expect_equal(file.read(1, {1, 3}), Kokkos::subview(values, std::pair(16, 24)));
}

TEST_F(BartTest, reads_what_other_programs_write) {
  write_valid();
  const auto values = numbers(6);
  for (const auto* text : {"# Dimensions\n2 3\n", "# Dimensions\r\n2 3 1 \r\n", "# Dimensions\n2 3",
                           "# Command\nphantom 7 9\n# Dimensions\n2 3 1 1 \n# Files\n >k\n"}) {
    write_bytes(header, text);

    const BartFile file(name);

    EXPECT_EQ(file.extent(1), 3) << text;
    expect_equal(file.read(), values);
  }
}

TEST_F(BartTest, bart_reads_what_it_wrote_and_the_other_way_round) {
  if (!misfit::test::installed("bart")) GTEST_SKIP() << "bart is not installed";
  ASSERT_EQ(std::system(("bart phantom -x 16 -s 3 -k " + name).c_str()), 0);

  const BartFile file(name);
  const auto values = file.read();
  std::istringstream shown(misfit::test::output_of("bart show " + name));
  write_bart(folder / "copy", {16, 16, 1, 3}, values);

  EXPECT_EQ(file.image_shape(), Shape({16, 16}));
  EXPECT_EQ(file.extent(BartFile::coil_dimension), 3);
  for (std::size_t j = 0; j < values.size(); ++j) {
    float re = 0, im = 0;
    char unit = 0;
    ASSERT_TRUE(shown >> re >> im >> unit) << "at " << j;
    ASSERT_EQ(unit, 'i');
    const float tolerance = 1e-5F * std::abs(std::complex<float>(re, im));  // of 7 digits
    ASSERT_NEAR(values(j).real(), re, tolerance) << "at " << j;
    ASSERT_NEAR(values(j).imag(), im, tolerance) << "at " << j;
  }
  EXPECT_EQ(
      std::system(("bart nrmse -t 0 " + name + " " + (folder / "copy") + " > /dev/null").c_str()),
      0);
}

TEST_F(BartTest, leaves_nothing_half_written) {
  const auto missing = folder / "missing/k";
  expect_error<FileError>([&] { write_bart(missing, {6}, numbers(6)); },
                          {missing + ".cfl", "cannot be written", "No such file"});

  const auto large = numbers(100000);
  {
    const misfit::test::FullDisk full(4096);
    expect_error<FileError>([&] { write_bart(name, {large.size()}, large); },
                            {data, "cannot be written", "File too large"});
  }
  EXPECT_EQ(folder.names(), Names{});

  write_valid();
  const auto old_header = bytes_of(header), old_data = bytes_of(data);
  {
    const misfit::test::FullDisk full(4096);
    EXPECT_THROW(write_bart(name, {large.size()}, large), FileError);
  }
  // As small as this, the data fails when it is closed.
  {
    const misfit::test::FullDisk full(8);
    EXPECT_THROW(write_bart(name, {3}, numbers(3)), FileError);
  }
  EXPECT_TRUE(bytes_of(header) == old_header);
  EXPECT_TRUE(bytes_of(data) == old_data);
  EXPECT_EQ(folder.names(), (Names{"k.cfl", "k.hdr"}));

  std::filesystem::remove(header);
  std::filesystem::create_directory(header);
  expect_error<FileError>([&] { write_bart(name, {3}, numbers(3)); }, {header, "is a directory"});
  EXPECT_TRUE(bytes_of(data) == old_data);
  EXPECT_EQ(folder.names(), (Names{"k.cfl", "k.hdr"}));
}

TEST_F(BartTest, replaces_what_a_link_leads_to) {
  write_valid();
  const auto link = folder / "link";
  std::filesystem::create_symlink("k.cfl", link + ".cfl");
  ASSERT_EQ(::mkfifo((link + ".hdr").c_str(), 0600), 0);
  expect_error<FileError>([&] { write_bart(link, {3}, numbers(3)); }, {"is not a regular file"});
  std::filesystem::remove(link + ".hdr");

  write_bart(link, {3}, numbers(3));

  EXPECT_TRUE(std::filesystem::is_symlink(link + ".cfl"));
  EXPECT_EQ(bytes_of(data).size(), 24);
  expect_equal(BartFile(link).read(), numbers(3));
}

}  // namespace
