// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace misfit {

/// When an iteration stops.
struct SolverOptions {
  double tolerance = 1e-6;  ///< relative; what it bounds is said where it is used
  /// Iterations at most.
  int max_iterations = 100;
};

/// When least squares stop, and what keeps them small.
struct LeastSquaresOptions {
  double tolerance = 1e-6;  ///< of the residual of the normal equations, relative to their right
  /// Iterations at most.
  int max_iterations = 100;
  double tikhonov = 0;  ///< λ, the weight of |x|²
};

/// How a linear solver ended.
struct SolverResult {
  /// How many there were.
  int iterations = 0;
  double residual = 0;  ///< relative, in the measure of the tolerance
  /// Whether the tolerance was reached.
  bool converged = false;
};

/// How a linear solver ended that solved for a batch: the largest number of iterations, the largest
/// residual (NaN if one is), and whether all signals converged; and each signal's own.
struct BatchSolverResult : SolverResult {
  /// Of each signal of the batch.
  std::vector<SolverResult> signals;
};

/// How an estimate of a norm ended.
struct NormResult {
  /// The estimate of ‖A‖².
  double value = 0;
  int iterations = 0;   ///< how often A^H A was applied
  double residual = 0;  ///< |A^H A v − value v| / value for a v of length 1
  /// Whether the tolerance was reached.
  bool converged = false;
};

}  // namespace misfit
