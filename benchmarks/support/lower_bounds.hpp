// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Kernels that move the bytes, or do the sums, which an evaluation must, and next to nothing else:
// what is left between them and an evaluation is the evaluation's own. Each is one launch on a CPU,
// so that starting threads costs them no more than it costs an evaluation.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/vectors.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::bench {

template <typename Exec>
using BoundRange = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// The arrays of a few masks.
template <typename T, std::size_t N>
struct Streams {
  Streams(const T* const* from_a, const T* const* from_b) {
    std::copy_n(from_a, N, a);
    std::copy_n(from_b, N, b);
  }

  /// g_j = Σ a_k x + b_k, or with `More` added to g_j.
  template <bool More>
  KOKKOS_INLINE_FUNCTION void sum(const T* x, T* __restrict g, std::int64_t j) const {
    T sum = More ? g[j] : T(0);
    for (std::size_t k = 0; k < N; ++k) sum += a[k][j] * x[j] + b[k][j];
    g[j] = sum;
  }

  const T* a[N];
  const T* b[N];
};

/// Calls take(more, streams) for the first 1 to 4 pairs of arrays, with `more` false, and then for
/// 4 at a time: all at once would be slower.
template <typename T, std::size_t N = 4, typename Take>
void by_fours(const T* const* a, const T* const* b, std::size_t count, const Take& take) {
  if (count == 0) return;
  if constexpr (N > 1)
    if ((count - 1) % 4 + 1 < N) return by_fours<T, N - 1>(a, b, count, take);
  take(std::false_type(), Streams<T, N>(a, b));
  for (std::size_t k = N; k < count; k += 4) take(std::true_type(), Streams<T, 4>(a + k, b + k));
}

template <bool More, std::size_t N, typename Exec, typename T>
void sum_everywhere(const Exec& exec, const Streams<T, N>& s, const T* x, T* g, std::int64_t n) {
  Kokkos::parallel_for(
      "lower bound", BoundRange<Exec>(exec, 0, n),
      KOKKOS_LAMBDA(const std::int64_t j) { s.template sum<More>(x, g, j); });
}

template <bool More, std::size_t N, typename T>
void sum_tile(const Streams<T, N>& s, const T* x, T* __restrict g, std::int64_t begin,
              std::int64_t end) {
  for (std::int64_t j = begin; j < end; ++j) s.template sum<More>(x, g, j);
}

/// Reads all a_k, b_k and x once and writes g once, with no sum over entries: on a CPU in tiles
/// that keep x and g in cache.
template <typename Exec, typename T>
void move_streams(const Exec& exec, const std::vector<const T*>& a, const std::vector<const T*>& b,
                  const T* x, T* g, std::int64_t n) {
  const T* const* const from_a = a.data();
  const T* const* const from_b = b.data();
  const std::size_t count = a.size();
  if constexpr (detail::on_host<Exec>) {
    constexpr std::int64_t tile = 65536 / sizeof(T);
    Kokkos::parallel_for("lower bound", BoundRange<Exec>(exec, 0, (n + tile - 1) / tile),
                         [=](const std::int64_t t) {
                           const std::int64_t begin = t * tile, end = std::min(n, begin + tile);
                           by_fours(from_a, from_b, count, [=](auto more, const auto& s) {
                             sum_tile<decltype(more)::value>(s, x, g, begin, end);
                           });
                         });
  } else {
    by_fours(from_a, from_b, count, [&](auto more, const auto& s) {
      sum_everywhere<decltype(more)::value>(exec, s, x, g, n);
    });
  }
}

/// Memory to read.
struct Bytes {
  const void* data;
  std::size_t size;
};

/// What stands in a piece of memory, summed in independent lanes: memory alone limits it.
inline float read_piece(const float* from, std::int64_t count) {
  constexpr std::int64_t lanes = 64;
  float sums[lanes] = {};
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes)
    for (std::int64_t l = 0; l < lanes; ++l) sums[l] += from[j + l];
  for (; j < count; ++j) sums[j % lanes] += from[j];
  for (std::int64_t half = lanes / 2; half > 0; half /= 2)
    for (std::int64_t l = 0; l < half; ++l) sums[l] += sums[l + half];
  return sums[0];
}

