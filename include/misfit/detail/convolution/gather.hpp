// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// One entry of a convolution in four dimensions, from the definition: what a thread of a GPU does.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/axis.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// y(item).
template <typename Y, typename W, typename X>
KOKKOS_INLINE_FUNCTION Y gathered(const Axes& axes, const W* w, const X* x, std::int64_t item) {
  const auto &a = axes[0], &b = axes[1], &c = axes[2], &d = axes[3];
  const std::int64_t row = item / d.outputs;
  const std::int64_t at_d = item % d.outputs * d.stride - d.front;
  const std::int64_t at_c = row % c.outputs * c.stride - c.front;
  const std::int64_t at_b = row / c.outputs % b.outputs * b.stride - b.front;
  const std::int64_t at_a = row / c.outputs / b.outputs * a.stride - a.front;
  const bool inside = at_d >= 0 && at_d + d.taps <= d.inputs;
  Y sum(0);
  for (std::int64_t t = 0; t < a.taps; ++t) {
    const std::int64_t plane = a.input_at(at_a + t) * b.inputs;
    for (std::int64_t u = 0; u < b.taps; ++u) {
      const std::int64_t line = (plane + b.input_at(at_b + u)) * c.inputs;
      for (std::int64_t v = 0; v < c.taps; ++v) {
        const W* weight = w + ((t * b.taps + u) * c.taps + v) * d.taps;
        const X* in = x + (line + c.input_at(at_c + v)) * d.inputs;
        if (inside)
          for (std::int64_t i = 0; i < d.taps; ++i) sum += weight[i] * in[at_d + i];
        else
          for (std::int64_t i = 0; i < d.taps; ++i) sum += weight[i] * in[d.input_at(at_d + i)];
      }
    }
  }
  return sum;
}

/// What the adjoint adds to x(item).
template <typename X, typename W, typename Y>
KOKKOS_INLINE_FUNCTION X gathered_adjoint(const Axes& axes, const W* w, const Y* y,
                                          std::int64_t item) {
  const auto &a = axes[0], &b = axes[1], &c = axes[2], &d = axes[3];
  const std::int64_t j = item % d.inputs, row = item / d.inputs;
  const std::int64_t j_a = row / c.inputs / b.inputs, j_b = row / c.inputs % b.inputs,
                     j_c = row % c.inputs;
  X sum(0);
  for_each_output(a, j_a, [&](std::int64_t t, std::int64_t o_a) {
    for_each_output(b, j_b, [&](std::int64_t u, std::int64_t o_b) {
      for_each_output(c, j_c, [&](std::int64_t v, std::int64_t o_c) {
        const W* weight = w + ((t * b.taps + u) * c.taps + v) * d.taps;
        const Y* in = y + ((o_a * b.outputs + o_b) * c.outputs + o_c) * d.outputs;
        for_each_output(d, j,
                        [&](std::int64_t i, std::int64_t o) { sum += conj(weight[i]) * in[o]; });
      });
    });
  });
  return sum;
}

}  // namespace misfit::detail
