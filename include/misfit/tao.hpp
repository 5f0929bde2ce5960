// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/optimizers/objective.hpp>
#include <misfit/detail/optimizers/objective_point.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/newton_products.hpp>
#include <misfit/tao_vector.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>
#include <petscmat.h>
#include <petsctao.h>
#include <petscvec.h>

#include <cstddef>
#include <exception>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#if defined(PETSC_USE_COMPLEX) || !defined(PETSC_USE_REAL_DOUBLE)
#error "misfit/tao.hpp needs a PETSc of real numbers in double precision: TAO minimises over real x"
#endif

namespace misfit {

/// f(x) and its gradient as an objective of TAO, PETSc's optimisers: R_i d_i(A_i x, y_i), and a
/// term of your own where one is given.
///
///     misfit::TaoObjective objective(exec, fidelity, x, y, operators);
///     Tao tao;
///     TaoCreate(objective.comm(), &tao);
///     TaoSetType(tao, TAOBLMVM);
///     objective.attach(tao);
///     TaoSetFromOptions(tao);
///     objective.solve(tao);
///
/// `x` is where the solver starts and what it leaves its solution in. It is contiguous, and real or
/// complex in double precision; a complex entry is two numbers of TAO's. In a GPU's memory it takes
/// a PETSc that was built with the same Kokkos: see TaoVectors.
/// One evaluation is one fn_and_grad(); neither x nor the gradient is copied. `term(x, gradient)`
/// returns the value of the term and adds its gradient, on all ranks alike; where x is in pieces,
/// those of this rank's piece: values of pieces are summed.
///
/// Where x is whole, every rank runs the solver by itself, on the same numbers, and solve() sees to
/// it that all found the same. Where it is in pieces the ranks of a member run it together.
///
/// `fidelity`, `y` and `operators` are borrowed. Not to be copied or moved: TAO keeps its address.
template <ExecutionSpace Exec, typename D, KokkosView X, typename Y, typename Op,
          typename Term = detail::NoTerm, Newton newton = Newton::none>
class TaoObjective {
  static constexpr bool has_products = newton != Newton::none;

 public:
  /// Collective over the ranks of `operators`, after PetscInitialize(). Throws ArgumentError if `x`
  /// has another size than the domain.
  TaoObjective(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x, const Y& y,
               const DistributedOperator<Op>& operators, Term term = {})
      : TaoObjective(exec, fidelity, x, y, operators, NewtonProducts<newton>{}, std::move(term)) {}
  /// The same for Newton methods, with gauss_newton_products or hessian_products: `tao` is also
  /// given a Hessian, a shell matrix. Value, gradient and products at an x come from one
  /// Linearization. A term then has add_hessian(x, v, product), too.
  TaoObjective(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x, const Y& y,
               const DistributedOperator<Op>& operators, NewtonProducts<newton>, Term term = {})
      : objective_("TaoObjective", exec, fidelity, x, y, operators, std::move(term)),
        domain_(objective_.operators().domain_vectors(x)) {
    operators.communicator().agree("TaoObjective", [&] {
      if constexpr (has_products) {
        point_.reserve(x.extent(0));
        hessian_x_ = Owned("misfit::TaoObjective::hessian_x", x.extent(0));
      }
      if (objective_.size() > static_cast<std::size_t>(std::numeric_limits<PetscInt>::max()))
        throw ArgumentError("x: has more entries than PETSc's integers can count");
    });
    const auto n = static_cast<PetscInt>(objective_.size());
    const bool in_pieces = objective_.operators().in_pieces();
    solution_ =
        Vectors::wrap(in_pieces ? objective_.operators().space_calls().native() : MPI_COMM_NULL,
                      objective_.data(), n);
    if constexpr (has_products) make_hessian(n);
  }
  TaoObjective(const TaoObjective&) = delete;
  TaoObjective& operator=(const TaoObjective&) = delete;
  ~TaoObjective() {
    take_error();
    static_cast<void>(MatDestroy(&hessian_));
    static_cast<void>(VecDestroy(&solution_));
  }

  /// x as a vector of PETSc, in the memory of `x`. Bounds are made with VecDuplicate() of it.
  /// Borrowed.
  Vec solution() const noexcept { return solution_; }
  /// The communicator for TaoCreate(): this rank alone where x is whole, else the ranks that share
  /// one x in pieces.
  MPI_Comm comm() const {
    return PetscObjectComm(reinterpret_cast<PetscObject>(solution_));  // a duplicate of PETSc's
  }

  /// Gives `tao` this objective and solution(). Throws Error if PETSc refuses.
  void attach(Tao tao) {
    check_petsc(TaoSetSolution(tao, solution_), "TaoSetSolution");
    check_petsc(TaoSetObjectiveAndGradient(tao, nullptr, evaluate, this),
                "TaoSetObjectiveAndGradient");
    if constexpr (has_products)
      check_petsc(TaoSetHessian(tao, hessian_, hessian_, move_hessian, this), "TaoSetHessian");
  }

  /// TaoSolve(). Collective over all ranks of the operators; blocks.
  ///
  /// Throws on every rank the error that an evaluation ended with; Error if PETSc found one, or if
  /// ranks that hold the same of x did not find the same.
  void solve(Tao tao) {
    take_error();
    Vectors::changed(solution_);  // by the user, who sets another start in x
    point_.start_anew();          // there may be other data, or another term
    const PetscErrorCode code = TaoSolve(tao);
    if (const std::exception_ptr error = take_error()) std::rethrow_exception(error);
    // What PETSc alone has found may be of one rank, for which others wait in an evaluation.
    objective_.operators().calls().together({"TaoObjective::solve", {}},
                                            [&](detail::ErrorContext&) {
                                              check_petsc(code, "TaoSolve");
                                              Vectors::complete(solution_);
                                            });
    objective_.require_same_solution();
  }

