// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/operators/measurement_of.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/testing/adjoint_tests.hpp>
#include <misfit/detail/testing/stack_tests.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/testing/check_result.hpp>

namespace misfit {

/// Checks that `op` sets A x, is linear, that its adjoint is exact, and is added to what was there.
///
/// All with random x, y, z. The result is that of the first property that fails, in the order of
/// CheckedProperty. Adjointness: the largest |Re⟨A x, y⟩ − Re⟨x, A^H y⟩| / (‖A‖ |x| |y|), at a
/// tolerance of 1e-13 in double and 1e-6 in float. Linearity: |A(a x + b z) − a A x − b A z| / (‖A‖
/// (|a x| + |b z|)), with complex a and b where x and A x are complex; accumulation: |g − g0 − A^H
/// y| / (|g0| + |A^H y|), where g is g0 after add_adjoint; assignment: |difference| / |A x| of two
/// A x; these three at 1e-13 or 1e-6, and 10 u √k besides (u the unit roundoff, k the larger of
/// domain and range). Where an operator has add_vjp too, that is tested as add_adjoint is.
///
/// An operator that is not linear is checked at `x`: ⟨J(x) h, r⟩ by central differences of apply
/// against ⟨h, J(x)^H r⟩, at a tolerance of 1e-7 and 2e-3. Throws ArgumentError if x has another
/// size than the domain. Blocks.
template <ExecutionSpace Exec, typename Op, VectorOn<Exec> X>
CheckResult check_adjoint(const Exec& exec, const Op& op, const X& x) {
  using T = typename X::non_const_value_type;
  using U = detail::MeasurementOf<Op, T, Exec>;
  return detail::AdjointTests<Exec, T, U>(exec, detail::tested<T>(exec, op), x).run();
}

/// The same for signals of type `T`, at a random x.
template <Scalar T = double, ExecutionSpace Exec, typename Op>
CheckResult check_adjoint(const Exec& exec, const Op& op) {
  const Vector<T, typename Exec::memory_space> x("misfit::check_adjoint::x", op.domain_size());
  detail::fill_random(exec, x, 1000);
  return check_adjoint(exec, op, x);
}

/// Checks every operator of every rank, then the adjoint of the whole stack with its sum over
/// ranks.
///
/// Collective; every rank gets the same result: that of the worst operator if one failed, then that
/// of the whole (CheckedProperty::sum_over_ranks, operator -1). What an operator throws is thrown
/// on all ranks. Blocks.
template <Scalar T = double, ExecutionSpace Exec, typename Op>
CheckResult check_adjoint(const Exec& exec, const DistributedOperator<Op>& operators) {
  return detail::StackTests<T, Exec, Op>(exec, operators).run();
}

}  // namespace misfit