/// Reads all of `areas`, whole words, and leaves something of them in `sink`, of 1024 entries.
template <typename Exec>
void read_bytes(const Exec& exec, const std::vector<Bytes>& areas,
                const Kokkos::View<float*>& sink) {
  if constexpr (detail::on_host<Exec>) {
    // Small enough for many threads, large enough that its last sum does not count.
    constexpr std::int64_t piece = 65536 / sizeof(float);
    const auto words = [](const Bytes& area) {
      return static_cast<std::int64_t>(area.size / sizeof(float));
    };
    std::int64_t pieces = 0;
    for (const Bytes& area : areas) pieces += (words(area) + piece - 1) / piece;
    const Bytes* const first = areas.data();
    const std::int64_t shares = std::min<std::int64_t>(pieces, 1024);
    Kokkos::parallel_for(
        "lower bound", BoundRange<Exec>(exec, 0, shares), [=](const std::int64_t s) {
          const Bytes* area = first;
          std::int64_t before = 0;  // pieces of the areas before `area`
          float sum = 0;
          for (std::int64_t p = pieces * s / shares; p < pieces * (s + 1) / shares; ++p) {
            for (; p - before >= (words(*area) + piece - 1) / piece; ++area)
              before += (words(*area) + piece - 1) / piece;
            const std::int64_t begin = (p - before) * piece;
            sum += read_piece(static_cast<const float*>(area->data) + begin,
                              std::min(piece, words(*area) - begin));
          }
          sink(s) = sum;
        });
  } else {
    for (const Bytes& area : areas) {
      const auto* const from = static_cast<const float*>(area.data);
      float sum = 0;
      Kokkos::parallel_reduce(
          "lower bound",
          BoundRange<Exec>(exec, 0, static_cast<std::int64_t>(area.size / sizeof(float))),
          KOKKOS_LAMBDA(const std::int64_t j, float& partial) { partial += from[j]; }, sum);
    }
  }
}

/// For each area reads it and x, of n entries, and, unless g is null, adds to g.
template <typename Exec, typename T>
void move_one_by_one(const Exec& exec, const std::vector<Bytes>& areas, const T* x, T* g,
                     std::size_t n, const Kokkos::View<float*>& sink) {
  for (const Bytes& area : areas) {
    read_bytes(exec, {area}, sink);
    if (g == nullptr)
      read_bytes(exec, {{x, n * sizeof(T)}}, sink);
    else
      detail::for_entries(
          exec, "lower bound", n, KOKKOS_LAMBDA(const std::int64_t j) { g[j] += x[j]; });
  }
}

/// x <- a x + b for numbers in independent lanes: enough to hide the latency of one step behind
/// others, and no more than stay in registers.
template <typename T>
struct Lanes {
#if defined(__GNUC__) && !defined(__CUDACC__)
  using Vectors = detail::Vectors<8, T>;
  static constexpr int count = Vectors::size;

  void step(T a, T b, std::int64_t turns) {
    Vectors x;
    x.load(numbers);
    for (std::int64_t t = 0; t < turns; ++t)
#pragma GCC unroll 8
      for (int l = 0; l < 8; ++l) x.entries[l] = x.entries[l] * a + b;
    x.store(numbers);
  }
#else
  static constexpr int count = 256 / sizeof(T);

  KOKKOS_INLINE_FUNCTION void step(T a, T b, std::int64_t turns) {
    for (std::int64_t t = 0; t < turns; ++t)
      for (int l = 0; l < count; ++l) numbers[l] = numbers[l] * a + b;
  }
#endif

  T numbers[count];
};

/// As many multiplications and additions as are asked for, out of memory.
template <typename Exec, typename T>
void compute_only(const Exec& exec, double flops, const Kokkos::View<T*>& sink) {
  // In so many turns each that the sum at the end does not count.
  const double steps = flops / 2 / Lanes<T>::count;
  const auto items =
      static_cast<std::int64_t>(std::clamp(steps / 1024, 1.0, static_cast<double>(sink.extent(0))));
  const auto turns = static_cast<std::int64_t>(std::ceil(steps / static_cast<double>(items)));
  Kokkos::parallel_for(
      "lower bound", BoundRange<Exec>(exec, 0, items), KOKKOS_LAMBDA(const std::int64_t i) {
        Lanes<T> lanes;
        for (int l = 0; l < lanes.count; ++l) lanes.numbers[l] = static_cast<T>(l);
        const T a = sink(i);
        lanes.step(a, static_cast<T>(0.5) - a, turns);
        T sum = 0;
        for (const T number : lanes.numbers) sum += number;
        sink(i) = sum / (lanes.count * lanes.count);
      });
}

}  // namespace misfit::bench
