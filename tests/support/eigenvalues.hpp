// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Norms of small operators, computed from their matrices.

#include <misfit/concepts.hpp>

#include <support/numbers.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <vector>

namespace reference {

/// The columns A e_j of an operator from signals of T to measurements of T.
template <typename T, typename A>
std::vector<Numbers> columns_of(const A& a) {
  std::vector<Numbers> columns;
  for (std::size_t j = 0; j < a.domain_size(); ++j) {
    const misfit::Vector<T> unit("unit", a.domain_size());
    Kokkos::deep_copy(Kokkos::subview(unit, j), T(1));
    columns.push_back(numbers(apply<T>(a, unit)));
  }
  return columns;
}

/// ‖A‖².
template <typename T, typename A>
double norm_squared(const A& a) {
  Numbers gram;
  add_gram(columns_of<T>(a), gram);
  return largest_eigenvalue(gram, a.domain_size());
}

}  // namespace reference
