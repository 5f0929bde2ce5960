// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The calls of a data fidelity for its value and its gradient over all ranks.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/evaluation.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/subset.hpp>

namespace misfit::detail {

/// See DistributedDataFidelity. `zero_data`: with every y_i replaced by 0, so that a quadratic
/// distance gives W_i A_i x.
template <Quantity Wanted, typename Exec, typename X, typename Y, typename Op, typename G,
          typename D>
auto evaluate(const Exec& exec, const DistanceStack<D>& distances, const char* region, const X& x,
              const Y& y, const OperatorStack<Op>& operators, const G& gradient, Scope scope,
              bool zero_data = false, const ArgumentNames& names = {},
              const Subset* subset = nullptr) {
  const Region in_profiles(region);
  const Evaluation<Wanted, Exec, X, Y, Op, G, D> evaluation{
      exec, distances, region, x, y, operators, gradient, scope, zero_data, names, subset};
  auto values = evaluation.run();  // moved, for ranks have agreed: a copy would take memory
  if constexpr (Wanted != Quantity::gradient) {
    if constexpr (is_batch<X>)
      return values;
    else
      return values.front();
  }
}

}  // namespace misfit::detail
