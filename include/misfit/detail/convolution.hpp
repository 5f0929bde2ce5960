// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Convolution along up to four dimensions, as device functions of one tile of consecutive entries. Both
// directions gather, so that the bits do not depend on the number of threads.

#include <misfit/detail/kokkos.hpp>
#include <misfit/detail/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit {

/// What lies outside the image that is blurred: nothing (then only the outputs that do not need it are
/// computed), its periodic repetition, its mirror image about the edge entry (which is not repeated), or
/// the edge entry.
enum class Padding { valid, circular, reflect, replicate };

namespace detail {

/// One dimension. With the taps w(t) = h(taps − 1 − t) of the flipped kernel,
/// y(o) = Σ_t w(t) x̃(stride o + t − front).
struct Axis {
  std::int64_t inputs = 1;
  std::int64_t outputs = 1;
  std::int64_t taps = 1;
  std::int64_t front = 0;  ///< the entries of padding before the first input
  std::int64_t back = 0;   ///< the entries of padding after the last one
  std::int64_t stride = 1;
  Padding padding = Padding::circular;

  /// The j with x̃(t) = x(j), for t from −front to inputs + back − 1.
  KOKKOS_INLINE_FUNCTION std::int64_t input_at(std::int64_t t) const {
    if (t >= 0 && t < inputs) return t;
    if (padding == Padding::circular) return t < 0 ? t + inputs : t - inputs;
    if (padding == Padding::reflect) return t < 0 ? -t : 2 * (inputs - 1) - t;
    return t < 0 ? 0 : inputs - 1;
  }

  /// Whether padding may repeat input j: no repeated entry is farther from an edge than the padding is
  /// wide.
  KOKKOS_INLINE_FUNCTION bool may_repeat(std::int64_t j) const {
    const std::int64_t reach = front > back ? front : back;
    return j <= reach || j >= inputs - 1 - reach;
  }

  /// The smallest t > `after` with input_at(t) = j, or end() if there is none.
  KOKKOS_INLINE_FUNCTION std::int64_t next_position(std::int64_t j, std::int64_t after) const {
    if (!may_repeat(j)) return after < j ? j : end();
    for (std::int64_t t = after + 1; t < end(); ++t) {
      if (t >= 0 && t < j) t = j;
      if (t > j && t < inputs) t = inputs;
      if (t < end() && input_at(t) == j) return t;
    }
    return end();
  }
  KOKKOS_INLINE_FUNCTION std::int64_t first_position(std::int64_t j) const {
    return next_position(j, -front - 1);
  }
  KOKKOS_INLINE_FUNCTION std::int64_t end() const { return inputs + back; }

  /// The first of the taps that reach position t; the others follow at distance `stride`.
  KOKKOS_INLINE_FUNCTION std::int64_t first_tap(std::int64_t t) const {
    return (t + front) % stride;
  }
  /// The output that sees position t through a tap of first_tap's; may be outside the outputs.
  KOKKOS_INLINE_FUNCTION std::int64_t output_at(std::int64_t t, std::int64_t tap) const {
    return (t + front - tap) / stride;
  }
};

/// The longest tile that is processed at once: on a CPU so many that the compiler vectorises over them, on
/// a GPU a thread each.
template <typename Exec>
inline constexpr int tile_size =
    bool(Kokkos::SpaceAccessibility<Exec, Kokkos::HostSpace>::accessible) ? 32 : 1;

KOKKOS_INLINE_FUNCTION std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}
KOKKOS_INLINE_FUNCTION std::int64_t clamp(std::int64_t a, std::int64_t low, std::int64_t high) {
  return a < low ? low : a > high ? high : a;
}

/// Four dimensions, the last one running fastest; those that are not blurred have one tap.
struct Convolution {
  Kokkos::Array<Axis, 4> axes;

  /// Splits a row index into the indices of the first three dimensions.
  template <typename Extent>
  KOKKOS_INLINE_FUNCTION static void split(std::int64_t row, const Extent& extent,
                                           std::int64_t (&index)[3]) {
    for (int d = 2; d >= 0; --d) {
      index[d] = row % extent(d);
      row /= extent(d);
    }
  }

