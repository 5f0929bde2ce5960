// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Convolution in four dimensions, the last one running fastest; a dimension that is not blurred has
// one tap. Both directions gather tiles of entries of one row: no atomics, and the same bits for
// any number of threads.

#include <misfit/detail/axis.hpp>
#include <misfit/detail/kokkos.hpp>
#include <misfit/detail/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

using Axes = Kokkos::Array<Axis, 4>;

/// The entries that one thread computes. On a CPU so many that the compiler vectorises over them,
/// yet few enough that their sums stay close; on a GPU one, so that threads next to each other read
/// entries next to each other.
template <typename Exec, typename T>
inline constexpr int tile_size =
    bool(Kokkos::SpaceAccessibility<Exec, Kokkos::HostSpace>::accessible)
        ? 256 / static_cast<int>(sizeof(T))
        : 1;

KOKKOS_INLINE_FUNCTION std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

KOKKOS_INLINE_FUNCTION int clamp(std::int64_t a, int low, int high) {
  return a < low ? low : a > high ? high : static_cast<int>(a);
}

/// sum(i) += Σ_t w(t) x̃(stride (begin + i) + t − front) for i < count, along one row x. `Stride` is
/// the stride, or 0 where it is not known when compiling.
template <int Tile, int Stride, typename W, typename X, typename T>
KOKKOS_INLINE_FUNCTION void gather_row(const Axis& axis, const W* w, const X* x, std::int64_t begin,
                                       int count, T (&sum)[Tile]) {
  const std::int64_t stride = Stride > 0 ? Stride : axis.stride;
  const std::int64_t origin = stride * begin - axis.front;
  if (count == Tile && origin >= 0 && origin + stride * (Tile - 1) + axis.taps <= axis.inputs) {
    for (std::int64_t t = 0; t < axis.taps; ++t) {
      const W weight = w[t];
      const X* in = x + origin + t;
      for (int i = 0; i < Tile; ++i) sum[i] += weight * in[stride * i];
    }
    return;
  }
  for (std::int64_t t = 0; t < axis.taps; ++t) {
    const W weight = w[t];
    const std::int64_t first = origin + t;
    const int low = first >= 0 ? 0 : clamp(divide_up(-first, stride), 0, count);
    const int high =
        first >= axis.inputs ? low : clamp(divide_up(axis.inputs - first, stride), low, count);
    for (int i = 0; i < low; ++i) sum[i] += weight * x[axis.input_at(first + stride * i)];
    for (int i = low; i < high; ++i) sum[i] += weight * x[first + stride * i];
    for (int i = high; i < count; ++i) sum[i] += weight * x[axis.input_at(first + stride * i)];
  }
}

/// The adjoint of gather_row(): sum(i) += Σ conj(w(t)) y(o) over all (t, o) that read the input
/// stride (begin + i) + phase, for i < count, along one row y. These inputs share their taps.
template <int Tile, typename W, typename Y, typename T>
KOKKOS_INLINE_FUNCTION void gather_row_adjoint(const Axis& axis, const W* w, const Y* y,
                                               std::int64_t phase, std::int64_t begin, int count,
                                               T (&sum)[Tile]) {
  std::int64_t first = begin + (phase + axis.front) / axis.stride;
  for (std::int64_t t = (phase + axis.front) % axis.stride; t < axis.taps;
       t += axis.stride, --first) {
    const W weight = conj(w[t]);
    if (count == Tile && first >= 0 && first + Tile <= axis.outputs) {
      const Y* in = y + first;
      for (int i = 0; i < Tile; ++i) sum[i] += weight * in[i];
    } else {
      const int low = clamp(-first, 0, count), high = clamp(axis.outputs - first, low, count);
      for (int i = low; i < high; ++i) sum[i] += weight * y[first + i];
    }
  }
  // Only inputs near an edge are repeated by padding.
  const std::int64_t origin = axis.stride * begin + phase;
  const int left = clamp(divide_up(axis.reach() + 1 - origin, axis.stride), 0, count);
  const int right =
      clamp(divide_up(axis.inputs - 1 - axis.reach() - origin, axis.stride), left, count);
  for (int i = 0; i < count; ++i) {
    if (i == left) i = right;
    if (i >= count) break;
    const std::int64_t j = origin + axis.stride * i;
    for (std::int64_t p = axis.first_position(j); p < axis.end_position();
         p = axis.next_position(j, p)) {
      if (p == j) continue;
      const std::int64_t seen = p + axis.front;
      std::int64_t o = seen / axis.stride;
      for (std::int64_t t = seen - o * axis.stride; t < axis.taps && o >= 0; t += axis.stride, --o)
        if (o < axis.outputs) sum[i] += conj(w[t]) * y[o];
    }
  }
}

