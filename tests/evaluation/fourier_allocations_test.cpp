// SPDX-License-Identifier: BSD-3-Clause
#include "evaluation/allocations.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/geometry/scan_position.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/operators/fourier_blur.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/operators/ptychography.hpp>
#include <misfit/operators/scanned_probe.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <vector>

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

TEST(Allocations, intensities) {
  using misfit::test::expect_no_allocations_if_nonlinear;
  const auto probe = misfit::test::batch_of<Complex>(4, 3, 4);
  const std::vector<misfit::ScanPosition> positions{{0, 0}, {1, 2}, {3, 4}};

  expect_no_allocations_if_nonlinear<Complex, double>([](int i) {
    const auto mask = vector_of<Complex>(static_cast<std::size_t>(i), 48);
    return misfit::PhaseRetrieval(misfit::CoilFourier(shape, mask));
  });
  expect_no_allocations<Complex>(
      48, [=](int) { return misfit::ScannedProbe(shape, probe, positions); });
  expect_no_allocations_if_nonlinear<Complex, double>(
      [=](int) { return misfit::Ptychography(shape, probe, positions); });
}

}  // namespace
