// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scorecard/random_calls/watched_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/rows.hpp>

namespace misfit::test::random_calls {

/// A matrix that the ranks of a member apply together: each has some of its columns and of its
/// rows, the last one the most.
template <typename T>
struct Shared {
  const Communicator* space;
  UserMatrix<T> matrix;
  Rows columns, rows;

  Shared(const Communicator& ranks, const Entries<T>& a)
      : space(&ranks),
        matrix{a},
        columns(piece(ranks, a.extent(1))),
        rows(piece(ranks, a.extent(0))) {}

  static Rows piece(const Communicator& ranks, std::size_t n) {
    const auto p = static_cast<std::size_t>(ranks.size()),
               r = static_cast<std::size_t>(ranks.rank());
    return {n * r * r / (p * p), n * (r + 1) * (r + 1) / (p * p)};
  }

  std::size_t domain_size() const { return columns.size(); }
  std::size_t range_size() const { return rows.size(); }
  void apply(const Exec& exec, const Vector<const T>& x, const Vector<T>& y) const {
    const Kokkos::View<T*> all("x", matrix.domain_size()), u("u", matrix.range_size());
    for (std::size_t j = 0; j < columns.size(); ++j) all(columns.begin + j) = x(j);
    space->all_reduce_sum(exec, all);
    matrix.apply(exec, all, u);
    for (std::size_t j = 0; j < rows.size(); ++j) y(j) = u(rows.begin + j);
  }
  void add_adjoint(const Exec& exec, const Vector<const T>& y, const Vector<T>& x) const {
    const Kokkos::View<T*> all("y", matrix.range_size()), g("g", matrix.domain_size());
    for (std::size_t j = 0; j < rows.size(); ++j) all(rows.begin + j) = y(j);
    space->all_reduce_sum(exec, all);
    matrix.add_adjoint(exec, all, g);
    for (std::size_t j = 0; j < columns.size(); ++j) x(j) += g(columns.begin + j);
  }
};

/// How many ranks a member has in a case.
inline int ranks_per_member(const Case& c) {
  std::vector<int> all;
  for (int size = 1; size <= c.ranks; ++size)
    if (c.ranks % size == 0) all.push_back(size);
  return all[c.data % all.size()];
}

template <typename Op>
inline constexpr bool is_shared = false;
template <typename T>
inline constexpr bool is_shared<Shared<T>> = true;
template <typename Op>
inline constexpr bool is_watched = false;
template <typename T>
inline constexpr bool is_watched<Watched<T>> = true;

}  // namespace misfit::test::random_calls
