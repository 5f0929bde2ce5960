// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What a combination of operators asks of the passes that its parts have (see FusedOperator,
// PreparingOperator).

#include <cstddef>

namespace misfit::detail {

/// An operator that wants its data in another form, whatever their type.
template <typename Op>
concept Prepares = requires(const Op& op) { op.prepared_size(); };

/// An operator with passes of its own for distances D.
template <typename Op, typename D>
concept TakesDistance = requires(const Op& op, const D& distance) { op.partial_sums(distance); };

/// How many entries of the data are the part's; even where `some` parts prepare theirs, for a pair
/// of reals may be one complex number there.
template <typename Op>
std::size_t data_size(const Op& part, bool some) {
  std::size_t size = 0;
  if constexpr (Prepares<Op>)
    size = part.prepared_size();
  else
    size = part.range_size();
  return some ? size + size % 2 : size;
}

}  // namespace misfit::detail
