// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit {

/// Which products with a second derivative an optimiser is given.
enum class Newton { none, gauss_newton, hessian };

/// As the last argument but one of TaoObjective and RolObjective: with it, value, gradient and
/// products come from one Linearization at each x.
template <Newton kind>
struct NewtonProducts {};

/// Linearization::gauss_newton(): positive semidefinite where distances are convex.
inline constexpr NewtonProducts<Newton::gauss_newton> gauss_newton_products;
/// Linearization::hessian().
inline constexpr NewtonProducts<Newton::hessian> hessian_products;

}  // namespace misfit
