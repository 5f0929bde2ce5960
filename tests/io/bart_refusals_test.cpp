// SPDX-License-Identifier: BSD-3-Clause
#include "io/bart_test.hpp"
#include "io/folder.hpp"

#include <misfit/error.hpp>
#include <misfit/io/bart.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::FileError;
using misfit::io::BartFile;
using misfit::io::write_bart;
using misfit::test::BartTest;
using misfit::test::bytes_of;
using misfit::test::expect_error;
using misfit::test::numbers;
using misfit::test::write_bytes;
using Names = std::vector<std::string>;

TEST_F(BartTest, refuses_headers_that_make_no_sense) {
  write_valid();
  expect_refused("", {header, "no line \"# Dimensions\""});
  expect_refused("# Dimension\n2 3\n", {header, "no line"});
  expect_refused("2 3\n", {header, "no line"});
  expect_refused("# Dimensions", {header, "has 0 extents"});
  expect_refused("# Dimensions\n\n2 3\n", {header, "has 0 extents"});
  expect_refused("# Dimensions\n2 3 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n", {header, "has 17 extents"});
  for (const std::string word :
       {"0", "-2", "2.0", "0x2", "+2", "two", "2,", "99999999999999999999"})
    expect_refused("# Dimensions\n" + word + " 3\n", {header, "extent \"" + word + "\""});
  expect_refused("# Dimensions\n4294967296 4294967296\n", {header, "too large"});
  expect_refused("# Dimensions\n9223372036854775807 2\n", {header, "too large"});
  write_bytes(header, std::string((1 << 20) + 1, '\n'));
  expect_error<FileError>([&] { BartFile{name}; }, {header, "too large for a header"});
}

TEST_F(BartTest, refuses_data_of_another_size) {
  write_valid();
  expect_refused("# Dimensions\n2 4\n", {data, "has 48 bytes", header + " tells of 64"});
  expect_refused("# Dimensions\n2 2\n", {data, "has 48 bytes", header + " tells of 32"});
  expect_refused("# Dimensions\n1000000 1000000 1000\n", {data, "has 48 bytes"});

  write_valid();
  const auto bytes = bytes_of(data);
  const BartFile file(name);
  for (const std::size_t size : {0, 1, 40, 47}) {
    write_bytes(data, bytes.substr(0, size));
    expect_error<FileError>([&] { BartFile{name}; }, {data, "has " + std::to_string(size)});
    expect_error<FileError>([&] { file.read(); }, {data, "ends before byte 48"});
  }
  write_bytes(data, bytes + "x");
  expect_error<FileError>([&] { BartFile{name}; }, {data, "has 49 bytes"});
}

TEST_F(BartTest, refuses_what_is_no_file) {
  expect_error<FileError>([&] { BartFile{name}; }, {header, "No such file"});
  write_valid();
  std::filesystem::remove(data);
  expect_error<FileError>([&] { BartFile{name}; }, {data, "No such file"});
  std::filesystem::create_directory(data);
  expect_error<FileError>([&] { BartFile{name}; }, {data, "is a directory"});
  expect_error<FileError>([&] { BartFile{"/dev/zero"}; }, {"/dev/zero.hdr", "cannot be opened"});
  std::filesystem::remove(header);
  std::filesystem::create_symlink("/dev/zero", header);
  expect_error<FileError>([&] { BartFile{name}; }, {header, "is not a regular file"});
}

TEST_F(BartTest, headers_cut_anywhere_are_read_or_refused) {
  write_bart(name, {12, 34}, numbers(12 * 34));
  const auto whole = bytes_of(header);
  // "# Dimensions\n12 34 1 ... 1 \n": complete from "34" on, for the rest is ones.
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    write_bytes(header, whole.substr(0, length));
    if (length >= 18)
      EXPECT_EQ(BartFile(name).size(), 12 * 34) << length;
    else
      EXPECT_THROW(BartFile{name}, FileError) << length;
  }
}

TEST_F(BartTest, headers_with_a_wrong_byte_are_read_or_refused) {
  write_bart(name, {12, 34}, numbers(12 * 34));
  const auto whole = bytes_of(header);
  misfit::test::with_each_byte_wrong(header, whole, whole.size(),
                                     [&] { EXPECT_EQ(BartFile(name).read().size(), 12 * 34); });
}

TEST_F(BartTest, refuses_to_write_what_does_not_fit) {
  const auto values = numbers(6);
  using Extents = std::vector<std::size_t>;
  const std::size_t huge = std::size_t{1} << 63;  // its square is 0 in 64 bits
  for (const auto& extents : {Extents{}, {5}, {2, 2}, {6, 2}, {3, 0}, {huge, huge}, Extents(17, 1)})
    expect_error<ArgumentError>([&] { write_bart(name, extents, values); }, {"write_bart"});
  expect_error<ArgumentError>([&] { write_bart(name, {0}, {}); }, {"product"});
  EXPECT_EQ(folder.names(), Names{});
}

}  // namespace
