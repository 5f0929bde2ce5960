// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/optimizers/objective.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/rol_vector.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <ROL_Objective.hpp>
#include <ROL_Ptr.hpp>
#include <ROL_UpdateType.hpp>
#include <ROL_Vector.hpp>

#include <cmath>
#include <cstdint>
#include <utility>

namespace misfit {

/// f(x) and its gradient as an objective of ROL: R_i d_i(A_i x, y_i), and a term of your own where
/// one is given.
///
///     misfit::RolObjective objective(exec, fidelity, x, y, operators);
///     const auto problem = ROL::makePtr<ROL::Problem<double>>(
///         ROL::makePtrFromRef(objective), objective.solution());
///     ROL::ParameterList parameters;
///     ROL::Solver<double> solver(problem, parameters);
///     solver.solve(std::cout);
///
/// `x` is where the solver starts and what it leaves its solution in, real or complex in double
/// precision. ROL asks for value and gradient one after the other: both come from one
/// fn_and_grad(), which is made where ROL's update() announces another x. Kept are the results at
/// the iterate and at the trial, each with its x: 4 vectors.
///
/// `term` and what is borrowed are as in TaoObjective. Every rank runs the solver, on the same
/// numbers. Errors of an evaluation pass through ROL, and are thrown on every rank.
template <ExecutionSpace Exec, typename D, KokkosView X, typename Y, typename Op,
          typename Term = detail::NoTerm>
class RolObjective : public ROL::Objective<double> {
  using Base = ROL::Vector<double>;

 public:
  /// What solution() is.
  using vector_type = RolVector<Exec, X>;

  /// Collective over the ranks of `operators`. Throws ArgumentError if `x` has another size than
  /// the domain.
  RolObjective(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x, const Y& y,
               const DistributedOperator<Op>& operators, Term term = {})
      : objective_("RolObjective", exec, fidelity, x, y, operators, std::move(term)),
        domain_(objective_.operators().domain_vectors(x)) {
    operators.communicator().agree("RolObjective", [&] {
      for (Evaluated& point : points_) {
        point.x = X("misfit::RolObjective::x", x.extent(0));
        point.gradient = X("misfit::RolObjective::gradient", x.extent(0));
      }
    });
  }

  /// x as a vector of ROL, in the memory of `x`.
  ROL::Ptr<Base> solution() const {
    return ROL::makePtr<vector_type>(objective_.exec(), objective_.x(), domain_);
  }

  /// \cond
  void update(const Base&, ROL::UpdateType type, int = -1) override {
    switch (type) {
      case ROL::UpdateType::Initial:
        iterate_ = now_ = 0;
        points_[now_].known = false;
        break;
      case ROL::UpdateType::Trial:
      case ROL::UpdateType::Temp:
        now_ = 1 - iterate_;
        points_[now_].known = false;
        break;
      case ROL::UpdateType::Accept:
        // Of an x that was no trial, as some methods accept, at() finds that it is another.
        iterate_ = now_;
        break;
      case ROL::UpdateType::Revert:
        now_ = iterate_;
        break;
    }
  }
  // Of methods that do not say what the new x is.
  void update(const Base&, bool = true, int = -1) override { points_[now_].known = false; }

  double value(const Base& x, double&) override { return at(x).value; }
  void gradient(Base& g, const Base& x, double&) override {
    Kokkos::deep_copy(objective_.exec(), vector_type::view_of(g), at(x).gradient);
  }
  /// \endcond

 private:
  struct Evaluated {
    bool known = false;
    double value = 0, largest = 0;  // the largest modulus of an entry of x
    X x, gradient;
  };

  // The value and gradient at `x`: those of the last update(), unless ROL has gone elsewhere since,
  // as its line searches do where they give up.
  const Evaluated& at(const Base& vector) {
    Evaluated& point = points_[now_];
    const X& x = vector_type::view_of(vector);
    if (point.known && !moved(x, point)) return point;
    point.known = false;
    Kokkos::deep_copy(objective_.exec(), point.x, x);
    point.value = objective_(x, point.gradient);
    point.largest = domain_.largest_of_pieces(
        std::sqrt(detail::largest_squared_abs(objective_.exec(), point.x)));
    point.known = true;
    return point;
  }

  // Whether `x` differs from the x of `point` by more than the roundings of one step; the same on
  // all ranks.
  bool moved(const X& x, const Evaluated& point) const {
    return domain_.largest_of_pieces(
               count_moved(objective_.exec(), x, point.x, 1e-14 * point.largest)) > 0;
  }

 public:
  /// \cond
  static double count_moved(const Exec& exec, const X& a, const X& b, double bound) {
    std::int64_t count = 0;
    const double squared = bound * bound;
    Kokkos::parallel_reduce(
        "misfit::RolObjective::moved", detail::range(exec, a.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j, std::int64_t& moved) {
          if (!(detail::squared_abs(a(j) - b(j)) <= squared)) ++moved;
        },
        count);
    return static_cast<double>(count);
  }
  /// \endcond

 private:
  detail::Objective<Exec, D, X, Y, Op, Term> objective_;
  detail::DomainVectors domain_;
  Evaluated points_[2];
  int iterate_ = 0, now_ = 0;
};

}  // namespace misfit
