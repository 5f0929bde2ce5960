// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A small problem, and every call that takes Views, behind one signature.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace misfit::test {

using Exec = Kokkos::DefaultExecutionSpace;
using Signal = Kokkos::View<double*>;
using Operators = DistributedOperator<AnyOperator<double>>;
using Fidelity = DistributedDataFidelity<L2>;

int world_rank();
int world_size();

/// Entries that are never 0, other ones for each k.
Signal signal(std::size_t k, std::size_t n);

/// What calls are given.
struct Arguments {
  Signal x, out;
  std::vector<Signal> y, all_y;  ///< this rank's measurements; as many as forward() sets
  double gamma = 0.3;
  SolverOptions solver{.tolerance = 1e-3, .max_iterations = 3};
  LeastSquaresOptions least_squares{.tolerance = 1e-3, .max_iterations = 3, .tikhonov = 0.1};
};

/// Operators, a fidelity and right arguments.
struct Problem {
  std::string name;
  Exec exec{};
  std::optional<Slabs> slabs{};  ///< where x is in pieces
  std::unique_ptr<Operators> operators{};
  std::unique_ptr<Fidelity> fidelity{};
  Arguments arguments{};
  double value = 0;
  std::vector<double> gradient{}, inputs{}, outputs{};

  /// Takes the right arguments, and the right results.
  void finish();
  /// Whether fn_and_grad gives the bits that it gave at first. Collective.
  bool right() const;
  /// Whether no input has changed, and no output where `outputs_too`.
  bool untouched(bool outputs_too) const;
};

/// Whole operators; reproducible sums; operators in parts; x in slabs; slabs of an ensemble.
const std::vector<std::shared_ptr<Problem>>& problems();

/// A call that takes Views, and what it calls them: nullptr where it takes none.
struct Entry {
  std::string name;
  const char *x, *y, *out;
  std::function<void(const Problem&, const Arguments&)> call;
};

/// All of them.
const std::vector<Entry>& entries();

}  // namespace misfit::test
