// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/lanes.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// An operator of signals of T, linear and pointwise: entry j of the diagonal is its own.
template <typename Op, typename T, typename U>
concept DiagonalByEntries =
    PointwiseOperator<Op, T, U> && requires(const Op& op, U r) { op.adjoint_at(std::size_t{}, r); };

/// Operators of which the diagonal of A^H W A can be had.
template <typename Op, typename T, typename U, typename Exec>
concept HasGramDiagonal = GramDiagonalOperator<Op, Real<T>, Exec> || DiagonalByEntries<Op, T, U>;

/// d += diag(A^H W A), of real weights w. Asynchronous on `exec`.
template <typename T, typename U, typename Exec, typename Op, typename W, typename D>
void add_gram_diagonal(const Exec& exec, const Op& op, const W& w, const D& d) {
  if constexpr (GramDiagonalOperator<Op, Real<T>, Exec>)
    op.add_gram_diagonal(exec, w, d);
  else
    for_entries(
        exec, "misfit::add_gram_diagonal", d.extent(0), KOKKOS_LAMBDA(const std::int64_t i) {
          const auto j = static_cast<std::size_t>(i);
          const U u = op.apply_at(j, T(1));
          d(i) += static_cast<Real<T>>(real_part(op.adjoint_at(j, static_cast<Real<U>>(w(i)) * u)));
        });
}

}  // namespace misfit::detail
