// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The tests of check_adjoint() of a whole stack of operators.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/measurement_of.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/testing/adjoint_tests.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/testing/check_result.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::detail {

template <typename T, typename Exec, typename Op>
class StackTests {
 public:
  /// `operators` is borrowed.
  StackTests(const Exec& exec, const DistributedOperator<Op>& operators)
      : exec_(exec), operators_(operators) {}

  /// Collective; blocks.
  CheckResult run() {
    if (Internals::of(operators_).in_parts()) return of_parts();
    const auto& communicator = operators_.communicator();
    Internals::of(communicator).together({"check_adjoint", {}}, [&](ErrorContext& context) {
      allocate();
      Internals::of(operators_).for_each_local(context, [&](std::size_t k, const Op& op) {
        test(operators_.local_indices()[k], op);
      });
    });
    operators_.vjp(exec_, x_, r_, g_);
    communicator.sum(numbers_.data(), numbers_.size());
    return communicator.agree("check_adjoint", [&] {
      return worst_of_stack(numbers_, operators_.size(), sum_over_ranks());
    });
  }

 private:
  // Where operators are in parts no rank has one of its own: ⟨A x, r⟩ = ⟨x, A^H r⟩ of all of them,
  // and of the exchange between ranks.
  CheckResult of_parts() {
    const auto& communicator = operators_.communicator();
    const DomainVectors domain = Internals::of(operators_).domain_vectors(x_);
    std::vector<Vector<U, Space>> y;
    Internals::of(communicator).together({"check_adjoint", {}}, [&](ErrorContext& context) {
      allocate();
      Internals::of(operators_).for_each_local(context, [&](std::size_t k, const Op& op) {
        if (!is_linear_on<Exec, Vector<T, Space>, Vector<U, Space>>(op))
          throw ArgumentError("in parts an operator is checked only if it is linear");
        r_.emplace_back("misfit::check_adjoint::r", op.range_size());
        y.emplace_back("misfit::check_adjoint::y", op.range_size());
        fill_random(exec_, r_.back(),
                    2000 + k + 100 * static_cast<std::uint64_t>(communicator.rank()));
      });
    });
    const auto forward = [&] { operators_.forward(exec_, x_, y, Scope::local); };
    // Where x is whole a rank does that alone.
    if (Internals::of(operators_).in_pieces())
      forward();
    else
      communicator.agree("check_adjoint", forward);
    operators_.vjp(exec_, x_, r_, g_);
    double sums[3] = {};
    for (std::size_t k = 0; k < r_.size(); ++k) {
      sums[0] += dot(exec_, y[k], r_[k]);
      sums[1] += dot(exec_, y[k], y[k]);
      sums[2] += dot(exec_, r_[k], r_[k]);
    }
    communicator.sum(sums, 3);
    const double tolerance = std::is_same_v<Real<T>, float> ? 1e-6 : 1e-13;
    // Either side may be small by cancellation.
    const double whole =
        std::max(std::sqrt(sums[1] * sums[2]), domain.length(exec_, x_) * domain.length(exec_, g_));
    const double error = relative(sums[0] - domain.dot(exec_, x_, g_), whole);
    return communicator.agree("check_adjoint", [&] {
      return combined({{error, tolerance, CheckedProperty::adjointness}});
    });
  }

  using U = MeasurementOf<Op, T, Exec>;
  using Space = typename Exec::memory_space;

  void allocate() {
    const std::size_t n = operators_.domain_size();
    numbers_.assign(numbers_of_check * static_cast<std::size_t>(operators_.size()) + 1, 0.0);
    x_ = Vector<T, Space>("misfit::check_adjoint::x", n);
    g_ = Vector<T, Space>("misfit::check_adjoint::g", n);
    fill_random(exec_, x_, 1000);
  }

  /// Tests operator i alone, and adds its ⟨x, J_i^H r_i⟩ to the sum.
  void test(int i, const Op& op) {
    const auto x = as_const_view(x_);
    write_check(AdjointTests<Exec, T, U>(exec_, tested<T>(exec_, op), x).run(), i, numbers_);
    r_.emplace_back("misfit::check_adjoint::r", op.range_size());
    fill_random(exec_, r_.back(), static_cast<std::uint64_t>(i) + 2000);
    Kokkos::deep_copy(exec_, g_, T(0));
    add_vjp_of(op, exec_, x, as_const_view(r_.back()), g_);
    numbers_.back() += dot(exec_, x_, g_);
  }

  /// Whether g, the sum of all J_i^H r_i, fits the sum of what each gave alone.
  CheckResult sum_over_ranks() const {
    const double tolerance = std::is_same_v<Real<T>, float> ? 1e-6 : 1e-13;
    const double whole = length(exec_, x_) * length(exec_, g_);
    return {relative(dot(exec_, x_, g_) - numbers_.back(), whole), tolerance,
            CheckedProperty::sum_over_ranks};
  }

  const Exec& exec_;
  const DistributedOperator<Op>& operators_;
  Vector<T, Space> x_, g_;
  std::vector<Vector<U, Space>> r_;  ///< of this rank's operators
  /// The results of all operators, then Σ Re⟨x, J_i^H r_i⟩: first of this rank, then of all.
  std::vector<double> numbers_;
};

}  // namespace misfit::detail
