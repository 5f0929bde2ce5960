// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/geometry/padding.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// One dimension of a convolution. With the taps w(t) = h(taps − 1 − t) of the flipped kernel,
/// y(o) = Σ_t w(t) x̃(stride o + t − front), where x̃ is the padded x.
struct Axis {
  std::int64_t inputs = 1;
  std::int64_t outputs = 1;
  std::int64_t taps = 1;
  std::int64_t front = 0;  ///< entries of padding before the first input; or less 0, not read
  std::int64_t back = 0;   ///< entries of padding after the last input; or less 0, not read
  std::int64_t stride = 1;
  Padding padding = Padding::valid;

  /// The j with x̃(p) = x(j), for a position p from −front to inputs + back − 1. Forward and adjoint
  /// both stand on it, so that neither can differ from the other.
  KOKKOS_INLINE_FUNCTION std::int64_t input_at(std::int64_t p) const {
    if (p >= 0 && p < inputs) return p;
    if (padding == Padding::circular) return p < 0 ? p + inputs : p - inputs;
    if (padding == Padding::reflect) return p < 0 ? -p : 2 * (inputs - 1) - p;
    return p < 0 ? 0 : inputs - 1;
  }

  /// No padding repeats an input that is farther than this from the first and from the last one.
  KOKKOS_INLINE_FUNCTION std::int64_t reach() const { return front > back ? front : back; }

  /// The positions p with input_at(p) = j, in rising order: first_position(j), next_position(j, p),
  /// ..., end_position().
  KOKKOS_INLINE_FUNCTION std::int64_t first_position(std::int64_t j) const {
    return next_position(j, -front - 1);
  }
  KOKKOS_INLINE_FUNCTION std::int64_t next_position(std::int64_t j, std::int64_t p) const {
    if (j > reach() && j < inputs - 1 - reach()) return p < j ? j : end_position();
    for (++p; p < end_position(); ++p) {
      if (p >= 0 && p < j) p = j;
      if (p > j && p < inputs) p = inputs;
      if (p < end_position() && input_at(p) == j) return p;
    }
    return end_position();
  }
  KOKKOS_INLINE_FUNCTION std::int64_t end_position() const { return inputs + back; }
};

using Axes = Kokkos::Array<Axis, 4>;

/// Calls f(tap, output) for all pairs through which input j is read, padding included.
template <typename F>
KOKKOS_INLINE_FUNCTION void for_each_output(const Axis& axis, std::int64_t j, const F& f) {
  for (std::int64_t p = axis.first_position(j); p < axis.end_position();
       p = axis.next_position(j, p)) {
    const std::int64_t seen = p + axis.front;
    std::int64_t output = axis.stride == 1 ? seen : seen / axis.stride;
    std::int64_t tap = seen - output * axis.stride;
    if (output >= axis.outputs) {
      tap += axis.stride * (output - axis.outputs + 1);
      output = axis.outputs - 1;
    }
    for (; tap < axis.taps && output >= 0; tap += axis.stride, --output) f(tap, output);
  }
}

}  // namespace misfit::detail
