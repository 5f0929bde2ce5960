// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the tests of operators compare with: serial loops in long double on the host.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/blas1.hpp>

#include <gtest/gtest.h>
#include <support/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace reference {

using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
/// For tests of how operators are cut, stacked and chained, whatever they hold.
using TwoScalars = testing::Types<float, Kokkos::complex<double>>;

template <typename T>
Number number(const T& z) {
  if constexpr (misfit::detail::is_complex<T>)
    return {z.real(), z.imag()};
  else
    return z;
}

/// The entries of a View of rank 1, on the host.
template <typename V>
Numbers numbers(const V& view) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
  Numbers out(host.extent(0));
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = number(host(j));
  return out;
}

/// n numbers in [-1, 1), the imaginary parts too.
template <typename T>
misfit::Vector<T> random_vector(std::size_t n, std::uint64_t seed) {
  misfit::Vector<T> v("v", n);
  const Kokkos::DefaultExecutionSpace exec;
  misfit::detail::fill_random(exec, v, seed);
  exec.fence();
  return v;
}

/// The contract of an adjoint: 1e-13 in double, 1e-6 in float.
template <typename T>
constexpr long double adjoint_tolerance() {
  return std::is_same_v<misfit::detail::Real<T>, float> ? 1e-6L : 1e-13L;
}

/// A x.
template <typename T, typename A, typename X>
misfit::Vector<T> apply(const A& a, const X& x) {
  const Kokkos::DefaultExecutionSpace exec;
  misfit::Vector<T> y("y", a.range_size());
  Kokkos::deep_copy(y, T(NAN));  // apply() overwrites
  a.apply(exec, typename X::const_type(x), y);
  exec.fence();
  return y;
}

/// Expects `view` to be what it must be, to `tolerance` times the largest entry.
template <typename V>
void expect_close(const V& view, const Numbers& expected, long double tolerance) {
  const auto found = numbers(view);
  ASSERT_EQ(found.size(), expected.size());
  long double largest = 1;
  for (const auto& z : expected) largest = std::max(largest, std::abs(z));
  for (std::size_t j = 0; j < found.size(); ++j)
    ASSERT_LE(std::abs(found[j] - expected[j]), tolerance * largest) << "entry " << j;
}

/// Expects |⟨A x, y⟩ − ⟨x, A^H y⟩| within the contract, and that the adjoint accumulates. For ‖A‖
/// stands what A and A^H do to x and y, which is no larger.
template <typename T, typename A>
void expect_adjoint(const A& a) {
  const Kokkos::DefaultExecutionSpace exec;
  const auto x = random_vector<T>(a.domain_size(), 1), start = random_vector<T>(a.domain_size(), 2);
  const auto y = random_vector<T>(a.range_size(), 3);
  misfit::Vector<T> z("z", a.domain_size());
  Kokkos::deep_copy(z, start);

  const auto ax = numbers(apply<T>(a, x));
  a.add_adjoint(exec, typename misfit::Vector<T>::const_type(y), z);
  exec.fence();

  const auto ahy = difference(numbers(z), numbers(start));
  const auto norm_x = norm(numbers(x)), norm_y = norm(numbers(y));
  const auto error = std::abs(dot(ax, numbers(y)) - dot(numbers(x), ahy));
  // The rounding of start + A^H y counts too, and so does the size of start.
  const auto scale = std::max(norm(ax) * norm_y, norm_x * (norm(ahy) + norm(numbers(start))));
  EXPECT_LE(error, adjoint_tolerance<T>() * scale);
}

}  // namespace reference