/// y(o) for the outputs o of one tile. `item` counts the tiles of all rows.
template <int Tile, int Stride, typename W, typename X, typename Y>
KOKKOS_INLINE_FUNCTION void convolve_tile(const Axes& axes, const W* w, const X* x, Y* y,
                                          std::int64_t item) {
  const auto &a = axes[0], &b = axes[1], &c = axes[2], &d = axes[3];
  const std::int64_t tiles = divide_up(d.outputs, Tile);
  const std::int64_t row = item / tiles, begin = item % tiles * Tile;
  const int count = clamp(d.outputs - begin, 0, Tile);
  const std::int64_t at_c = row % c.outputs * c.stride - c.front;
  const std::int64_t at_b = row / c.outputs % b.outputs * b.stride - b.front;
  const std::int64_t at_a = row / c.outputs / b.outputs * a.stride - a.front;
  Y sum[Tile] = {};
  for (std::int64_t t = 0; t < a.taps; ++t) {
    const std::int64_t plane = a.input_at(at_a + t) * b.inputs;
    for (std::int64_t u = 0; u < b.taps; ++u) {
      const std::int64_t line = (plane + b.input_at(at_b + u)) * c.inputs;
      for (std::int64_t v = 0; v < c.taps; ++v)
        gather_row<Tile, Stride>(d, w + ((t * b.taps + u) * c.taps + v) * d.taps,
                                 x + (line + c.input_at(at_c + v)) * d.inputs, begin, count, sum);
    }
  }
  for (int i = 0; i < count; ++i) y[row * d.outputs + begin + i] = sum[i];
}

/// Adds to x(j) for the inputs j of one tile: every stride-th entry of a row.
template <int Tile, typename W, typename Y, typename X>
KOKKOS_INLINE_FUNCTION void convolve_adjoint_tile(const Axes& axes, const W* w, const Y* y, X* x,
                                                  std::int64_t item) {
  const auto &a = axes[0], &b = axes[1], &c = axes[2], &d = axes[3];
  const std::int64_t tiles = divide_up(divide_up(d.inputs, d.stride), Tile) * d.stride;
  const std::int64_t row = item / tiles, tile = item % tiles;
  const std::int64_t phase = tile % d.stride, begin = tile / d.stride * Tile;
  const int count = clamp(divide_up(d.inputs - phase, d.stride) - begin, 0, Tile);
  if (count == 0) return;
  X sum[Tile] = {};
  const std::int64_t j_a = row / c.inputs / b.inputs, j_b = row / c.inputs % b.inputs,
                     j_c = row % c.inputs;
  for (Reader r(a, j_a); r.valid(); r.advance())
    for (Reader s(b, j_b); s.valid(); s.advance())
      for (Reader t(c, j_c); t.valid(); t.advance())
        gather_row_adjoint(
            d, w + ((r.tap() * b.taps + s.tap()) * c.taps + t.tap()) * d.taps,
            y + ((r.output() * b.outputs + s.output()) * c.outputs + t.output()) * d.outputs, phase,
            begin, count, sum);
  for (int i = 0; i < count; ++i) x[row * d.inputs + d.stride * (begin + i) + phase] += sum[i];
}

/// y = A x. Asynchronous on `exec`.
template <int Stride, typename Exec, typename W, typename X, typename Y>
void convolve(const Exec& exec, const Axes& axes, const W& w, const X& x, const Y& y) {
  constexpr int tile = tile_size<Exec, typename Y::value_type>;
  const std::int64_t rows = axes[0].outputs * axes[1].outputs * axes[2].outputs;
  const std::int64_t items = rows * divide_up(axes[3].outputs, tile);
  Kokkos::parallel_for(
      "misfit::Blur::apply", range(exec, static_cast<std::size_t>(items)),
      KOKKOS_LAMBDA(const std::int64_t item) {
        convolve_tile<tile, Stride>(axes, w.data(), x.data(), y.data(), item);
      });
}

/// x += A^H y. Asynchronous on `exec`.
template <typename Exec, typename W, typename Y, typename X>
void convolve_adjoint(const Exec& exec, const Axes& axes, const W& w, const Y& y, const X& x) {
  constexpr int tile = tile_size<Exec, typename X::value_type>;
  const Axis& last = axes[3];
  const std::int64_t rows = axes[0].inputs * axes[1].inputs * axes[2].inputs;
  const std::int64_t tiles = divide_up(divide_up(last.inputs, last.stride), tile) * last.stride;
  Kokkos::parallel_for(
      "misfit::Blur::apply_adjoint", range(exec, static_cast<std::size_t>(rows * tiles)),
      KOKKOS_LAMBDA(const std::int64_t item) {
        convolve_adjoint_tile<tile>(axes, w.data(), y.data(), x.data(), item);
      });
}

}  // namespace misfit::detail
