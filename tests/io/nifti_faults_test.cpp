// SPDX-License-Identifier: BSD-3-Clause
#include "io/file_fault_test.hpp"

#include <misfit/io/nifti.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace {

using misfit::io::HostVector;
using misfit::io::NiftiFile;
using misfit::test::bytes_of;
using misfit::test::FileFaultTest;
using misfit::test::write_bytes;

TEST_F(FileFaultTest, nifti) {
  const HostVector<float> values("values", 24);
  for (std::size_t j = 0; j < 24; ++j) values(j) = static_cast<float>(j) / 7;
  const auto plain = folder / "v.nii", compressed = folder / "v.nii.gz";
  const auto read = [&] { NiftiFile(plain).read(); };
  expect_file_error(read, {"/v.nii: cannot be opened: No such file"});
  misfit::io::write_nifti(plain, {2, 3, 4}, {1, 1, 1}, values);
  auto bytes = bytes_of(plain);
  write_bytes(plain, bytes.substr(0, bytes.size() - 1));
  expect_file_error(read, {"/v.nii: is too short for 2 x 3 x 4 voxels"});
  bytes[70] = 32;  // the type: complex
  write_bytes(plain, bytes);
  expect_file_error(read, {"/v.nii: has voxels of type COMPLEX64"});
  write_bytes(plain, std::string(1000, 'x'));
  expect_file_error(read, {"/v.nii: is no NIfTI-1 file"});

  misfit::io::write_nifti(compressed, {2, 3, 4}, {1, 1, 1}, values);
  bytes = bytes_of(compressed);
  write_bytes(compressed, bytes.substr(0, bytes.size() - 12));
  expect_file_error([&] { NiftiFile(compressed).read(); },
                    {"/v.nii.gz: is corrupt, or ends before"});
}

}  // namespace
