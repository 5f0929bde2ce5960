// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Vectors of numbers, where a loop would not do: sums that stay in registers over an outer loop of
// any length. GCC keeps arrays of numbers there only if it unrolls that loop, too.

#include <cstddef>
#include <type_traits>

namespace misfit::detail {

/// What a vector holds; 0 where the compiler has none.
#if !defined(__GNUC__) || defined(__CUDACC__)
inline constexpr std::size_t vector_bytes = 0;
#elif defined(__AVX512F__)
inline constexpr std::size_t vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t vector_bytes = 32;
#else
inline constexpr std::size_t vector_bytes = 16;
#endif

template <typename T>
inline constexpr bool has_vectors = vector_bytes > 0 &&
                                    (std::is_same_v<T, float> || std::is_same_v<T, double>);

/// N vectors of T.
template <int N, typename T>
struct Vectors {
  static constexpr int width = static_cast<int>(vector_bytes / sizeof(T));
  static constexpr int size = N * width;
#if defined(__GNUC__) && !defined(__CUDACC__)
  using Vector [[gnu::vector_size(vector_bytes)]] = T;
  /// Numbers anywhere.
  typedef T InMemory __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));

  [[gnu::always_inline]] static Vector at(const T* numbers) {
    return *reinterpret_cast<const InMemory*>(numbers);
  }

  [[gnu::always_inline]] void set_zero() {
#pragma GCC unroll 8
    for (int l = 0; l < N; ++l) entries[l] = Vector{};
  }
  [[gnu::always_inline]] void load(const T* from) {
#pragma GCC unroll 8
    for (int l = 0; l < N; ++l) entries[l] = at(from + l * width);
  }
  [[gnu::always_inline]] void store(T* to) const {
#pragma GCC unroll 8
    for (int l = 0; l < N; ++l) *reinterpret_cast<InMemory*>(to + l * width) = entries[l];
  }
  /// += w row
  [[gnu::always_inline]] void add(T w, const T* row) {
    const Vector weight = w - Vector{};
#pragma GCC unroll 8
    for (int l = 0; l < N; ++l) entries[l] += weight * at(row + l * width);
  }
  /// += w row, other += v row
  [[gnu::always_inline]] void add_both(T w, T v, const T* row, Vectors& other) {
    const Vector weight = w - Vector{}, weight_of_other = v - Vector{};
#pragma GCC unroll 8
    for (int l = 0; l < N; ++l) {
      Vector x = at(row + l * width);
#if defined(__x86_64__) && !defined(__clang__)
      asm("" : "+v"(x));  // else GCC reads it twice: it is the reads that take the time
#endif
      entries[l] += weight * x;
      other.entries[l] += weight_of_other * x;
    }
  }

  Vector entries[N];
#endif
};

}  // namespace misfit::detail