  KOKKOS_INLINE_FUNCTION std::int64_t output_tiles_per_row(int tile) const {
    return divide_up(axes[3].outputs, tile);
  }
  /// Inputs are processed in tiles of every stride-th entry, which the same taps reach.
  KOKKOS_INLINE_FUNCTION std::int64_t input_tiles_per_row(int tile) const {
    return divide_up(divide_up(axes[3].inputs, axes[3].stride), tile) * axes[3].stride;
  }
  KOKKOS_INLINE_FUNCTION std::int64_t output_rows() const {
    return axes[0].outputs * axes[1].outputs * axes[2].outputs;
  }
  KOKKOS_INLINE_FUNCTION std::int64_t input_rows() const {
    return axes[0].inputs * axes[1].inputs * axes[2].inputs;
  }
};

/// sum(i) += Σ_t w(t) x̃(stride (begin + i) + t − front) for i < count, along one row x. `Stride` is the
/// stride, or 0 where only the axis knows it.
template <int Tile, int Stride, typename W, typename X, typename T>
KOKKOS_INLINE_FUNCTION void gather_row(const Axis& axis, const W* w, const X* x,
                                       std::int64_t begin, int count, T (&sum)[Tile]) {
  const std::int64_t stride = Stride > 0 ? Stride : axis.stride;
  const std::int64_t origin = stride * begin - axis.front;
  if (count == Tile && origin >= 0 &&
      origin + stride * (Tile - 1) + axis.taps - 1 < axis.inputs) {
    for (std::int64_t t = 0; t < axis.taps; ++t) {
      const W weight = w[t];
      const X* in = x + origin + t;
      for (int i = 0; i < Tile; ++i) sum[i] += weight * in[stride * i];
    }
    return;
  }
  for (std::int64_t t = 0; t < axis.taps; ++t) {
    const W weight = w[t];
    const std::int64_t shift = origin + t;
    const int low = shift >= 0 ? 0 : static_cast<int>(clamp(divide_up(-shift, stride), 0, count));
    const int high =
        shift >= axis.inputs
            ? low
            : static_cast<int>(clamp(divide_up(axis.inputs - shift, stride), low, count));
    for (int i = 0; i < low; ++i) sum[i] += weight * x[axis.input_at(shift + stride * i)];
    for (int i = low; i < high; ++i) sum[i] += weight * x[shift + stride * i];
    for (int i = high; i < count; ++i) sum[i] += weight * x[axis.input_at(shift + stride * i)];
  }
}

/// The adjoint of gather_row(): sum(i) += Σ conj(w(t)) y(o) over all (o, t) that read input
/// stride (begin + i) + phase, for i < count, along one row y.
template <int Tile, typename W, typename Y, typename T>
KOKKOS_INLINE_FUNCTION void gather_row_adjoint(const Axis& axis, const W* w, const Y* y,
                                               std::int64_t phase, std::int64_t begin, int count,
                                               T (&sum)[Tile]) {
  for (std::int64_t t = axis.first_tap(phase); t < axis.taps; t += axis.stride) {
    const W weight = detail::conj(w[t]);
    const std::int64_t shift = begin + (phase + axis.front - t) / axis.stride;
    const Y* in = y + shift;
    if (count == Tile && shift >= 0 && shift + Tile <= axis.outputs) {
      for (int i = 0; i < Tile; ++i) sum[i] += weight * in[i];
    } else {
      const int low = static_cast<int>(clamp(-shift, 0, count));
      const int high = static_cast<int>(clamp(axis.outputs - shift, low, count));
      for (int i = low; i < high; ++i) sum[i] += weight * in[i];
    }
  }
  if (!axis.may_repeat(axis.stride * begin + phase) &&
      !axis.may_repeat(axis.stride * (begin + count - 1) + phase))
    return;
  for (int i = 0; i < count; ++i) {
    const std::int64_t j = axis.stride * (begin + i) + phase;
    if (!axis.may_repeat(j)) continue;
    for (std::int64_t p = axis.first_position(j); p < axis.end(); p = axis.next_position(j, p)) {
      if (p == j) continue;
      for (std::int64_t t = axis.first_tap(p); t < axis.taps; t += axis.stride) {
        const std::int64_t o = axis.output_at(p, t);
        if (o >= 0 && o < axis.outputs && p + axis.front >= t)
          sum[i] += detail::conj(w[t]) * y[o];
      }
    }
  }
}

}  // namespace detail
}  // namespace misfit
