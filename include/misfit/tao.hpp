// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/optimizers/objective.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>
#include <petsctao.h>

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

/// Throws Error if a call of PETSc, `what`, returned `code`.
inline void check_petsc(PetscErrorCode code, const char* what) {
  if (code == 0) return;
  const char* text = nullptr;
  static_cast<void>(PetscErrorMessage(code, &text, nullptr));
  throw Error(std::string(what) + ": " + (text == nullptr ? "an error of PETSc" : text));
}

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
/// `x` is where the solver starts and what it leaves its solution in. It is contiguous, in memory
/// of the host, and real or complex in double precision; a complex entry is two numbers of TAO's.
/// One evaluation is one fn_and_grad(); neither x nor the gradient is copied. `term(x, gradient)`
/// returns the value of the term and adds its gradient, on all ranks alike: where x is in pieces,
/// the value is that of the whole x.
///
/// Where x is whole, every rank runs the solver by itself, on the same numbers, and solve() sees to
/// it that all found the same. Where it is in pieces the ranks of a member run it together.
///
/// `fidelity`, `y` and `operators` are borrowed. Not to be copied or moved: TAO keeps its address.
template <ExecutionSpace Exec, typename D, KokkosView X, typename Y, typename Op,
          typename Term = detail::NoTerm>
class TaoObjective {
  static_assert(
      bool(Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename X::memory_space>::accessible),
      "misfit: PETSc reads x on the host");

 public:
  /// Collective over the ranks of `operators`, after PetscInitialize(). Throws ArgumentError if `x`
  /// has another size than the domain.
  TaoObjective(const Exec& exec, const DistributedDataFidelity<D>& fidelity, const X& x, const Y& y,
               const DistributedOperator<Op>& operators, Term term = {})
      : objective_("TaoObjective", exec, fidelity, x, y, operators, std::move(term)) {
    operators.communicator().agree("TaoObjective", [&] {
      if (objective_.size() > static_cast<std::size_t>(std::numeric_limits<PetscInt>::max()))
        throw ArgumentError("x: has more entries than PETSc's integers can count");
    });
    const auto n = static_cast<PetscInt>(objective_.size());
    if (objective_.operators().in_pieces())
      check_petsc(VecCreateMPIWithArray(objective_.operators().space_calls().native(), 1, n,
                                        PETSC_DETERMINE, objective_.data(), &solution_),
                  "VecCreateMPIWithArray");
    else
      check_petsc(VecCreateSeqWithArray(PETSC_COMM_SELF, 1, n, objective_.data(), &solution_),
                  "VecCreateSeqWithArray");
  }
  TaoObjective(const TaoObjective&) = delete;
  TaoObjective& operator=(const TaoObjective&) = delete;
  ~TaoObjective() {
    take_error();
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
  }

  /// TaoSolve(). Collective over all ranks of the operators; blocks.
  ///
  /// Throws on every rank the error that an evaluation ended with; Error if PETSc found one, or if
  /// ranks that hold the same of x did not find the same.
  void solve(Tao tao) {
    take_error();
    const PetscErrorCode code = TaoSolve(tao);
    if (const std::exception_ptr error = take_error()) std::rethrow_exception(error);
    check_petsc(code, "TaoSolve");
    objective_.require_same_solution();
  }

 private:
  // No exception may leave it: it is called from C.
  static PetscErrorCode evaluate(Tao, Vec x, PetscReal* value, Vec gradient, void* self) noexcept {
    auto& objective = *static_cast<TaoObjective*>(self);
    try {
      *value = objective.value_and_gradient(x, gradient);
      return PetscErrorCode(0);
    } catch (...) {
      // That PETSc does not print where it passes the code on: solve() throws the reason.
      if (objective.error_ == nullptr)
        static_cast<void>(PetscPushErrorHandler(PetscReturnErrorHandler, nullptr));
      objective.error_ = std::current_exception();
      return PETSC_ERR_USER;
    }
  }

  // What the last evaluation ended with, if it did; from here on PETSc prints its errors again.
  std::exception_ptr take_error() noexcept {
    if (error_ != nullptr) static_cast<void>(PetscPopErrorHandler());
    return std::exchange(error_, nullptr);
  }

  double value_and_gradient(Vec x, Vec gradient) const {
    PetscInt n = 0;
    const double* numbers = nullptr;
    double* derivatives = nullptr;
    check_petsc(VecGetLocalSize(x, &n), "VecGetLocalSize");
    check_petsc(VecGetArrayRead(x, &numbers), "VecGetArrayRead");
    check_petsc(VecGetArrayWrite(gradient, &derivatives), "VecGetArrayWrite");
    std::exception_ptr error;
    double value = 0;
    try {
      value = objective_(numbers, derivatives, static_cast<std::size_t>(n));
    } catch (...) {
      error = std::current_exception();
    }
    const PetscErrorCode written = VecRestoreArrayWrite(gradient, &derivatives);
    const PetscErrorCode read = VecRestoreArrayRead(x, &numbers);
    if (error != nullptr) std::rethrow_exception(error);
    check_petsc(written, "VecRestoreArrayWrite");
    check_petsc(read, "VecRestoreArrayRead");
    return value;
  }

  detail::Objective<Exec, D, X, Y, Op, Term> objective_;
  Vec solution_ = nullptr;
  std::exception_ptr error_;
};

}  // namespace misfit
