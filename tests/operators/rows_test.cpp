// SPDX-License-Identifier: BSD-3-Clause

// Rows of a measurement that an operator does not have.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cstddef>

namespace {

using misfit::test::batch_of;
using misfit::test::vector_of;

/// Of at least 3 rows.
template <typename Op>
void expect_only_own_rows(const char* name, const Op& op) {
  const std::size_t rows = op.measurement_rows().rows.size();
  EXPECT_EQ(op.on_rows({1, rows}).domain_size(), op.domain_size());
  for (const misfit::Rows& none : {misfit::Rows{0, rows + 1}, misfit::Rows{rows, rows + 1},
                                   misfit::Rows{2, 2}, misfit::Rows{2, 1}})
    misfit::test::expect_argument_error(name, [&] { op.on_rows(none); });
}

TEST(RowsOfMeasurements, others_are_refused) {
  const misfit::Shape image{6, 5};
  expect_only_own_rows("Blur: ", misfit::Blur(image, batch_of<double>(1, 3, 3)));
  expect_only_own_rows("Dense: ", misfit::Dense(batch_of<double>(1, 5, 12)));
  expect_only_own_rows("FiniteDifference: ", misfit::FiniteDifference(image));
  expect_only_own_rows("Identity: ", misfit::Identity(12));
  expect_only_own_rows("Mask: ", misfit::Mask(vector_of<double>(1, 12)));
  expect_only_own_rows("Radon: ", misfit::Radon({5, 5}, {0.1, 0.8, 1.1}));
  expect_only_own_rows("SliceBySlice: ",
                       misfit::slice_by_slice(misfit::Dense(batch_of<double>(1, 5, 12)), 4));
}

}  // namespace
