// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the problems of all families are made with.

#include "scaling/scaling_case.hpp"

#include <misfit/ensemble.hpp>
#include <misfit/slabs.hpp>

#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

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

/// This rank's part of x, of as many entries as `x`, from an image.
template <typename T>
void set_to_image(const Numbers<T>& x, const Shape& shape, std::size_t dimension, const Rows& owned,
                  const std::vector<float>& image) {
  const Rows rows = x.extent(0) == shape.size() ? Rows{0, shape[dimension]} : owned;
  std::size_t inner = 1;
  for (std::size_t d = dimension + 1; d < shape.rank(); ++d) inner *= shape[d];
  const std::size_t piece = rows.size() * inner, whole = shape[dimension] * inner;
  const auto host = Kokkos::create_mirror_view(x);
  for (std::size_t j = 0; j < host.extent(0); ++j) {
    const std::size_t at = j / piece * whole + rows.begin * inner + j % piece;
    host(j) = T(static_cast<detail::Real<T>>(image[at % image.size()]));
  }
  Kokkos::deep_copy(x, host);
}

/// y = A x, with noise of deviation σ in every real number of it.
template <typename P>
void simulate_measurements(P& problem) {
  using Y = typename std::remove_cvref_t<decltype(problem.y[0])>::value_type;
  std::vector<Numbers<Y>> y;
  for (std::size_t k = 0; k < problem.y.size(); ++k) y.emplace_back("y", problem.y[k].extent(0));
  problem.operators.forward(problem.exec, problem.x, y, Scope::local);
  const double amplitude = std::sqrt(3 / inverse_variance);  // of uniform numbers
  for (std::size_t k = 0; k < y.size(); ++k) {
    const auto rows = problem.operators.local_rows(k);
    const auto i = static_cast<unsigned>(problem.operators.local_indices()[k]);
    const auto begin = static_cast<unsigned>(rows ? rows->begin : 0);
    const auto noise = random_numbers<Y>(y[k].extent(0), 5000 + i + 1000003 * begin);
    detail::axpby(problem.exec, amplitude, noise, 1, y[k]);
  }
  problem.y = problem.operators.measurements(problem.exec, y);
}

template <typename P>
double value_of_a_number(const P& problem) {
  using Y = typename std::remove_cvref_t<decltype(problem.y[0])>::value_type;
  double numbers = 0;
  for (std::size_t k = 0; k < problem.y.size(); ++k)
    numbers += static_cast<double>(problem.y[k].extent(0)) * (detail::is_complex<Y> ? 2 : 1);
  return problem.value / sum_over_ranks(numbers);
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
  result.hand_written = [problem] {
    std::vector<std::function<void()>> steps;
    const Numbers<T> gradient("gradient", problem->x.extent(0));
    for (const HandWritten<T>& program : hand_written(*problem))
      steps.emplace_back([=] { program.run(problem->exec, gradient); });
    return steps;
  };
  result.value_of_a_number = [problem] { return value_of_a_number(*problem); };
  for (std::size_t k = 0; k < problem->y.size(); ++k)
    result.operators_here +=
        static_cast<double>(problem->y[k].size()) / static_cast<double>(outputs);
  result.operator_bytes = problem->operator_bytes;
  result.sizes = sizes;
  result.plan = problem->operators.template plan<T>();
  const auto rank = static_cast<std::size_t>(problem->operators.communicator().rank());
  result.simulate = [problem, sizes, owned = result.plan.ranks[rank].rows](const auto& image) {
    set_to_image(problem->x, sizes.image, sizes.dimension, owned, image);
    simulate_measurements(*problem);
  };
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
ProblemSizes mask_sizes(const ScalingCase& c);
/// Matrices of `size` rows and columns in double.
ScalingProblem dense_matrices(const ScalingCase& c, int operators);
ProblemSizes dense_sizes(const ScalingCase& c);
/// The same, with 32 entries in a row.
ScalingProblem sparse_matrices(const ScalingCase& c, int operators);
ProblemSizes sparse_sizes(const ScalingCase& c);
/// RGB images of `size` x `size` pixels in float, and Gaussian kernels.
ScalingProblem blurs(const ScalingCase& c, int operators);
ProblemSizes blur_sizes(const ScalingCase& c);
/// The same; every second pixel is kept.
ScalingProblem downsampled_blurs(const ScalingCase& c, int operators);
ProblemSizes downsampled_blur_sizes(const ScalingCase& c);
/// Images of `size` x `size` pixels in float, and 64 angles.
ScalingProblem radons(const ScalingCase& c, int operators);
ProblemSizes radon_sizes(const ScalingCase& c);
/// Coils of a complex image of `size` x `size` pixels in float.
ScalingProblem coils(const ScalingCase& c, int operators);
ProblemSizes coil_sizes(const ScalingCase& c);
/// Volumes of `size` slices as above, of which the slices grow in a weak series: 5 x 5 x 5 blurs,
/// of which every second voxel is kept in each dimension; 64 angles; and coils with one sensitivity
/// for all slices.
ScalingProblem blur_volumes(const ScalingCase& c, int operators);
ProblemSizes blur_volume_sizes(const ScalingCase& c);
ScalingProblem radon_volumes(const ScalingCase& c, int operators);
ProblemSizes radon_volume_sizes(const ScalingCase& c);
ScalingProblem coil_volumes(const ScalingCase& c, int operators);
ProblemSizes coil_volume_sizes(const ScalingCase& c);
/// Diffraction patterns of a complex object of `size` x `size` pixels in float, at 64 positions.
ScalingProblem ptychographies(const ScalingCase& c, int operators);
ProblemSizes ptychography_sizes(const ScalingCase& c);

}  // namespace misfit::bench
