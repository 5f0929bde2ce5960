// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace misfit::detail {

/// A kernel of three dimensions on the host, row-major.
template <typename Value>
struct FlippedKernel {
  std::array<std::size_t, 3> extents = {1, 1, 1};
  std::vector<Value> entries;
};

/// A kernel of rank 1, 2 or 3 of any layout, flipped in every dimension; missing dimensions, the
/// first ones, get extent 1. Blocks. Throws ArgumentError naming `owner` if it is empty or not
/// finite.
template <typename Value, typename Kernel>
FlippedKernel<Value> flipped_kernel(const Kernel& kernel, const std::string& owner = "Blur") {
  constexpr auto rank = static_cast<std::size_t>(Kernel::rank);
  static_assert(rank >= 1 && rank <= 3, "misfit: the kernel of a Blur has rank 1, 2 or 3");
  if (kernel.size() == 0) throw ArgumentError(owner + ": kernel is empty");

  const auto source = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, kernel);
  FlippedKernel<Value> flipped;
  for (std::size_t d = 0; d < rank; ++d) flipped.extents[3 - rank + d] = kernel.extent(d);
  flipped.entries.resize(kernel.size());
  std::size_t end = kernel.size();
  const auto put = [&](const Value& value) {
    if (zero_or_nan(value) != 0)
      throw ArgumentError(owner + ": kernel: has entries that are not finite");
    flipped.entries[--end] = value;
  };
  for (std::size_t i = 0; i < kernel.extent(0); ++i) {
    if constexpr (rank == 1) {
      put(source(i));
    } else {
      for (std::size_t j = 0; j < kernel.extent(1); ++j) {
        if constexpr (rank == 2) {
          put(source(i, j));
        } else {
          for (std::size_t k = 0; k < kernel.extent(2); ++k) put(source(i, j, k));
        }
      }
    }
  }
  return flipped;
}

/// How far the product of separable_factors() may be from the kernel, in units of its largest entry
/// [1]. With d dimensions, a b c has d entries of the kernel above and d − 1 below, and is compared
/// with one more. Say each is right to ε of the largest (a product that was normalised, or an
/// exponential: two roundings): 2 d ε in all. The divisions and products here add 2 (d − 1)
/// roundings, of less than ε each also for complex numbers: less than 4 d ε together.
template <typename Value>
inline constexpr double separable_slack =
    4.0 * 3 * static_cast<double>(std::numeric_limits<Real<Value>>::epsilon());

/// The factors a, b and c of a kernel that is an outer product h(i, j, k) = a(i) b(j) c(k) to
/// rounding, one behind the other; nothing for other kernels, and for those with extents above 1 in
/// less than two dimensions, which factors would not make cheaper.
template <typename Value>
std::vector<Value> separable_factors(const FlippedKernel<Value>& kernel) {
  const auto n0 = kernel.extents[0], n1 = kernel.extents[1], n2 = kernel.extents[2];
  const auto h = [&](std::size_t i, std::size_t j, std::size_t k) {
    return kernel.entries[(i * n1 + j) * n2 + k];
  };
  const std::size_t dimensions = (n0 > 1) + (n1 > 1) + (n2 > 1);
  if (dimensions < 2) return {};
  std::size_t at = 0;
  for (std::size_t q = 0; q < kernel.entries.size(); ++q)
    if (abs(kernel.entries[q]) > abs(kernel.entries[at])) at = q;
  const std::size_t i0 = at / n2 / n1, j0 = at / n2 % n1, k0 = at % n2;
  const Value largest = kernel.entries[at];
  if (abs(largest) == 0) return {};

  // The lines through the largest entry: h = a b c if h is an outer product.
  std::vector<Value> factors;
  for (std::size_t i = 0; i < n0; ++i) factors.push_back(h(i, j0, k0) / largest);
  for (std::size_t j = 0; j < n1; ++j) factors.push_back(h(i0, j, k0) / largest);
  for (std::size_t k = 0; k < n2; ++k) factors.push_back(h(i0, j0, k));

  const double bound = separable_slack<Value> * static_cast<double>(dimensions) / 3 * abs(largest);
  for (std::size_t i = 0; i < n0; ++i)
    for (std::size_t j = 0; j < n1; ++j)
      for (std::size_t k = 0; k < n2; ++k) {
        const Value product = factors[i] * factors[n0 + j] * factors[n0 + n1 + k];
        if (!(abs(product - h(i, j, k)) <= bound)) return {};
      }
  return factors;
}

}  // namespace misfit::detail
