// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>

namespace misfit::detail {

/// An operator whose type does not say whether it is linear; it has both add_adjoint and
/// add_vjp.
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

/// The same for any operator: one that is not written with add_adjoint, here from Views Y to X, is
/// not.
template <typename Exec, typename X, typename Y, typename Op>
bool is_linear_on(const Op& op) {
  constexpr bool written_as_linear = requires(
      const Op& a, const Exec& exec, typename Y::const_type y, X x) { a.add_adjoint(exec, y, x); };
  return written_as_linear && is_linear(op);
}

}  // namespace misfit::detail
