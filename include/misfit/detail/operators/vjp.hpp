// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::detail {

/// g += J(x)^H r, whether `op` is written as linear or not. Asynchronous on `exec`.
template <typename Op, typename Exec, typename X, typename R, typename G>
void add_vjp_of(const Op& op, const Exec& exec, const X& x, const R& r, const G& g) {
  if constexpr (requires { op.add_vjp(exec, x, r, g); })
    op.add_vjp(exec, x, r, g);
  else
    op.add_adjoint(exec, r, g);
}

}  // namespace misfit::detail
