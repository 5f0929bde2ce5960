// SPDX-License-Identifier: BSD-3-Clause
#include "families/blur.hpp"
#include "families/dense.hpp"
#include "families/mask.hpp"
#include "families/radon.hpp"
#include "families/sparse.hpp"
#include "scaling/scaling_case.hpp"

#include <misfit/ensemble.hpp>
#include <misfit/slab_part.hpp>
#include <misfit/slabs.hpp>

#if defined(MISFIT_FOURIER)
#include "families/fourier.hpp"
#endif

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

namespace misfit::bench {
namespace {

MPI_Comm comm_of(const ScalingCase& c) {
  return c.series == Series::throughput ? MPI_COMM_SELF : MPI_COMM_WORLD;
}

/// How many times as many rows an operator in parts has as on one rank.
std::size_t growth_of(const ScalingCase& c) {
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  return static_cast<std::size_t>(c.growth(ranks));
}

/// The slabs of an image over all ranks, or over those of each member.
Slabs slabs_of(const ScalingCase& c, const Shape& shape, std::size_t dimension) {
  if (c.form == Form::slabs) return {MPI_COMM_WORLD, shape, {.dimension = dimension}};
  const Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = c.ranks_per_member});
  return {ensemble, shape, {.dimension = dimension}};
}

/// `count` operators of `rows` rows each, cut so that all ranks have as much work.
SplitPartition split_of(int count, std::size_t rows) {
  const auto n = static_cast<std::size_t>(count);
  return Partition::split(std::vector<double>(n, 1), std::vector<std::size_t>(n, rows));
}

/// The problem in the words of the study: `outputs` are those of an operator that counts as one,
/// `work(problem, call, operators)` is what limits the family.
template <typename T, typename P, typename Work>
ScalingProblem scaling_problem(std::shared_ptr<P> problem, std::size_t outputs, Work&& work) {
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
  result.plan = problem->operators.template plan<T>();
  return result;
}

/// P of operators in parts.
template <typename P, typename Op, typename... Sizes>
std::shared_ptr<P> in_parts(DistributedOperator<Op> operators, Sizes... sizes) {
  return std::make_shared<P>(std::move(operators), sizes...);
}

/// Images of `size` entries in double.
ScalingProblem masks(const ScalingCase& c, int operators) {
  using P = Masks<double>;
  const auto n = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated) return std::make_shared<P>(operators, n, comm_of(c));
    const Slabs slabs = slabs_of(c, Shape{n * growth_of(c)}, 0);
    return in_parts<P>(
        DistributedOperator(slabs, HaloWidth{}, operators, [](int i, const Slab& slab) {
          return SlabPart<Mask<Numbers<double>>>{
              Mask{random_numbers<double>(slab.owned.size(), 10 + static_cast<unsigned>(i))},
              {slab.shape, slab.dimension, slab.owned}};
        }));
  };
  // Bytes are counted by the entries of x that a rank has, so that parts count as whole masks.
  const auto problem = make();
  return scaling_problem<double>(
      problem, std::max<std::size_t>(problem->x.extent(0), 1),
      [](const auto& p, Call call, double count) { return p.bytes(call, count, 1); });
}

/// Matrices of `size` rows and columns in double.
ScalingProblem dense_matrices(const ScalingCase& c, int operators) {
  using P = DenseMatrices<double>;
  const auto n = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated) return std::make_shared<P>(operators, n, comm_of(c));
    return in_parts<P>(DistributedOperator(
        MPI_COMM_WORLD, split_of(operators, n * growth_of(c)), [n](int i, const Rows& rows) {
          const auto seed = 10 + static_cast<unsigned>(i) + 1000 * rows.begin;
          return Dense{random_matrix<double>(rows.size(), n, seed)};
        }));
  };
  return scaling_problem<double>(make(), n,
                                 [](const auto& p, Call, double count) { return p.bytes(count); });
}

