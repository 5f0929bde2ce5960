// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/optimizers/objective.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <nlopt.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <string>
#include <utility>

namespace misfit {

/// f(x) and its gradient as an objective of NLopt: R_i d_i(A_i x, y_i), and a term of your own
/// where one is given. For x that is whole on every rank.
///
///     misfit::NloptObjective objective(exec, fidelity, x, y, operators);
///     const nlopt_opt opt = nlopt_create(NLOPT_LD_LBFGS, objective.size());
///     nlopt_set_ftol_rel(opt, 1e-10);
///     objective.attach(opt);
///     double value = 0;
///     objective.optimize(opt, value);
///
/// `x`, `term` and what is borrowed are as in TaoObjective. Every rank runs the solver by itself,
/// on the same numbers. Not to be copied or moved: NLopt keeps its address.
template <ExecutionSpace Exec, typename D, KokkosView X, typename Y, typename Op,
          typename Term = detail::NoTerm>
class NloptObjective {
  static_assert(
      bool(Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename X::memory_space>::accessible),
      "misfit: NLopt reads x on the host");

 public:
  /// Collective over the ranks of `operators`. Throws ArgumentError if `x` has another size than
  /// the domain, or is in pieces.
  NloptObjective(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x,
                 const Y& y, const DistributedOperator<Op>& operators, Term term = {})
      : objective_("NloptObjective", exec, fidelity, x, y, operators, std::move(term)) {
    operators.communicator().agree("NloptObjective", [&] {
      if (objective_.operators().in_pieces())
        throw ArgumentError("x: is in pieces, and NLopt needs all of it");
      if (objective_.size() > std::numeric_limits<unsigned>::max())
        throw ArgumentError("x: has more entries than NLopt can count");
      const std::size_t entries = objective_.x().extent(0);
      if (alignof(value_type) > alignof(double)) x_ = Numbers("misfit::NloptObjective::x", entries);
      gradient_ = Numbers("misfit::NloptObjective::gradient", entries);
    });
  }
  NloptObjective(const NloptObjective&) = delete;
  NloptObjective& operator=(const NloptObjective&) = delete;

  /// The dimension for nlopt_create(): the entries of x, or twice as many where they are complex.
  unsigned size() const noexcept { return static_cast<unsigned>(objective_.size()); }

  /// Gives `opt` this objective, to be minimised. Throws ArgumentError if `opt` has another
  /// dimension.
  void attach(nlopt_opt opt) {
    if (nlopt_get_dimension(opt) != size())
      throw ArgumentError("opt: has dimension " + std::to_string(nlopt_get_dimension(opt)) +
                          ", x has " + std::to_string(size()) + " numbers");
    if (nlopt_set_min_objective(opt, evaluate, this) < 0)
      throw Error("nlopt_set_min_objective: refused");
  }

  /// nlopt_optimize(), from `x` on, which becomes the solution; `value` is that of f there.
  /// Collective; blocks.
  ///
  /// On several ranks NLopt's random numbers are seeded alike. Returns why it ended. Throws on
  /// every rank the error that an evaluation ended with, and Error if ranks did not find the same.
  nlopt_result optimize(nlopt_opt opt, double& value) {
    objective_.operators().calls().together({"NloptObjective", {}}, [&](detail::ErrorContext&) {
      if (objective_.operators().calls().size() > 1 && nlopt_get_maxtime(opt) > 0)
        throw ArgumentError(
            "opt: has a maximum of time, to which ranks come at different evaluations; say one of "
            "evaluations");
    });
    if (objective_.operators().calls().size() > 1) nlopt_srand(1);  // else by time and process
    running_ = opt;
    const nlopt_result result = nlopt_optimize(opt, objective_.data(), &value);
    if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
    objective_.require_same_solution();
    return result;
  }

 private:
  using value_type = typename X::non_const_value_type;
  using Numbers = Kokkos::View<value_type*, typename X::memory_space>;

  // No exception may leave it: it is called from C. After an error methods evaluate a few times
  // more, and not as often on all ranks: nothing of that is collective. They are not stopped at
  // once, for DIRECT does not bear that at its first evaluation.
  static double evaluate(unsigned n, const double* x, double* gradient, void* self) noexcept {
    auto& objective = *static_cast<NloptObjective*>(self);
    if (objective.error_ != nullptr) {
      nlopt_force_stop(objective.running_);
    } else {
      try {
        return objective.evaluate_aligned(x, gradient, n);
      } catch (...) {
        objective.error_ = std::current_exception();
      }
    }
    if (gradient != nullptr) std::fill_n(gradient, n, 0.0);
    return std::numeric_limits<double>::infinity();
  }

  // NLopt's vectors lie as doubles do, complex numbers may have to lie at multiples of 16 bytes;
  // and methods that ask for the value alone bring no memory for a gradient.
  double evaluate_aligned(const double* x, double* gradient, unsigned n) {
    const std::size_t bytes = n * sizeof(double);
    double* const own_x = reinterpret_cast<double*>(x_.data());
    double* const own_gradient = reinterpret_cast<double*>(gradient_.data());
    if (!is_aligned(x)) x = static_cast<const double*>(std::memcpy(own_x, x, bytes));
    const bool direct = gradient != nullptr && is_aligned(gradient);
    const double value = objective_(x, direct ? gradient : own_gradient, n);
    if (gradient != nullptr && !direct) std::memcpy(gradient, own_gradient, bytes);
    return value;
  }
  static bool is_aligned(const double* numbers) {
    return reinterpret_cast<std::uintptr_t>(numbers) % alignof(value_type) == 0;
  }

  detail::Objective<Exec, D, X, Y, Op, Term> objective_;
  Numbers x_, gradient_;
  nlopt_opt running_ = nullptr;
  std::exception_ptr error_;
};

}  // namespace misfit
