// SPDX-License-Identifier: BSD-3-Clause
#include "io/file_fault_test.hpp"

#include <misfit/io/bart.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace {

using misfit::io::BartFile;
using misfit::io::HostVector;
using misfit::test::FileFaultTest;
using misfit::test::write_bytes;

TEST_F(FileFaultTest, bart) {
  const auto read = [&] { BartFile(folder / "k").read(); };
  expect_file_error(read, {"/k.hdr: cannot be opened: No such file"});
  write_bytes(folder / "k.hdr", "nothing");
  expect_file_error(read, {"/k.hdr: has no line \"# Dimensions\""});
  write_bytes(folder / "k.hdr", "# Dimensions\n2 -3\n");
  expect_file_error(read, {"/k.hdr: has the extent \"-3\""});
  write_bytes(folder / "k.hdr", "# Dimensions\n2 3\n");
  expect_file_error(read, {"/k.cfl: cannot be opened: No such file"});
  write_bytes(folder / "k.cfl", std::string(47, '\0'));
  expect_file_error(read, {"/k.cfl: has 47 bytes, but ", "/k.hdr tells of 48"});
  std::filesystem::remove(folder / "k.cfl");
  std::filesystem::create_directory(folder / "k.cfl");
  expect_file_error(read, {"/k.cfl: is a directory, not a file"});

  const HostVector<Kokkos::complex<float>> values("values", 1000);
  const auto write = [&] { misfit::io::write_bart(folder / "w", {1000}, values); };
  {
    const misfit::test::FullDisk full(100);
    expect_file_error(write, {"/w.cfl: cannot be written: File too large"});
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"k.cfl", "k.hdr"}));
}

}  // namespace
