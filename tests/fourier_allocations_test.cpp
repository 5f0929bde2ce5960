// SPDX-License-Identifier: BSD-3-Clause
#include "support/allocations.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/operators/fourier_blur.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

namespace {

using misfit::test::expect_no_allocations;
using misfit::test::vector_of;
using Complex = Kokkos::complex<double>;
const misfit::Shape shape{6, 8};

TEST(Allocations, fourier) {
  expect_no_allocations<Complex>(48, [](int) { return misfit::Fourier<Complex>(shape); });
  expect_no_allocations<Complex>(
      48, [](int) { return misfit::Fourier(shape, vector_of<double>(4, 48)); });
  expect_no_allocations<Complex>(
      48, [](int) { return misfit::CoilFourier(shape, vector_of<Complex>(4, 48)); });
}

TEST(Allocations, fourier_blur) {
  const auto kernel = [] {
    Kokkos::View<double**> entries("kernel", 3, 3);
    Kokkos::deep_copy(entries, 1.0 / 9);
    return entries;
  };
  expect_no_allocations<double>(48, [=](int) { return misfit::FourierBlur(shape, kernel()); });
  expect_no_allocations<Complex>(
      48, [=](int) { return misfit::FourierBlur<Complex>(shape, kernel()); });
}

}  // namespace