 private:
  using Objective = detail::Objective<Exec, D, X, Y, Op, Term>;
  using Vectors = TaoVectors<typename X::memory_space>;
  using Point = typename Objective::Point;
  using Gradient = typename Objective::Gradient;
  using Owned = typename Objective::Owned;

  // No exception may leave these: they are called from C.
  static PetscErrorCode evaluate(Tao, Vec x, PetscReal* value, Vec gradient, void* self) noexcept {
    auto& objective = *static_cast<TaoObjective*>(self);
    return objective.guarded([&] {
      objective.with_arrays(x, gradient, [&](const Point& at, const Gradient& g) {
        *value = objective.value_and_gradient(at, g);
      });
    });
  }
  static PetscErrorCode move_hessian(Tao, Vec x, Mat, Mat, void* self) noexcept {
    auto& objective = *static_cast<TaoObjective*>(self);
    return objective.guarded([&] {
      objective.with_arrays(x, nullptr, [&](const Point& at, const Gradient&) {
        Kokkos::deep_copy(objective.objective_.exec(), objective.hessian_x_, at);
        objective.move_to_hessian();
      });
    });
  }
  static PetscErrorCode multiply(Mat hessian, Vec v, Vec product) noexcept {
    void* self = nullptr;
    if (const PetscErrorCode code = MatShellGetContext(hessian, &self); code != 0) return code;
    auto& objective = *static_cast<TaoObjective*>(self);
    return objective.guarded([&] {
      objective.with_arrays(v, product, [&](const Point& of, const Gradient& result) {
        // TAO may have evaluated at a trial since, and have refused it.
        if (!objective.at_hessian_) objective.move_to_hessian();
        objective.point_.product(objective.objective_, of, result);
      });
    });
  }
  template <typename Call>
  PetscErrorCode guarded(const Call& call) noexcept {
    try {
      call();
      return PetscErrorCode(0);
    } catch (...) {
      // That PETSc does not print where it passes the code on: solve() throws the reason.
      if (error_ == nullptr)
        static_cast<void>(PetscPushErrorHandler(PetscReturnErrorHandler, nullptr));
      error_ = std::current_exception();
      return PETSC_ERR_USER;
    }
  }

  void make_hessian(PetscInt n) {
    const PetscInt size = objective_.operators().in_pieces() ? PETSC_DETERMINE : n;
    check_petsc(MatCreateShell(comm(), n, n, size, size, this, &hessian_), "MatCreateShell");
    check_petsc(MatShellSetOperation(hessian_, MATOP_MULT,
                                     reinterpret_cast<void (*)()>(&TaoObjective::multiply)),
                "MatShellSetOperation");
    check_petsc(MatSetOption(hessian_, MAT_SYMMETRIC, PETSC_TRUE), "MatSetOption");
    Vectors::choose_for(hessian_);
  }

  // What the last evaluation ended with, if it did; from here on PETSc prints its errors again.
  std::exception_ptr take_error() noexcept {
    if (error_ != nullptr) static_cast<void>(PetscPopErrorHandler());
    return std::exchange(error_, nullptr);
  }

  // To the very x: TAO hands over its own vectors.
  void move_to(const Point& x) {
    at_hessian_ = false;
    point_.move_to(objective_, domain_, x, 0);
  }
  void move_to_hessian() {
    move_to(hessian_x_);
    at_hessian_ = true;
  }

  double value_and_gradient(const Point& x, const Gradient& gradient) {
    if constexpr (!has_products) return objective_(x, gradient);
    move_to(x);
    point_.gradient(objective_, gradient);
    return point_.value();
  }

  // call(the entries of `in`, those of `out`, unless that is null), which are PETSc's.
  template <typename Call>
  static void with_arrays(Vec in, Vec out, const Call& call) {
    using Entry = typename Objective::value_type;
    Vectors::template with_arrays<Entry>(in, out, [&](const Entry* x, Entry* g, std::size_t n) {
      call(Point(x, n), Gradient(g, out == nullptr ? 0 : n));
    });
  }

  Objective objective_;
  detail::DomainVectors domain_;
  detail::ObjectivePoint<Objective, newton> point_;
  Owned hessian_x_;  // where TAO has computed the Hessian last
  bool at_hessian_ = false;
  Vec solution_ = nullptr;
  Mat hessian_ = nullptr;
  std::exception_ptr error_;
};

/// \cond
template <typename Exec, typename D, typename X, typename Y, typename Op>
TaoObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&) -> TaoObjective<Exec, D, X, Y, Op>;
template <typename Exec, typename D, typename X, typename Y, typename Op, typename Term>
TaoObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&, Term) -> TaoObjective<Exec, D, X, Y, Op, Term>;
template <typename Exec, typename D, typename X, typename Y, typename Op, Newton newton>
TaoObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&, NewtonProducts<newton>)
    -> TaoObjective<Exec, D, X, Y, Op, detail::NoTerm, newton>;
template <typename Exec, typename D, typename X, typename Y, typename Op, Newton newton,
          typename Term>
TaoObjective(const Exec&, const DistributedDataFidelity<D>&, const X&, const Y&,
             const DistributedOperator<Op>&, NewtonProducts<newton>, Term)
    -> TaoObjective<Exec, D, X, Y, Op, Term, newton>;
/// \endcond

}  // namespace misfit
