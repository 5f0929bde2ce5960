// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the problems of all families are made with.

#include "scaling/scaling_case.hpp"

#include <misfit/ensemble.hpp>
#include <misfit/slabs.hpp>

#include <mpi.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace misfit::bench {

inline MPI_Comm comm_of(const ScalingCase& c) {
  return c.series == Series::throughput ? MPI_COMM_SELF : MPI_COMM_WORLD;
}

/// How many times as many rows an operator in parts has as on one rank.
inline std::size_t growth_of(const ScalingCase& c) {
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  return static_cast<std::size_t>(c.growth(ranks));
}

/// The slabs of an image over all ranks, or over those of each member.
inline Slabs slabs_of(const ScalingCase& c, const Shape& shape, std::size_t dimension) {
  if (c.form == Form::slabs) return {MPI_COMM_WORLD, shape, {.dimension = dimension}};
  const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = c.ranks_per_member});
  return {ensemble, shape, {.dimension = dimension}};
}

/// `count` operators of `rows` rows each, cut so that all ranks have as much work.
inline SplitPartition split_of(int count, std::size_t rows) {
  const auto n = static_cast<std::size_t>(count);
  return Partition::split(std::vector<double>(n, 1), std::vector<std::size_t>(n, rows));
}

/// The problem in the words of the study: `outputs` are those of an operator that counts as one,
/// `work(problem, call, operators)` is what limits the family.
template <typename T, typename P, typename Work>
ScalingProblem scaling_problem(std::shared_ptr<P> problem, std::size_t outputs,
                               const ProblemSizes& sizes, Work&& work) {
  ScalingProblem result;
  result.run = [problem](Call call, Scope scope) { problem->run(call, scope); };
  result.work = [problem, work](Call call, double operators) {
    return work(*problem, call, operators);
  };
  result.twins = [problem] {
    std::vector<std::function<void()>> steps;
    const Numbers<T> gradient("gradient", problem->x.extent(0));
    for (const Twin<T>& twin : twins_of(*problem))
      steps.emplace_back([=] { twin.run(problem->exec, gradient); });
    return steps;
  };
  for (std::size_t k = 0; k < problem->y.size(); ++k)
    result.operators_here +=
        static_cast<double>(problem->y[k].size()) / static_cast<double>(outputs);
  result.operator_bytes = problem->operator_bytes;
  result.sizes = sizes;
  result.sizes.entry_bytes = sizeof(T);
  result.plan = problem->operators.template plan<T>();
  return result;
}

/// P of operators in parts.
template <typename P, typename Op, typename... Sizes>
std::shared_ptr<P> in_parts(DistributedOperator<Op> operators, Sizes... sizes) {
  return std::make_shared<P>(std::move(operators), sizes...);
}

/// The problems of the families, each with the meaning of `size`. Collective.

/// Images of `size` entries in double.
ScalingProblem masks(const ScalingCase& c, int operators);
/// Matrices of `size` rows and columns in double.
ScalingProblem dense_matrices(const ScalingCase& c, int operators);
/// The same, with 32 entries in a row.
ScalingProblem sparse_matrices(const ScalingCase& c, int operators);
/// RGB images of `size` x `size` pixels in float, and Gaussian kernels.
ScalingProblem blurs(const ScalingCase& c, int operators);
/// The same; every second pixel is kept.
ScalingProblem downsampled_blurs(const ScalingCase& c, int operators);
/// Images of `size` x `size` pixels in float, and 64 angles.
ScalingProblem radons(const ScalingCase& c, int operators);
/// Coils of a complex image of `size` x `size` pixels in float.
ScalingProblem coils(const ScalingCase& c, int operators);

}  // namespace misfit::bench
