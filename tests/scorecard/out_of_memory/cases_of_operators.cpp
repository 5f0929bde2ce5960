// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/out_of_memory/cases.hpp"
#include "scorecard/out_of_memory/problem.hpp"

#include <misfit/operators/mask.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace misfit::test {

namespace {

template <typename Use>
Trial of(Use use) {
  const auto problem = std::make_shared<Problem>();
  const auto result = std::make_shared<double>();
  return {[=] { *result = use(*problem); }, [=] { return *result + problem->gradient(3); }};
}

Trial new_operators() {
  const auto made = std::make_shared<std::optional<Problem::Operators>>();
  return {[=] {
            made->emplace(MPI_COMM_WORLD, 7, [](int i) {
              return MatrixOperator<double>(static_cast<std::size_t>(i), rows, unknowns);
            });
          },
          [=] {
            const Kokkos::View<double*> out("out", unknowns);
            (*made)->normal(Exec(), vector_of<double>(1, unknowns), out);
            return out(3);
          }};
}

/// Nothing but sums over operators is computed of them, so that the first of another kind is seen.
DistributedOperator<Mask<Kokkos::View<double*>>> masks() {
  return {MPI_COMM_WORLD, 3,
          [](int i) { return Mask{vector_of<double>(static_cast<std::size_t>(i), unknowns)}; }};
}

Trial forward() {
  const auto problem = std::make_shared<Problem>();
  const auto all = std::make_shared<std::vector<Kokkos::View<double*>>>();
  for (int i = 0; i < 7; ++i) all->emplace_back("y", rows);
  return {[=] { problem->operators.forward(Exec(), problem->x, *all, Scope::global); },
          [=] { return (*all)[6](2) + (*all)[0](1); }};
}

}  // namespace

std::vector<Case> cases_of_operators() {
  const auto measurements = [](const Problem& p) {
    const auto y = p.operators.measurements(
        [](int i) { return vector_of<double>(static_cast<std::size_t>(i) + 3, rows); });
    return y.size() > 0 ? y[0](1) : 0.0;
  };
  const auto allocated = [](const Problem& p) {
    return static_cast<double>(p.operators.allocate_measurements<double>().size());
  };
  const auto plan = [](const Problem& p) {
    return static_cast<double>(p.operators.plan<double>().ranks.back().memory_bytes);
  };
  const auto adjoint = [](const Problem& p) {
    p.operators.adjoint(Exec(), p.y, p.gradient);
    return 0.0;
  };
  const auto vjp = [](const Problem& p) {
    p.operators.vjp(Exec(), p.x, p.y, p.gradient);
    return 0.0;
  };
  const auto normal = [](const Problem& p) {
    p.operators.normal(Exec(), p.x, p.gradient);
    return 0.0;
  };
  const auto norm = [](const Problem& p) {
    return p.operators.norm_squared<double>(Exec(), {1e-2, 5}).value;
  };
  const auto bound = [](const Problem&) { return masks().norm_squared_bound<double>(Exec()); };
  const auto least_squares = [](const Problem& p) {
    return p.operators.least_squares(Exec(), p.y, p.gradient, {.max_iterations = 3}).residual;
  };
  const auto check = [](const Problem& p) { return check_adjoint(Exec(), p.operators).error; };
  return {{"DistributedOperator", new_operators},
          {"measurements", [=] { return of(measurements); }},
          {"allocate_measurements", [=] { return of(allocated); }},
          {"plan", [=] { return of(plan); }},
          {"forward", forward},
          {"adjoint", [=] { return of(adjoint); }},
          {"vjp", [=] { return of(vjp); }},
          {"normal", [=] { return of(normal); }},
          {"norm_squared", [=] { return of(norm); }},
          {"norm_squared_bound", [=] { return of(bound); }},
          {"least_squares", [=] { return of(least_squares); }},
          {"check_adjoint", [=] { return of(check); }}};
}

}  // namespace misfit::test
