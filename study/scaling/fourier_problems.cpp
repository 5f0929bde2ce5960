// SPDX-License-Identifier: BSD-3-Clause
#include "families/fourier.hpp"
#include "families/ptychography.hpp"
#include "scaling/scaling_problem.hpp"

#include <cstddef>

namespace misfit::bench {
namespace {

using Complex = Kokkos::complex<float>;

constexpr std::size_t positions = 64;

/// Entries of the patterns of an operator.
std::size_t pattern_entries(const ScalingCase& c) {
  const std::size_t probe = probe_side(static_cast<std::size_t>(c.size));
  return positions * probe * probe;
}

}  // namespace

ProblemSizes coil_sizes(const ScalingCase& c) {
  const auto side = static_cast<std::size_t>(c.size);
  return {.image = Shape{side, side},
          .measured = side * side,
          .entry_bytes = sizeof(Complex),
          .operator_bytes = side * side * sizeof(Complex),
          .work_bytes = side * side * (2 * sizeof(Complex) + sizeof(float)),  // with the sampling
          .splittable = false,
          .cuttable = false};
}

ScalingProblem coils(const ScalingCase& c, int operators) {
  const auto side = static_cast<std::size_t>(c.size);
  return scaling_problem<Complex>(
      std::make_shared<Coils<Complex>>(operators, side, comm_of(c)), side * side, coil_sizes(c),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

ProblemSizes ptychography_sizes(const ScalingCase& c) {
  const auto side = static_cast<std::size_t>(c.size);
  const std::size_t entries = pattern_entries(c) * growth_of(c);
  // Patterns are real: two are as large as an entry of x. Operators hold their waves three times.
  return {.image = Shape{side, side},
          .measured = entries / 2,
          .entry_bytes = sizeof(Complex),
          .operator_bytes = 3 * entries * sizeof(Complex),
          .cuttable = false};
}

ScalingProblem ptychographies(const ScalingCase& c, int operators) {
  using P = Ptychographies<Complex>;
  const auto side = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated)
      return std::make_shared<P>(operators, side, positions, comm_of(c));
    const std::size_t each = positions * growth_of(c);
    return in_parts<P>(DistributedOperator(MPI_COMM_WORLD, split_of(operators, each),
                                           [=](int i, const Rows& rows) {
                                             return P::patterns(i, operators, side, each, rows);
                                           }),
                       side);
  };
  return scaling_problem<Complex>(make(), pattern_entries(c), ptychography_sizes(c),
                                  [](const auto& p, Call call, double count) {
                                    return p.flops(call, count, static_cast<double>(positions));
                                  });
}

}  // namespace misfit::bench
