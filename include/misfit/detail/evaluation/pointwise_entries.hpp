// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What pointwise operators, their distances and their adjoints give at one entry.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace misfit::detail {

/// What r at entry j of A x gives to the gradient, given x there.
template <typename Op, typename T, typename U>
KOKKOS_FORCEINLINE_FUNCTION T pointwise_vjp(const Op& op, std::size_t j, const T& x, const U& r) {
  if constexpr (requires { op.vjp_at(j, x, r); })
    return op.vjp_at(j, x, r);
  else
    return op.adjoint_at(j, r);
}

/// At entry j: the value and the gradient of one operator, given x there.
template <Quantity Wanted, typename Op, typename D, typename T, typename U>
KOKKOS_FORCEINLINE_FUNCTION void add_pointwise(const Op& op, const D& distance, const U& y,
                                               std::int64_t j, const T& x, Real<U> factor,
                                               T& gradient, double& value, double& outside) {
  const auto index = static_cast<std::size_t>(j);
  const U u = op.apply_at(index, x);
  const U r = evaluate_entry<Wanted, D, U>(distance, j, u, y, factor, value, outside);
  if constexpr (Wanted != Quantity::value) gradient += pointwise_vjp(op, index, x, r);
}

/// An operator that holds the entries from j on, a multiple of 16, in a word: `word_at(j)` is the
/// operator of those alone that are left in it, 16 at least.
template <typename Op>
concept WordOperator = requires(const Op& op, std::size_t j) { op.word_at(j); };
template <WordOperator Op>
using WordOf = decltype(std::declval<const Op&>().word_at(std::size_t{}));

/// Entry j of a few operators, known one by one so that the compiler vectorises across entries.
template <Quantity Wanted, bool First, typename Op, typename D, typename T, typename U,
          std::size_t N>
struct FewPointwise {
  template <std::size_t... I>
  KOKKOS_FORCEINLINE_FUNCTION void add(std::index_sequence<I...>, std::int64_t j, const T& x_j,
                                       T& gradient_j, double& value, double& outside) const {
    (add_pointwise<Wanted, Op, D, T, U>(operators[I], distances[I], data[I][j], j, x_j, factor,
                                        gradient_j, value, outside),
     ...);
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value,
                                              double& outside) const {
    const T x_j = x[j];
    T gradient_j(0);
    if constexpr (First) {
      gradient_j = static_cast<Real<T>>(0) * x_j;
      if constexpr (Wanted != Quantity::gradient) value += zero_or_nan(x_j);
    } else if constexpr (Wanted != Quantity::value) {
      gradient_j = gradient[j];
    }
    add(std::make_index_sequence<N>(), j, x_j, gradient_j, value, outside);
    if constexpr (Wanted != Quantity::value) gradient[j] = gradient_j;
  }

  /// The same for the entries of one word.
  KOKKOS_FORCEINLINE_FUNCTION auto word_at(std::int64_t j) const
    requires WordOperator<Op>
  {
    return word_at(std::make_index_sequence<N>(), static_cast<std::size_t>(j));
  }
  template <std::size_t... I>
  KOKKOS_FORCEINLINE_FUNCTION auto word_at(std::index_sequence<I...>, std::size_t j) const {
    return FewPointwise<Wanted, First, WordOf<Op>, D, T, U, N>{
        {operators[I].word_at(j)...}, {distances[I]...}, {data[I]...}, x, gradient, factor};
  }

  Op operators[N];
  D distances[N];
  const U* data[N];
  const T* x;
  T* gradient;
  Real<U> factor;
};

/// The same for distances w |u − y|² / 2 in the precision of the data: what is added to the value
/// is Σ weights |u − y|², of N operators in that precision too.
template <bool Gradient, bool First, typename Op, typename T, typename U, std::size_t N>
struct FewSquares {
  template <std::size_t I>
  KOKKOS_FORCEINLINE_FUNCTION void add(std::int64_t j, const T& x_j, T& gradient_j,
                                       Real<U>& squares) const {
    const auto index = static_cast<std::size_t>(j);
    const U u = operators[I].apply_at(index, x_j);
    const U r = u - data[I][j];
    const U weighted = weights[I] * r;
    if constexpr (is_complex<U>)
      squares += weighted.real() * r.real() + weighted.imag() * r.imag();
    else
      squares += weighted * r;
    if constexpr (Gradient) gradient_j += pointwise_vjp(operators[I], index, x_j, weighted);
  }
  template <std::size_t... I>
  KOKKOS_FORCEINLINE_FUNCTION void add_all(std::index_sequence<I...>, std::int64_t j, const T& x_j,
                                           T& gradient_j, Real<U>& squares) const {
    (add<I>(j, x_j, gradient_j, squares), ...);
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value, double&) const {
    const T x_j = x[j];
    T gradient_j(0);
    Real<U> squares(0);
    if constexpr (First) {
      gradient_j = static_cast<Real<T>>(0) * x_j;
      if constexpr (is_complex<T>)
        squares = gradient_j.real() + gradient_j.imag();
      else
        squares = gradient_j;
    } else if constexpr (Gradient) {
      gradient_j = gradient[j];
    }
    add_all(std::make_index_sequence<N>(), j, x_j, gradient_j, squares);
    value += static_cast<double>(squares);
    if constexpr (Gradient) gradient[j] = gradient_j;
  }

  /// The same for the entries of one word.
  KOKKOS_FORCEINLINE_FUNCTION auto word_at(std::int64_t j) const
    requires WordOperator<Op>
  {
    return word_at(std::make_index_sequence<N>(), static_cast<std::size_t>(j));
  }
  template <std::size_t... I>
  KOKKOS_FORCEINLINE_FUNCTION auto word_at(std::index_sequence<I...>, std::size_t j) const {
    return FewSquares<Gradient, First, WordOf<Op>, T, U, N>{
        {operators[I].word_at(j)...}, {data[I]...}, {weights[I]...}, x, gradient};
  }

  Op operators[N];
  const U* data[N];
  Real<U> weights[N];
  const T* x;
  T* gradient;
};

/// Entry j of operators begin, ..., end − 1, one after the other.
template <Quantity Wanted, typename Op, typename D, typename T, typename U>
struct ManyPointwise {
  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t j, double& value, double& outside) const {
    const T x_j = x[j];
    T gradient_j = static_cast<Real<T>>(0) * x_j;
    if constexpr (Wanted != Quantity::gradient) value += zero_or_nan(x_j);
    for (std::int64_t k = begin; k < end; ++k)
      add_pointwise<Wanted, Op, D, T, U>(problem.operator_at(k), problem.distance(k),
                                         problem.data_of(k, signal, problem.unknowns)[j], j, x_j,
                                         static_cast<Real<U>>(problem.factor), gradient_j, value,
                                         outside);
    if constexpr (Wanted != Quantity::value) gradient[j] = gradient_j;
  }

  const LocalProblem<Op, D, T, U>& problem;
  std::int64_t begin, end, signal;
  const T* x;
  T* gradient;
};

}  // namespace misfit::detail
