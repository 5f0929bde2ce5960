// SPDX-License-Identifier: BSD-3-Clause
#include "norm_bounds.hpp"

#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/operators/fourier_blur.hpp>
#include <misfit/operators/nonuniform_fourier.hpp>
#include <misfit/operators/scanned_probe.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using norm_bounds::exact;
using norm_bounds::expect_bound;
using reference::random_vector;

template <typename T>
class FourierNormBounds : public testing::Test {};
TYPED_TEST_SUITE(FourierNormBounds, reference::Scalars);

TYPED_TEST(FourierNormBounds, blurs) {
  using T = TypeParam;
  const Kokkos::View<T**, Kokkos::LayoutRight> h("h", 3, 4);
  Kokkos::deep_copy(h, T(0.2));
  expect_bound<T>(misfit::FourierBlur({6, 7}, h), exact);
  expect_bound<T>(misfit::FourierBlur({2, 7}, random_vector<T>(5, 2)), exact);
}

TYPED_TEST(FourierNormBounds, of_complex_images) {
  using R = misfit::detail::Real<TypeParam>;
  using T = Kokkos::complex<R>;
  const misfit::Shape shape{5, 6};
  const auto mask = random_vector<R>(30, 8);
  expect_bound<T>(misfit::Fourier<T>(shape), exact);
  expect_bound<T>(misfit::Fourier(shape, mask), exact);

  std::vector<misfit::CoilFourier<misfit::Vector<T>>> coils;
  for (std::uint64_t i = 0; i < 4; ++i) coils.emplace_back(shape, random_vector<T>(30, i));
  expect_bound<T>(coils, exact);
  expect_bound<T>(misfit::CoilFourier(shape, random_vector<T>(30, 1), mask), 20);

  const Kokkos::View<T**, Kokkos::LayoutRight> probe("probe", 3, 2);
  Kokkos::deep_copy(Kokkos::View<T*>(probe.data(), 6), random_vector<T>(6, 5));
  expect_bound<T>(misfit::ScannedProbe(shape, probe, {{0, 0}, {1, 1}, {2, 4}, {1, 2}, {0, 0}}),
                  exact);
}

template <typename R>
Kokkos::View<R* [2], Kokkos::LayoutRight> frequencies() {
  const Kokkos::View<R* [2], Kokkos::LayoutRight> k("k", 40);
  const auto numbers = random_vector<R>(80, 3);
  const Kokkos::DefaultExecutionSpace exec;
  Kokkos::parallel_for(
      Kokkos::RangePolicy<>(exec, 0, 80),
      KOKKOS_LAMBDA(const int s) { k(s / 2, s % 2) = numbers(s) / 2; });
  exec.fence();
  return k;
}

TYPED_TEST(FourierNormBounds, at_any_frequencies) {
  using R = misfit::detail::Real<TypeParam>;
  using T = Kokkos::complex<R>;
  expect_bound<T>(misfit::NonuniformFourier(misfit::Shape{5, 6}, frequencies<R>()), 1000);
}

}  // namespace
