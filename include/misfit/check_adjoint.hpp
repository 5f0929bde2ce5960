// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/check_result.hpp>
#include <misfit/concepts.hpp>
#include <misfit/detail/adjoint_tests.hpp>
#include <misfit/detail/vjp.hpp>
#include <misfit/distributed_operator.hpp>

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
/// (|g0| + |A^H y|), where g is g0 after apply_adjoint; assignment: |difference| / |A x| of two A
/// x; these three at 1e-13 or 1e-6, and 10 u √k besides (u the unit roundoff, k the larger of
/// domain and range). Where an operator has apply_vjp too, that is tested as apply_adjoint is.
///
/// An operator that is not linear is checked at `x`: ⟨J(x) h, r⟩ by central differences of apply
/// against ⟨h, J(x)^H r⟩, at a tolerance of 1e-7 and 2e-3. Throws ArgumentError if x has another
/// size than the domain. Blocks.
template <ExecutionSpace Exec, typename Op, VectorOn<Exec> X>
CheckResult check_adjoint(const Exec& exec, const Op& op, const X& x) {
  return detail::AdjointTests<Exec, Op, typename X::non_const_value_type>(exec, op, x).run();
}

/// The same for signals of type `T`, at a random x.
template <Scalar T = double, ExecutionSpace Exec, typename Op>
CheckResult check_adjoint(const Exec& exec, const Op& op) {
  const Vector<T, typename Exec::memory_space> x("misfit::check_adjoint::x", op.domain_size());
  detail::fill_random(exec, x, 1000);
  return check_adjoint(exec, op, x);
}

namespace detail {

/// The result of operator i of n, from four numbers of each: error, tolerance, property, and what
/// failed, a bit a property.
inline CheckResult check_of_operator(const std::vector<double>& numbers, std::size_t i) {
  CheckResult result{numbers[4 * i], numbers[4 * i + 1],
                     static_cast<CheckedProperty>(static_cast<int>(numbers[4 * i + 2])),
                     static_cast<int>(i)};
  const auto bits = static_cast<unsigned>(numbers[4 * i + 3]);
  for (unsigned k = 0; bits >> k != 0; ++k)
    if ((bits >> k & 1) != 0) result.failed.push_back(static_cast<CheckedProperty>(k));
  return result;
}

inline void set_check_of_operator(const CheckResult& result, std::size_t i,
                                  std::vector<double>& numbers) {
  unsigned bits = 0;
  for (const auto property : result.failed) bits |= 1U << static_cast<unsigned>(property);
  numbers[4 * i] = result.error;
  numbers[4 * i + 1] = result.tolerance;
  numbers[4 * i + 2] = static_cast<double>(result.property);
  numbers[4 * i + 3] = bits;
}

/// The worst of n operators if one failed, else `whole` if that failed, else what is nearest to its
/// tolerance.
inline CheckResult check_of_stack(const std::vector<double>& numbers, std::size_t n,
                                  const CheckResult& whole) {
  std::vector<int> failed;
  CheckResult worst = whole;
  for (std::size_t i = 0; i < n; ++i) {
    const CheckResult one = check_of_operator(numbers, i);
    const bool worse_yet = excess(one) > excess(worst);
    if (one.passed()) {
      if (worst.passed() && worse_yet) worst = one;
    } else {
      if (failed.empty() || worse_yet) worst = one;
      failed.push_back(one.operator_index);
    }
  }
  worst.failed_operators = failed;
  return worst;
}

}  // namespace detail

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
  const auto n = static_cast<std::size_t>(operators.size());

  // Of this rank: four numbers an operator, and last Σ Re⟨x, J_i^H r_i⟩.
  V x, g;
  std::vector<U> r;
  std::vector<double> local;
  operators.communicator().together({"check_adjoint", {}}, [&](detail::Place& place) {
    local.assign(4 * n + 1, 0.0);
    x = V("misfit::check_adjoint::x", operators.domain_size());
    g = V("misfit::check_adjoint::g", operators.domain_size());
    detail::fill_random(exec, x, 1000);
    for (std::size_t k = 0; k < operators.local_indices().size(); ++k) {
      const int i = operators.local_indices()[k];
      place.operator_index = i;
      const auto& op = operators.local_operator(k);
      detail::set_check_of_operator(check_adjoint(exec, op, x), static_cast<std::size_t>(i), local);
      r.emplace_back("misfit::check_adjoint::r", op.range_size());
      detail::fill_random(exec, r.back(), static_cast<std::uint64_t>(i) + 2000);
      Kokkos::deep_copy(exec, g, T(0));
      detail::add_vjp(op, exec, detail::as_const_view(x), detail::as_const_view(r.back()), g);
      local[4 * n] += detail::dot(exec, x, g);
    }
  });
  operators.vjp(exec, x, r, g);
  operators.communicator().sum(local.data(), local.size());

  const CheckResult whole{detail::relative(detail::dot(exec, x, g) - local[4 * n],
                                           detail::length(exec, x) * detail::length(exec, g)),
                          rounding, CheckedProperty::sum_over_ranks};
  return detail::check_of_stack(local, n, whole);
}

}  // namespace misfit
