// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/number_text.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit::detail {

/// `value` itself; throws ArgumentError naming it unless it is positive and finite.
inline double positive(double value, const std::string& name) {
  if (!(value > 0) || !std::isfinite(value))
    throw ArgumentError(name + " must be positive and finite, is " + number_text(value));
  return value;
}

/// `value` itself; throws ArgumentError naming it unless it is finite and not negative.
inline double non_negative(double value, const std::string& name) {
  if (!(value >= 0) || !std::isfinite(value))
    throw ArgumentError(name + " must be finite and not negative, is " + number_text(value));
  return value;
}

/// A View of rank 1 of float or double: a parameter with an entry for each of the measurement.
template <typename V>
concept RealVector = Kokkos::is_view<V>::value && static_cast<std::size_t>(V::rank) == 1 &&
                     std::floating_point<typename V::non_const_value_type>;

/// Throws ArgumentError naming `name` if an entry of the real `view`, times `factor`, is negative
/// or not finite. Blocks.
template <typename Exec, typename V>
void require_non_negative(const Exec& exec, const std::string& name, const V& view,
                          double factor = 1.0) {
  const double bad = wide_sum(
      exec, "misfit::require_non_negative", view.extent(0), KOKKOS_LAMBDA(const std::int64_t j) {
        const double entry = factor * static_cast<double>(view(j));
        return entry >= 0 && 0 * entry == 0 ? 0.0 : 1.0;
      });
  if (bad > 0)
    throw ArgumentError(name + " must be finite and not negative, " +
                        std::to_string(static_cast<std::int64_t>(bad)) + " entries are not");
}

/// Throws ArgumentError naming `name` unless `view` has m entries.
template <typename V>
void require_size(const std::string& name, const V& view, std::size_t m) {
  if (view.extent(0) != m)
    throw ArgumentError(name + " have " + std::to_string(view.extent(0)) +
                        " entries, the measurement has " + std::to_string(m));
}

}  // namespace misfit::detail
