// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/testing/adjoint_tests.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/testing/check_result.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit {

/// Checks that `op` sets A x, is linear, that its adjoint is exact, and is added to what was there.
///
/// All with random x, y, z. The result is that of the first property that fails, in the order of
/// CheckedProperty. Adjointness: the largest |Re⟨A x, y⟩ − Re⟨x, A^H y⟩| / (‖A‖ |x| |y|), at a
/// tolerance of 1e-13 in double and 1e-6 in float. Linearity: |A(a x + b z) − a A x − b A z| / (‖A‖
/// (|a x| + |b z|)), with complex a and b where A x is complex; accumulation: |g − g0 − A^H y| /
/// (|g0| + |A^H y|), where g is g0 after add_adjoint; assignment: |difference| / |A x| of two A
/// x; these three at 1e-13 or 1e-6, and 10 u √k besides (u the unit roundoff, k the larger of
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
  using V = Vector<T, typename Exec::memory_space>;
  using U = Vector<detail::MeasurementOf<Op, T, Exec>, typename Exec::memory_space>;
  constexpr double rounding = std::is_same_v<detail::Real<T>, float> ? 1e-6 : 1e-13;
  const std::size_t sum_at = detail::numbers_of_check * static_cast<std::size_t>(operators.size());

  // Of this rank: the numbers of its operators, and last Σ Re⟨x, J_i^H r_i⟩.
  V x, g;
  std::vector<U> r;
  std::vector<double> local;
  detail::Internals::of(operators.communicator())
      .together({"check_adjoint", {}}, [&](detail::ErrorContext& context) {
        local.assign(sum_at + 1, 0.0);
        x = V("misfit::check_adjoint::x", operators.domain_size());
        g = V("misfit::check_adjoint::g", operators.domain_size());
        detail::fill_random(exec, x, 1000);
        for (std::size_t k = 0; k < operators.local_indices().size(); ++k) {
          const int i = operators.local_indices()[k];
          context.operator_index = i;
          const auto& op = operators.local_operator(k);
          detail::write_check(check_adjoint(exec, op, x), i, local);
          r.emplace_back("misfit::check_adjoint::r", op.range_size());
          detail::fill_random(exec, r.back(), static_cast<std::uint64_t>(i) + 2000);
          Kokkos::deep_copy(exec, g, T(0));
          detail::add_vjp_of(op, exec, detail::as_const_view(x), detail::as_const_view(r.back()),
                             g);
          local[sum_at] += detail::dot(exec, x, g);
        }
      });
  operators.vjp(exec, x, r, g);
  operators.communicator().sum(local.data(), local.size());

  const CheckResult whole{detail::relative(detail::dot(exec, x, g) - local[sum_at],
                                           detail::length(exec, x) * detail::length(exec, g)),
                          rounding, CheckedProperty::sum_over_ranks};
  return detail::worst_of_stack(local, operators.size(), whole);
}

}  // namespace misfit
