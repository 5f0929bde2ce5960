// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/optimizers/objective.hpp>
#include <misfit/detail/optimizers/objective_point.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/newton_products.hpp>
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
/// fn_and_grad(), which is made where ROL's update() announces another x; for Newton methods from
/// one Linearization. Kept are the results at the iterate and at the trial, each with its x.
///
/// `term` and what is borrowed are as in TaoObjective. Every rank runs the solver, on the same
/// numbers. Errors of an evaluation pass through ROL, and are thrown on every rank.
template <ExecutionSpace Exec, typename D, KokkosView X, typename Y, typename Op,
          typename Term = detail::NoTerm, Newton newton = Newton::none>
class RolObjective : public ROL::Objective<double> {
  using Base = ROL::Vector<double>;

 public:
  /// What solution() is.
  using vector_type = RolVector<Exec, X>;

  /// Collective over the ranks of `operators`. Throws ArgumentError if `x` has another size than
  /// the domain.
  RolObjective(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x, const Y& y,
               const DistributedOperator<Op>& operators, Term term = {})
      : RolObjective(exec, fidelity, x, y, operators, NewtonProducts<newton>{}, std::move(term)) {}
  /// The same for Newton methods, with gauss_newton_products or hessian_products: products that ROL
  /// asks for are the fidelity's, not differences of gradients. A term then has add_hessian(x, v,
  /// product), too.
  RolObjective(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x, const Y& y,
               const DistributedOperator<Op>& operators, NewtonProducts<newton>, Term term = {})
      : objective_("RolObjective", exec, fidelity, x, y, operators, std::move(term)),
        domain_(objective_.operators().domain_vectors(x)) {
    operators.communicator().agree("RolObjective", [&] {
      for (Point& point : points_) point.reserve(x.extent(0));
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
        for (Point& point : points_) point.start_anew();
        break;
      case ROL::UpdateType::Trial:
      case ROL::UpdateType::Temp:
        now_ = 1 - iterate_;
        points_[now_].forget();
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
  void update(const Base&, bool = true, int = -1) override { points_[now_].forget(); }

  double value(const Base& x, double&) override { return at(x).value(); }
  void gradient(Base& g, const Base& x, double&) override {
    at(x).gradient(objective_, vector_type::view_of(g));
  }
  void hessVec(Base& product, const Base& v, const Base& x, double& tolerance) override {
    if constexpr (newton != Newton::none)
      at(x).product(objective_, vector_type::view_of(v), vector_type::view_of(product));
    else
      ROL::Objective<double>::hessVec(product, v, x, tolerance);
  }
  /// \endcond

 private:
  using Objective = detail::Objective<Exec, D, X, Y, Op, Term>;
  using Point = detail::ObjectivePoint<Objective, newton>;

  // At `vector`: that of the last update(), unless ROL has gone elsewhere since, as its line
  // searches do where they give up.
  Point& at(const Base& vector) {
    // What line searches compute twice differs by the roundings of one step.
    points_[now_].move_to(objective_, domain_, vector_type::view_of(vector), 1e-14);
    return points_[now_];
  }

  Objective objective_;
  detail::DomainVectors domain_;
  Point points_[2];
  int iterate_ = 0, now_ = 0;
};

/// \cond
template <typename Exec, typename D, typename X, typename Y, typename Op>
RolObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&) -> RolObjective<Exec, D, X, Y, Op>;
template <typename Exec, typename D, typename X, typename Y, typename Op, typename Term>
RolObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&, Term) -> RolObjective<Exec, D, X, Y, Op, Term>;
template <typename Exec, typename D, typename X, typename Y, typename Op, Newton newton>
RolObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&, NewtonProducts<newton>)
    -> RolObjective<Exec, D, X, Y, Op, detail::NoTerm, newton>;
template <typename Exec, typename D, typename X, typename Y, typename Op, Newton newton,
          typename Term>
RolObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&, NewtonProducts<newton>, Term)
    -> RolObjective<Exec, D, X, Y, Op, Term, newton>;
/// \endcond

}  // namespace misfit
