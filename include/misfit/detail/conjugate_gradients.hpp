// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/signals.hpp>
#include <misfit/detail/vector_algebra.hpp>
#include <misfit/solver.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>

namespace misfit::detail {

/// The number of vectors of the size of x in a ConjugateGradientsWorkspace.
inline constexpr std::size_t conjugate_gradients_vectors = 4;

/// Four vectors of the shape of x, one behind the other in `memory`.
template <typename X>
struct ConjugateGradientsWorkspace {
  using T = typename X::non_const_value_type;
  using Shaped =
      std::conditional_t<is_batch<X>,
                         Kokkos::View<T**, Kokkos::LayoutRight, typename X::memory_space>,
                         Vector<T, typename X::memory_space>>;

  template <typename Memory>
  ConjugateGradientsWorkspace(const Memory& memory, const X& x)
      : rhs(at(memory, x, 0)),
        residual(at(memory, x, 1)),
        p(at(memory, x, 2)),
        q(at(memory, x, 3)) {}

  Shaped rhs, residual, p, q;

 private:
  template <typename Memory>
  static Shaped at(const Memory& memory, const X& x, std::size_t k) {
    auto* data = memory.data() + k * x.size();
    if constexpr (is_batch<X>)
      return Shaped(data, x.extent(0), x.extent(1));
    else
      return Shaped(data, x.extent(0));
  }
};

/// Solves M x = rhs for a Hermitian positive semi-definite M, from the x given, until
/// |rhs − M x| ≤ tolerance |rhs|. `apply(p, q)` sets q = M p. A batch is one system. Blocks.
///
/// (M. R. Hestenes and E. Stiefel, "Methods of conjugate gradients for solving linear systems",
/// 1952.)
template <typename Exec, typename Apply, typename Workspace, typename X>
SolverResult conjugate_gradients(const Exec& exec, Apply&& apply, const Workspace& workspace,
                                 const X& x, const SolverOptions& options) {
  const auto b = all_signals(workspace.rhs), r = all_signals(workspace.residual),
             p = all_signals(workspace.p), q = all_signals(workspace.q), solution = all_signals(x);
  Kokkos::deep_copy(exec, p, solution);
  apply(workspace.p, workspace.q);
  axpby(exec, 1, b, 0, r);
  axpby(exec, -1, q, 1, r);
  Kokkos::deep_copy(exec, p, r);

  const double norm = std::sqrt(dot(exec, b, b));
  double rho = dot(exec, r, r);
  SolverResult result;
  const auto update = [&] {
    result.residual = norm > 0 ? std::sqrt(rho) / norm : std::sqrt(rho);
    result.converged = result.residual <= options.tolerance;
  };
  update();
  while (!result.converged && result.iterations < options.max_iterations) {
    apply(workspace.p, workspace.q);
    const double curvature = dot(exec, p, q);
    if (!(curvature > 0)) break;  // the rest of the residual lies in the null space of M, or is NaN
    const double alpha = rho / curvature;
    axpby(exec, alpha, p, 1, solution);
    axpby(exec, -alpha, q, 1, r);
    const double previous = rho;
    rho = dot(exec, r, r);
    axpby(exec, 1, r, rho / previous, p);
    ++result.iterations;
    update();
  }
  return result;
}

}  // namespace misfit::detail
