// SPDX-License-Identifier: BSD-3-Clause
#include "io/bart_test.hpp"
#include "io/file_rows.hpp"

#include <misfit/io/bart.hpp>

#include <gtest/gtest.h>

namespace {

using misfit::io::BartFile;
using misfit::io::write_bart;
using misfit::test::FileRows;
using misfit::test::numbers;

TEST_F(FileRows, slices_of_bart) {
  write_on_one_rank([&] { write_bart(path, {4, 3, 7, 2, 1, 2}, numbers(4 * 84)); });
  expect_slabs_are_images(BartFile(path), 4, {7, 3, 4});
}

TEST_F(FileRows, lines_of_bart) {
  write_on_one_rank([&] { write_bart(path, {4, 2, 1, 3}, numbers(24)); });
  expect_slabs_are_images(BartFile(path), 3, {2, 4});  // of 3 ranks one has no line
}

}  // namespace
