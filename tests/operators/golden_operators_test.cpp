// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/distances/evaluate.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/mask.hpp>

#include <gtest/gtest.h>
#include <support/golden.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace {

constexpr double tolerance = 1e-12;

/// Σ_i d(A_i x, y_i) with d = L2(0.7), y_i = s(20 + i), x = s(k), and its gradient, one operator
/// after the other.
template <typename Factory>
void check(const std::string& name, int k, const Factory& make) {
  const Kokkos::DefaultExecutionSpace exec;
  const auto expected = golden::read(name, "sum", "L2(sigma=0.7)");
  const std::size_t n = make(0).domain_size();
  const auto x = golden::device_vector(golden::s_vector(k, n));
  const misfit::Vector<double> gradient("gradient", n);
  const misfit::L2 distance(0.7);

  double value = 0;
  for (int i = 0; i < expected.n; ++i) {
    const auto a = make(i);
    const auto y = golden::device_vector(golden::s_vector(20 + i, a.range_size()));
    const misfit::Vector<double> u("u", a.range_size());
    a.apply(exec, misfit::Vector<const double>(x), u);
    value += misfit::value_and_gradient(exec, distance, u, y, u);
    a.apply_adjoint(exec, misfit::Vector<const double>(u), gradient);
    exec.fence();
  }

  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, gradient);
  EXPECT_NEAR(value, expected.value[0], tolerance * expected.value[0]);
  golden::expect_gradient({host.data(), host.data() + n}, expected, tolerance);
}

Kokkos::View<double**> kernel(int i, std::size_t rows, std::size_t columns) {
  const Kokkos::View<double**> h("h", rows, columns);
  const auto host = Kokkos::create_mirror_view(h);
  const auto entries = golden::filter(i, rows * columns);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) host(r, c) = entries[r * columns + c];
  Kokkos::deep_copy(h, host);
  return h;
}

TEST(GoldenOperators, mask) {
  check("mask", 2, [](int i) {
    auto m = golden::s_vector(40 + i, 72);
    for (double& entry : m) entry = entry > 0 ? 1 : 0;
    return misfit::Mask(golden::device_vector(m));
  });
}

TEST(GoldenOperators, dense) {
  check("dense_ragged", 3, [](int i) {
    const std::size_t rows = 7 + static_cast<std::size_t>(i);
    const Kokkos::View<double**> a("a", rows, 30);
    const auto host = Kokkos::create_mirror_view(a);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < 30; ++c)
        host(r, c) = golden::s(50 + i, r * 30 + c) / std::sqrt(30.0);
    Kokkos::deep_copy(a, host);
    return misfit::Dense(a);
  });
}

TEST(GoldenOperators, blur_valid) {
  check("blur_valid", 4, [](int i) {
    return misfit::Blur({10, 11}, kernel(i, 3, 5), misfit::Padding::valid);
  });
}

TEST(GoldenOperators, blur_circular) {
  check("blur_circular", 4, [](int i) { return misfit::Blur({10, 11}, kernel(i, 3, 5)); });
}

TEST(GoldenOperators, downsampled_blur) {
  check("downsample2_valid", 5, [](int i) {
    return misfit::compose(misfit::Downsample({3, 8, 12}, {1, 2, 2}),
                           misfit::Blur({3, 12, 16}, kernel(i, 5, 5), misfit::Padding::valid));
  });
}

TEST(GoldenOperators, downsample_of_blur) {
  check("downsample2_valid", 5, [](int i) {
    return misfit::Compose(misfit::Downsample({3, 8, 12}, {1, 2, 2}),
                           misfit::Blur({3, 12, 16}, kernel(i, 5, 5), misfit::Padding::valid));
  });
}

}  // namespace
