// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/out_of_memory/cases.hpp"
#include "scorecard/out_of_memory/problem.hpp"

#include <misfit/distances/l1.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace misfit::test {

namespace {

using Fidelity = DistributedDataFidelity<L2>;
using Batch = Kokkos::View<double**, Kokkos::LayoutRight>;
using LeftBatch = Kokkos::View<double**, Kokkos::LayoutLeft>;

template <typename D, typename Use>
Trial of(D distance, Sum sum, Use use) {
  const auto problem = std::make_shared<Problem>();
  const auto fidelity = std::make_shared<DistributedDataFidelity<D>>(distance, Reduction::sum, sum);
  const auto result = std::make_shared<double>();
  return {[=] { *result = use(*fidelity, *problem); },
          [=] { return *result + problem->gradient(3); }};
}

template <typename Use>
Trial of(Sum sum, Use use) {
  return of(L2{0.7}, sum, use);
}

Trial of_batch() {
  const auto problem = std::make_shared<Problem>();
  const auto fidelity = std::make_shared<Fidelity>(L2{0.7});
  const auto x = batch_of<double>(1, 2, unknowns);
  const auto y = std::make_shared<std::vector<Batch>>();
  for (std::size_t k = 0; k < problem->y.size(); ++k) y->push_back(batch_of<double>(k, 2, rows));
  const auto gradient = std::make_shared<LeftBatch>("gradient", 2, unknowns);
  const auto result = std::make_shared<std::vector<double>>();
  return {[=] { *result = fidelity->fn_and_grad(Exec(), x, *y, problem->operators, *gradient); },
          [=] { return (*result)[1] + (*gradient)(1, 3); }};
}

Trial new_fidelity() {
  const auto problem = std::make_shared<Problem>();
  const auto made = std::make_shared<std::optional<Fidelity>>();
  return {[=] { made->emplace(problem->operators, [](int i) { return L2{1.0 + i}; }); },
          [=] { return (*made)->fn(Exec(), problem->x, problem->y, problem->operators); }};
}

}  // namespace

std::vector<Case> cases_of_fidelities() {
  const auto fn = [](const Fidelity& f, const Problem& p) {
    return f.fn(Exec(), p.x, p.y, p.operators);
  };
  const auto grad = [](const Fidelity& f, const Problem& p) {
    f.grad(Exec(), p.x, p.y, p.operators, p.gradient);
    return 0.0;
  };
  const auto both = [](const Fidelity& f, const Problem& p) {
    return f.fn_and_grad(Exec(), p.x, p.y, p.operators, p.gradient);
  };
  const auto prox = [](const auto& f, const Problem& p) {
    return f.prox(Exec(), 0.3, p.x, p.y, p.operators, p.gradient, {.max_iterations = 3}).residual;
  };
  const auto check = [](const Fidelity& f, const Problem& p) {
    return check_gradient(Exec(), f, p.x, p.y, p.operators).error;
  };
  return {{"fidelity", new_fidelity},
          {"fn", [=] { return of(Sum::run_to_run, fn); }},
          {"grad", [=] { return of(Sum::run_to_run, grad); }},
          {"fn_and_grad", [=] { return of(Sum::run_to_run, both); }},
          {"fn_and_grad of a batch", of_batch},
          {"prox", [=] { return of(Sum::run_to_run, prox); }},
          {"prox of L1", [=] { return of(L1{}, Sum::run_to_run, prox); }},
          {"check_gradient", [=] { return of(Sum::run_to_run, check); }},
          {"fn, reproducible", [=] { return of(Sum::reproducible, fn); }},
          {"fn_and_grad, reproducible", [=] { return of(Sum::reproducible, both); }},
          {"prox, reproducible", [=] { return of(Sum::reproducible, prox); }}};
}

}  // namespace misfit::test
