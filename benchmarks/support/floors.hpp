// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Kernels that move the bytes which an evaluation must move, and do next to nothing else: what is
// left between them and an evaluation is the evaluation's own.

#include <misfit/detail/kokkos.hpp>
#include <misfit/detail/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace misfit::bench {

/// The arrays of a few masks.
template <typename T, std::size_t N>
struct Streams {
  const T* a[N];
  const T* b[N];
};

/// g = Σ a_k x + b_k, or with `more` added to g, for N pairs of arrays.
template <bool More, std::size_t N, typename Exec, typename T>
void sum_streams(const Exec& exec, const Streams<T, N>& s, const T* x, T* g, std::int64_t begin,
                 std::int64_t end) {
  Kokkos::parallel_for(
      "floor", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(exec, begin, end),
      KOKKOS_LAMBDA(const std::int64_t j) {
        T sum = More ? g[j] : T(0);
        for (std::size_t k = 0; k < N; ++k) sum += s.a[k][j] * x[j] + s.b[k][j];
        g[j] = sum;
      });
}

/// Reads all a_k, b_k and x once and writes g once, with no sum over entries. On a CPU four pairs
/// of arrays at a time, in tiles that keep x and g in cache: all at once would be slower.
template <typename Exec, typename T>
void move_streams(const Exec& exec, const std::vector<const T*>& a, const std::vector<const T*>& b,
                  const T* x, T* g, std::int64_t n) {
  constexpr std::int64_t tile = detail::on_host<Exec> ? 65536 / sizeof(T) : std::int64_t{1} << 62;
  const auto take = [&](auto more, auto count, std::size_t k, std::int64_t begin,
                        std::int64_t end) {
    Streams<T, count> s;
    std::copy_n(a.begin() + static_cast<std::ptrdiff_t>(k), count(), s.a);
    std::copy_n(b.begin() + static_cast<std::ptrdiff_t>(k), count(), s.b);
    sum_streams<more()>(exec, s, x, g, begin, end);
  };
  using One = std::integral_constant<std::size_t, 1>;
  using Four = std::integral_constant<std::size_t, 4>;
  for (std::int64_t begin = 0; begin < n; begin += std::min(tile, n - begin)) {
    const std::int64_t end = begin + std::min(tile, n - begin);
    std::size_t k = 0;
    if (a.size() >= 4) {
      take(std::false_type(), Four(), 0, begin, end);
      k = 4;
    } else if (!a.empty()) {
      take(std::false_type(), One(), 0, begin, end);
      k = 1;
    }
    for (; k + 4 <= a.size(); k += 4) take(std::true_type(), Four(), k, begin, end);
    for (; k < a.size(); ++k) take(std::true_type(), One(), k, begin, end);
  }
}

/// Reads `bytes` bytes from `data` on, and leaves something of them in `sink`, of 1024 entries. On
/// a CPU by chunks that each go through many independent sums, so that memory alone limits it.
template <typename Exec>
void read_bytes(const Exec& exec, const void* data, std::size_t bytes,
                const Kokkos::View<float*>& sink) {
  const auto* const words = static_cast<const float*>(data);
  const auto count = static_cast<std::int64_t>(bytes / sizeof(float));
  if constexpr (detail::on_host<Exec>) {
    constexpr std::int64_t chunks = 1024, lanes = 64;
    const std::int64_t chunk = count / chunks / lanes * lanes;
    Kokkos::parallel_for("floor", Kokkos::RangePolicy<Exec>(exec, 0, chunks), [=](const int c) {
      float sums[lanes] = {};
      const float* const from = words + c * chunk;
      for (std::int64_t j = 0; j < chunk; j += lanes)
        for (int l = 0; l < lanes; ++l) sums[l] += from[j + l];
      float sum = 0;
      for (const float s : sums) sum += s;
      sink(c) = sum;
    });
  } else {
    float sum = 0;
    Kokkos::parallel_reduce(
        "floor", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(exec, 0, count),
        KOKKOS_LAMBDA(const std::int64_t j, float& partial) { partial += words[j]; }, sum);
  }
}

}  // namespace misfit::bench