/// Matrices of `size` rows and columns in double.
ScalingProblem sparse_matrices(const ScalingCase& c, int operators) {
  using P = SparseMatrices<double>;
  const auto n = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated) return std::make_shared<P>(operators, n, comm_of(c));
    return in_parts<P>(DistributedOperator(
        MPI_COMM_WORLD, split_of(operators, n * growth_of(c)), [n](int i, const Rows& rows) {
          const auto seed = 10 + 2 * static_cast<unsigned>(i) + 1000 * rows.begin;
          const auto a = banded_random<double>(n, seed, rows);
          return Sparse(a.row_map, a.columns, a.values, n);
        }));
  };
  return scaling_problem<double>(
      make(), n, [](const auto& p, Call call, double count) { return p.bytes(call, count, 1); });
}

/// RGB images of `size` x `size` pixels in float, and Gaussian kernels.
template <int Step>
ScalingProblem blurs(const ScalingCase& c, int operators) {
  using P = Blurs<float>;
  const auto side = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated)
      return std::make_shared<P>(operators, c.size, Step, true, comm_of(c));
    const Shape shape{blur_channels, side * growth_of(c), side};
    const auto factory = [shape](int i) {
      return P::blur_of(shape, Step, blur_kernel<float>(true, i));
    };
    if (c.form == Form::split)
      return in_parts<P>(DistributedOperator(MPI_COMM_WORLD, Partition::split(operators), factory),
                         c.size, Step, true);
    return in_parts<P>(DistributedOperator(slabs_of(c, shape, 1), operators, factory), c.size, Step,
                       true);
  };
  const auto problem = make();
  return scaling_problem<float>(
      problem, problem->outputs(),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

/// Images of `size` x `size` pixels in float, and 16 angles.
ScalingProblem radons(const ScalingCase& c, int operators) {
  using P = Radons<float>;
  constexpr int angles = 16;
  const auto side = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated)
      return std::make_shared<P>(operators, c.size, angles, comm_of(c));
    const int each = angles * static_cast<int>(growth_of(c));
    return in_parts<P>(
        DistributedOperator(MPI_COMM_WORLD, split_of(operators, static_cast<std::size_t>(each)),
                            [=](int i, const Rows& rows) {
                              const auto all = P::angles_of(i, operators, each);
                              return Radon<>(
                                  Shape{side, side},
                                  std::vector<double>(
                                      all.begin() + static_cast<std::ptrdiff_t>(rows.begin),
                                      all.begin() + static_cast<std::ptrdiff_t>(rows.end)));
                            }),
        c.size, angles);
  };
  const auto problem = make();
  return scaling_problem<float>(
      problem, problem->outputs(),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

#if defined(MISFIT_FOURIER)
/// Coils of a complex image of `size` x `size` pixels in float.
ScalingProblem coils(const ScalingCase& c, int operators) {
  using Complex = Kokkos::complex<float>;
  const auto side = static_cast<std::size_t>(c.size);
  return scaling_problem<Complex>(
      std::make_shared<Coils<Complex>>(operators, side, comm_of(c)), side * side,
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}
#endif

struct Family {
  MakeProblem make;
  std::vector<Form> forms;  ///< beside replicated
};

const std::map<std::string, Family>& families() {
  static const std::map<std::string, Family> all{
      {"mask", {masks, {Form::slabs, Form::members}}},
      {"dense", {dense_matrices, {Form::split}}},
      {"sparse", {sparse_matrices, {Form::split}}},
      {"blur", {blurs<1>, {Form::split, Form::slabs, Form::members}}},
      {"downsampled_blur", {blurs<2>, {Form::split, Form::slabs, Form::members}}},
#if defined(MISFIT_FOURIER)
      {"fourier", {coils, {}}},
#endif
      {"radon", {radons, {Form::split}}}};
  return all;
}

}  // namespace

MakeProblem maker_of(const ScalingCase& c) {
  const auto found = families().find(c.family);
  if (found == families().end()) {
    std::string known;
    for (const auto& [there, family] : families()) known += " " + there;
    throw std::invalid_argument("there is no family \"" + c.family + "\"; there are:" + known);
  }
  const auto& forms = found->second.forms;
  if (c.form != Form::replicated && std::find(forms.begin(), forms.end(), c.form) == forms.end())
    throw std::invalid_argument("--case=" + c.name + ": the family " + c.family +
                                " has no such form");
  return found->second.make;
}

}  // namespace misfit::bench
