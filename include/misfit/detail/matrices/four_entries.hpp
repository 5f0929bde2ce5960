// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Four entries of a row of a sparse matrix at once.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace misfit::detail {

/// The four columns at `from`, none of them negative. Of four bytes each, two are read as one word:
/// a processor can shift more words than it can read.
template <typename Ordinal>
[[gnu::always_inline]] inline void read_columns(const Ordinal* from, std::size_t (&columns)[4]) {
  if constexpr (sizeof(Ordinal) == 4 && std::endian::native == std::endian::little) {
    std::uint64_t pairs[2];
    std::memcpy(pairs, from, sizeof(pairs));
#pragma GCC unroll 2
    for (int p = 0; p < 2; ++p) {
      columns[2 * p] = static_cast<std::uint32_t>(pairs[p]);
      columns[2 * p + 1] = static_cast<std::size_t>(pairs[p] >> 32);
    }
  } else {
#pragma GCC unroll 4
    for (int l = 0; l < 4; ++l) columns[l] = static_cast<std::size_t>(from[l]);
  }
}

/// Four sums of products of values with entries of x.
template <typename T>
class FourSums {
 public:
  [[gnu::always_inline]] void add(const T* values, const T* x, const std::size_t (&columns)[4]) {
#pragma GCC unroll 4
    for (int l = 0; l < 4; ++l) sums_[l] += values[l] * x[columns[l]];
  }
  [[gnu::always_inline]] T sum() const { return (sums_[0] + sums_[1]) + (sums_[2] + sums_[3]); }

 private:
  T sums_[4] = {};
};

#if defined(__GNUC__) && !defined(__CUDACC__)
/// By themselves compilers read single values, or gather entries, which takes longer.
template <typename T>
  requires std::is_same_v<T, float> || std::is_same_v<T, double>
class FourSums<T> {
  typedef T Vector __attribute__((vector_size(4 * sizeof(T))));

 public:
  [[gnu::always_inline]] void add(const T* values, const T* x, const std::size_t (&columns)[4]) {
    Vector four;
    std::memcpy(&four, values, sizeof(four));
    sums_ += four * Vector{x[columns[0]], x[columns[1]], x[columns[2]], x[columns[3]]};
  }
  [[gnu::always_inline]] T sum() const { return (sums_[0] + sums_[1]) + (sums_[2] + sums_[3]); }

 private:
  Vector sums_ = {};
};
#endif

}  // namespace misfit::detail
