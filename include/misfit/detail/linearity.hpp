// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>

namespace misfit::detail {

/// An operator whose type does not tell whether it is linear; it has both apply_adjoint and
/// apply_vjp.
template <typename Op>
concept LinearAtRunTime = requires(const Op& op) {
  { op.is_linear() } -> std::convertible_to<bool>;
};

/// Whether an operator whose type allows it to be linear is so.
template <typename Op>
bool is_linear(const Op& op) {
  if constexpr (LinearAtRunTime<Op>)
    return op.is_linear();
  else
    return true;
}

}  // namespace misfit::detail
