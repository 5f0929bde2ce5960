// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How signals lie in memory, and their entries.

#include "scorecard/random_calls/operators.hpp"
#include "scorecard/random_calls/runner.hpp"

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>

namespace misfit::test::random_calls {

template <typename T>
struct Plain {
  using Output = Kokkos::View<T*>;
  using Input = Output;
  using Measured = Kokkos::View<T*>;
  static Output make(std::size_t, std::size_t n) { return Output("signal", n); }
};
template <typename T>
struct WithGaps {
  using Output = Kokkos::View<T*, Kokkos::LayoutStride>;
  using Input = Kokkos::View<const T*, Kokkos::LayoutStride>;
  using Measured = Kokkos::View<T*>;
  static Output make(std::size_t, std::size_t n) {
    return Kokkos::subview(Kokkos::View<T**, Kokkos::LayoutRight>("gaps", n, 2), Kokkos::ALL, 1);
  }
};
template <typename T>
struct RightBatch {
  using Output = Kokkos::View<T**, Kokkos::LayoutRight>;
  using Input = Output;
  using Measured = Output;
  static Output make(std::size_t batch, std::size_t n) { return Output("batch", batch, n); }
};
template <typename T>
struct LeftBatch {
  using Output = Kokkos::View<T**, Kokkos::LayoutLeft>;
  using Input = Kokkos::View<const T**, Kokkos::LayoutLeft>;
  using Measured = Kokkos::View<T**, Kokkos::LayoutRight>;
  static Output make(std::size_t batch, std::size_t n) { return Output("left", batch, n); }
};
template <typename T>
struct StridedBatch {
  using Output = Kokkos::View<T**, Kokkos::LayoutStride>;
  using Input = Output;
  using Measured = Kokkos::View<T**, Kokkos::LayoutRight>;
  static Output make(std::size_t batch, std::size_t n) {
    return Kokkos::subview(Kokkos::View<T***, Kokkos::LayoutRight>("strided", batch, n, 3),
                           Kokkos::ALL, Kokkos::ALL, 1);
  }
};

template <typename V>
inline constexpr bool is_batch = static_cast<std::size_t>(V::rank) == 2;

template <typename V>
std::size_t signals_in(const V& view) {
  if constexpr (is_batch<V>)
    return view.extent(0);
  else
    return 1;
}
template <typename V>
std::size_t entries_in(const V& view) {
  return view.extent(is_batch<V> ? 1 : 0);
}
template <typename V>
auto& at(const V& view, std::size_t b, std::size_t j) {
  if constexpr (is_batch<V>)
    return view(b, j);
  else
    return view(j);
}

/// Sets the entries of `view` to those of `numbers`, of which each signal has `size`, that `piece`
/// says; those beyond it, of a View that is too long, to 0.
template <typename V>
void set(const V& view, const Numbers& numbers, std::size_t size,
         const std::vector<std::size_t>& piece) {
  using T = typename V::non_const_value_type;
  for (std::size_t b = 0; b < signals_in(view); ++b)
    for (std::size_t j = 0; j < entries_in(view); ++j)
      at(view, b, j) = j < piece.size() ? narrow<T>(numbers[b * size + piece[j]]) : T(0);
}

/// Appends the entries, signal by signal.
template <typename V>
void append(const V& view, Outcome& outcome) {
  for (std::size_t b = 0; b < signals_in(view); ++b)
    for (std::size_t j = 0; j < entries_in(view); ++j) {
      const auto z = widen(at(view, b, j));
      outcome.numbers.emplace_back(static_cast<double>(z.real()), static_cast<double>(z.imag()));
    }
}

inline void append(double value, Outcome& outcome) { outcome.values.push_back(value); }
inline void append(const std::vector<double>& values, Outcome& outcome) {
  outcome.values.insert(outcome.values.end(), values.begin(), values.end());
}

inline std::vector<std::size_t> from_to(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> all;
  for (std::size_t j = begin; j < end; ++j) all.push_back(j);
  return all;
}

}  // namespace misfit::test::random_calls
