// SPDX-License-Identifier: BSD-3-Clause
#include "io/file_rows.hpp"
#include "io/nifti_file.hpp"

#include <misfit/io/nifti.hpp>

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using misfit::io::NiftiFile;
using misfit::test::FileRows;
using misfit::test::nifti_file;
using misfit::test::nifti_header;
using misfit::test::write_bytes;

TEST_F(FileRows, slices_of_nifti) {
  write_on_one_rank([&] {
    write_bytes(path, nifti_file<std::int16_t>(nifti_header({4, 3, 7, 5}, DT_INT16), 5 * 84));
  });
  expect_slabs_are_images(NiftiFile(path), 5, {7, 3, 4});
}

}  // namespace
