// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Where the entries of a convolution with a kernel of one sign lie, and what brings those back that
// rounding has put elsewhere.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace misfit::detail {

/// low ≤ v ≤ high.
template <typename T>
struct Bounds {
  /// v, or the bound that it is beyond. What is not finite stays so.
  KOKKOS_FORCEINLINE_FUNCTION T cut(T v) const {
    return v < low ? low + 0 * v : (v > high ? high + 0 * v : v);
  }
  T low = static_cast<T>(-HUGE_VAL), high = static_cast<T>(HUGE_VAL);
};

/// The bounds of `sum` times the numbers within `image`.
template <typename T>
KOKKOS_FUNCTION Bounds<T> times(double sum, const Bounds<T>& image) {
  const auto low = static_cast<T>(sum * static_cast<double>(image.low));
  const auto high = static_cast<T>(sum * static_cast<double>(image.high));
  return sum < 0 ? Bounds<T>{high, low} : Bounds<T>{low, high};
}

/// Bounds that a kernel finds in memory.
template <typename T>
struct BoundsInMemory {
  KOKKOS_FORCEINLINE_FUNCTION T cut(T v) const {
    return image == nullptr ? v : times(sum, Bounds<T>{image->min_val, image->max_val}).cut(v);
  }
  const Kokkos::MinMaxScalar<T>* image = nullptr;
  double sum = 0;
};

/// What a kernel on `Exec` is given.
template <typename Exec, typename T>
using BoundsFor = std::conditional_t<on_host<Exec>, Bounds<T>, BoundsInMemory<T>>;

/// The least and the largest of entries `begin` to `end` of x, NaN left out, by one thread of a
/// CPU.
template <typename T>
Bounds<T> range_in_lanes(const T* x, std::int64_t begin, std::int64_t end) {
  T low[lanes], high[lanes];
  for (int l = 0; l < lanes; ++l) {
    low[l] = static_cast<T>(HUGE_VAL);
    high[l] = static_cast<T>(-HUGE_VAL);
  }
  const auto take = [&](int l, T v) {
    low[l] = v < low[l] ? v : low[l];
    high[l] = v > high[l] ? v : high[l];
  };
  std::int64_t j = begin;
  for (; j + lanes <= end; j += lanes) for_lanes<lanes>([&](int l) { take(l, x[j + l]); });
  for (; j < end; ++j) take(0, x[j]);
  for (int l = 1; l < lanes; ++l) {
    take(0, low[l]);
    take(0, high[l]);
  }
  return {low[0], high[0]};
}

/// The bounds of the convolution of x, an image of n entries, with a kernel of which all entries
/// have one sign and `sum` is the sum: Σ_q h_q x_{p−q} lies between Σ h times the least and Σ h
/// times the largest entry of x. Asynchronous on `exec`, and valid until the next call.
template <typename Exec, typename T>
BoundsFor<Exec, T> convolution_bounds(const Exec& exec, const T* x, std::size_t n, double sum,
                                      [[maybe_unused]] Workspace& memory) {
  if constexpr (on_host<Exec>) {
    const Tiles tiles(n);
    std::array<Bounds<T>, Tiles::most> parts;
    Bounds<T>* const ranges = parts.data();
    for_indices(
        exec, "misfit::convolution_bounds", static_cast<std::size_t>(tiles.count),
        [=](const std::int64_t t) { ranges[t] = range_in_lanes(x, tiles.begin(t), tiles.end(t)); });
    fence(exec, "misfit::convolution_bounds: they are needed");
    Bounds<T> image{static_cast<T>(HUGE_VAL), static_cast<T>(-HUGE_VAL)};
    for (std::int64_t t = 0; t < tiles.count; ++t) {
      image.low = parts[t].low < image.low ? parts[t].low : image.low;
      image.high = parts[t].high > image.high ? parts[t].high : image.high;
    }
    return times(sum, image);
  } else {
    using Space = typename Exec::memory_space;
    using Result = Kokkos::MinMaxScalar<T>;
    const auto result = memory.get<Result, Space>(1, "misfit::convolution_bounds");
    Kokkos::parallel_reduce(
        "misfit::convolution_bounds", range(exec, n),
        KOKKOS_LAMBDA(const std::int64_t j, Result& found) {
          const T v = x[j];
          found.min_val = v < found.min_val ? v : found.min_val;
          found.max_val = v > found.max_val ? v : found.max_val;
        },
        Kokkos::MinMax<T, Space>(Kokkos::View<Result, Space>(result.data())));
    return {result.data(), sum};
  }
}

/// x_j = v, or x_j += v, where v is cut to `within`: the end of a transform.
template <bool Adds, typename T, typename Within>
struct StoreWithin {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, const T& v) const {
    if constexpr (Adds)
      x[j] += within.cut(v);
    else
      x[j] = within.cut(v);
  }
  void prefetch(std::int64_t j, std::int64_t count) const {
    detail::prefetch(x + j, static_cast<std::size_t>(count) * sizeof(T));
  }
  T* x;
  Within within;
};

}  // namespace misfit::detail
