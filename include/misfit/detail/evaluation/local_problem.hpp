// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Where the measurement of one operator lies. (A pointer alone cannot be the entry of a View.)
template <typename U>
struct DataOf {
  const U* entries;
};

/// What a rank computes of a data fidelity, for the kernels: x, gradient and measurements of B
/// signals, each signal behind the one before, and the operators and distances in order. Borrows
/// all of it.
template <typename Op, typename D, typename T, typename U>
struct LocalProblem {
  const T* x;
  T* gradient;  ///< null where only the value is wanted
  std::int64_t unknowns;
  std::int64_t batch;

  const Op* operators;
  const D* distances;
  const DataOf<U>* data;
  std::int64_t count;
  bool one_distance;                   ///< for all operators
  bool zero_data;                      ///< data is one signal of zeros
  double factor;                       ///< of value and gradient
  bool operators_communicate = false;  ///< ranks of a member apply one together
  std::int64_t first = 0;              ///< which of the rank's operators these begin with ...
  std::int64_t of = count;             ///< ... of how many
  const int* places = nullptr;         ///< of operators among those of the rank; null: 0, 1, …

  /// Which of the rank's operators is the k-th.
  KOKKOS_INLINE_FUNCTION std::int64_t place(std::int64_t k) const {
    return places == nullptr ? k : places[k];
  }
  KOKKOS_INLINE_FUNCTION const Op& operator_at(std::int64_t k) const { return operators[place(k)]; }

  /// Operator k alone.
  LocalProblem only(std::int64_t k, T* its_gradient) const {
    LocalProblem one = *this;
    const std::int64_t at = place(k);
    one.gradient = its_gradient;
    one.operators += at;
    one.data += at;
    if (!one_distance) one.distances += at;
    one.count = 1;
    one.first = first + at;
    one.places = nullptr;
    return one;
  }
  /// Numbers the signals of all operators of the rank.
  std::size_t slot(std::int64_t k, std::int64_t b) const {
    return static_cast<std::size_t>(b * of + first + place(k));
  }

  KOKKOS_INLINE_FUNCTION const D& distance(std::int64_t k) const {
    return distances[one_distance ? 0 : place(k)];
  }
  /// The measurements of signal b and operator k, whose range has m entries.
  KOKKOS_INLINE_FUNCTION const U* data_of(std::int64_t k, std::int64_t b, std::int64_t m) const {
    return data[place(k)].entries + (zero_data ? 0 : b * m);
  }
};

}  // namespace misfit::detail
