// SPDX-License-Identifier: BSD-3-Clause
#include "families/blur.hpp"
#include "families/dense.hpp"
#include "families/mask.hpp"
#include "families/radon.hpp"
#include "families/sparse.hpp"
#include "scaling/scaling_case.hpp"

#if defined(MISFIT_FOURIER)
#include "families/fourier.hpp"
#endif

#include <map>
#include <memory>
#include <stdexcept>

namespace misfit::bench {
namespace {

template <typename T, typename P, typename Work>
ScalingProblem scaling_problem(std::shared_ptr<P> problem, Work&& work) {
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
  result.operators_here = static_cast<double>(problem->operators.local_indices().size());
  result.gradient_bytes = sizeof(T) * static_cast<double>(problem->x.extent(0));
  return result;
}

/// `size` entries in double.
ScalingProblem masks(const ScalingCase& c, int operators) {
  return scaling_problem<double>(
      std::make_shared<Masks<double>>(operators, static_cast<std::size_t>(c.size)),
      [](const auto& p, Call call, double count) { return p.bytes(call, count, 1); });
}

/// `size` rows and columns in double.
ScalingProblem dense_matrices(const ScalingCase& c, int operators) {
  return scaling_problem<double>(
      std::make_shared<DenseMatrices<double>>(operators, static_cast<std::size_t>(c.size)),
      [](const auto& p, Call, double count) { return p.bytes(count); });
}

/// `size` rows and columns in double.
ScalingProblem sparse_matrices(const ScalingCase& c, int operators) {
  return scaling_problem<double>(
      std::make_shared<SparseMatrices<double>>(operators, static_cast<std::size_t>(c.size)),
      [](const auto& p, Call call, double count) { return p.bytes(call, count, 1); });
}

/// RGB images of `size` x `size` pixels in float, and Gaussian kernels.
template <int Step>
ScalingProblem blurs(const ScalingCase& c, int operators) {
  return scaling_problem<float>(
      std::make_shared<Blurs<float>>(operators, c.size, Step, true),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

/// Images of `size` x `size` pixels in float, and 16 angles.
ScalingProblem radons(const ScalingCase& c, int operators) {
  constexpr int angles = 16;
  return scaling_problem<float>(
      std::make_shared<Radons<float>>(operators, c.size, angles),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

#if defined(MISFIT_FOURIER)
/// Coils of a complex image of `size` x `size` pixels in float.
ScalingProblem coils(const ScalingCase& c, int operators) {
  using Complex = Kokkos::complex<float>;
  return scaling_problem<Complex>(
      std::make_shared<Coils<Complex>>(operators, static_cast<std::size_t>(c.size)),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}
#endif

const std::map<std::string, MakeProblem>& families() {
  static const std::map<std::string, MakeProblem> all{
      {"mask", masks},    {"dense", dense_matrices},      {"sparse", sparse_matrices},
      {"blur", blurs<1>}, {"downsampled_blur", blurs<2>},
#if defined(MISFIT_FOURIER)
      {"fourier", coils},
#endif
      {"radon", radons}};
  return all;
}

}  // namespace

MakeProblem family_named(const std::string& name) {
  if (const auto found = families().find(name); found != families().end()) return found->second;
  std::string known;
  for (const auto& [there, make] : families()) known += " " + there;
  throw std::invalid_argument("there is no family \"" + name + "\"; there are:" + known);
}

}  // namespace misfit::bench
