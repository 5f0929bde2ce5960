// SPDX-License-Identifier: BSD-3-Clause
#include "io/file_fault_test.hpp"
#include "io/ismrmrd_file.hpp"

#include <misfit/io/ismrmrd.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

#include <cstring>
#include <string>

namespace {

using misfit::io::IsmrmrdFile;
using misfit::test::bytes_of;
using misfit::test::FileFaultTest;
using misfit::test::ismrmrd_acquisition;
using misfit::test::ismrmrd_header;
using misfit::test::write_bytes;
using misfit::test::write_ismrmrd;
using misfit::test::xml_of;

TEST_F(FileFaultTest, ismrmrd) {
  const auto path = folder / "scan.h5";
  const auto read = [&] { IsmrmrdFile(path).kspace({0}); };
  expect_file_error(read, {"/scan.h5: cannot be opened: No such file"});
  write_ismrmrd(path, xml_of(ismrmrd_header({4, 1}, {4, 1})), {ismrmrd_acquisition(4, 1, 1, 0)});
  expect_file_error(read, {"/scan.h5: has an acquisition 0 outside of its grid of 1 x 4"});
  write_bytes(path, bytes_of(path).substr(0, 3000));
  expect_file_error(read, {"/scan.h5: cannot be opened as an HDF5 file"});
  write_bytes(path, "nothing");
  expect_file_error(read, {"/scan.h5: is no HDF5 file"});
}

/// All ranks read the file of rank 0, at once.
TEST_F(FileFaultTest, ismrmrd_is_read_by_all_ranks) {
  char path[512] = {};
  std::strncpy(path, (folder / "scan.h5").c_str(), sizeof path - 1);
  MPI_Bcast(path, sizeof path, MPI_CHAR, 0, MPI_COMM_WORLD);
  const auto& communicator = operators.communicator();
  communicator.agree("writing", [&] {
    if (communicator.rank() == 0)
      write_ismrmrd(path, xml_of(ismrmrd_header({4, 1}, {4, 1})),
                    {ismrmrd_acquisition(4, 2, 0, 7)});
  });

  const auto values =
      communicator.agree("reading", [&] { return IsmrmrdFile(path).kspace({1}).front(); });

  EXPECT_EQ(values(3).real(), 110);
  communicator.agree("all have read", [] {});  // before the folder goes
}

}  // namespace
