// SPDX-License-Identifier: BSD-3-Clause

// The calls of a fidelity and of operators that take Views.

#include "scorecard/bad_input/problem.hpp"

namespace misfit::test {

namespace {

std::vector<Entry> of_fidelities() {
  using P = const Problem&;
  using A = const Arguments&;
  return {
      {"fn", "x", "y", nullptr, [](P p, A a) { p.fidelity->fn(p.exec, a.x, a.y, *p.operators); }},
      {"grad", "x", "y", "gradient",
       [](P p, A a) { p.fidelity->grad(p.exec, a.x, a.y, *p.operators, a.out); }},
      {"fn_and_grad", "x", "y", "gradient",
       [](P p, A a) { p.fidelity->fn_and_grad(p.exec, a.x, a.y, *p.operators, a.out); }},
      {"prox", "v", "y", "result",
       [](P p, A a) {
         p.fidelity->prox(p.exec, a.gamma, a.x, a.y, *p.operators, a.out, a.solver);
       }},
      {"check_gradient", "x", "y", nullptr,
       [](P p, A a) { check_gradient(p.exec, *p.fidelity, a.x, a.y, *p.operators); }},
  };
}

std::vector<Entry> of_operators() {
  using P = const Problem&;
  using A = const Arguments&;
  return {
      {"forward", "x", nullptr, "y",
       [](P p, A a) { p.operators->forward(p.exec, a.x, a.all_y, Scope::global); }},
      {"adjoint", nullptr, "y", "x", [](P p, A a) { p.operators->adjoint(p.exec, a.y, a.out); }},
      {"vjp", "x", "r", "g", [](P p, A a) { p.operators->vjp(p.exec, a.x, a.y, a.out); }},
      {"normal", "x", nullptr, "g", [](P p, A a) { p.operators->normal(p.exec, a.x, a.out); }},
      {"least_squares", nullptr, "y", "x",
       [](P p, A a) { p.operators->least_squares(p.exec, a.y, a.out, a.least_squares); }},
      {"measurements", nullptr, "y", nullptr,
       [](P p, A a) { p.operators->measurements(p.exec, a.y); }},
  };
}

}  // namespace

const std::vector<Entry>& entries() {
  static const auto all = [] {
    auto both = of_fidelities();
    for (auto& entry : of_operators()) both.push_back(std::move(entry));
    return both;
  }();
  return all;
}

}  // namespace misfit::test
