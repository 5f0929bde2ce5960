// SPDX-License-Identifier: BSD-3-Clause

// Numbers that calls are given: out of range, or others on other ranks. Ranks that make different
// calls.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

struct BadNumber {
  std::string name, words;
  std::function<void(Arguments&)> spoil;
  bool differs;
};

void add(Cases& cases, const std::shared_ptr<Problem>& problem, const std::string& entry,
         const std::function<void(const Problem&, const Arguments&)>& call, const BadNumber& bad) {
  Case one;
  one.name = entry + " of " + problem->name + ": " + bad.name;
  one.words = bad.words;
  one.call = [problem, call, spoil = bad.spoil](bool here) {
    Arguments arguments = problem->arguments;
    if (here) spoil(arguments);
    call(*problem, arguments);
  };
  one.where = bad.differs ? Where::not_on_all : Where::anywhere;
  one.names_rank = !bad.differs;
  one.untouched = [problem](bool here) { return problem->untouched(here); };
  one.right = [problem] { return problem->right(); };
  cases.push_back(std::move(one));
}

/// What is wrong with a number of `field`, which is not negative, or positive.
template <typename Field>
std::vector<BadNumber> bad_numbers(const std::string& name, bool zero_too, Field&& field) {
  std::vector<double> numbers{-1, NAN, INFINITY, -INFINITY};
  if (zero_too) numbers.push_back(0);
  std::vector<BadNumber> all;
  for (const double number : numbers)
    all.push_back({name + " is " + std::to_string(number), name,
                   [=](Arguments& a) { field(a) = number; }, false});
  all.push_back({name + " differs", name, [=](Arguments& a) { field(a) *= 1.5; }, true});
  return all;
}

template <typename Solver>
void add_solver(Cases& cases, const std::shared_ptr<Problem>& problem, const std::string& entry,
                const std::function<void(const Problem&, const Arguments&)>& call,
                Solver&& solver) {
  for (const auto& bad : bad_numbers("tolerance", false,
                                     [=](Arguments& a) -> double& { return solver(a).tolerance; }))
    add(cases, problem, entry, call, bad);
  add(cases, problem, entry, call,
      {"max_iterations is -1", "max_iterations",
       [=](Arguments& a) { solver(a).max_iterations = -1; }, false});
  add(cases, problem, entry, call,
      {"max_iterations differs", "max_iterations",
       [=](Arguments& a) { solver(a).max_iterations += 1; }, true});
}

}  // namespace

void add_options(Cases& cases) {
  const auto entry = [](const char* name) {
    for (const auto& one : entries())
      if (one.name == name) return one.call;
    return entries().front().call;
  };
  for (const auto& problem : problems()) {
    for (const auto& bad :
         bad_numbers("gamma", true, [](Arguments& a) -> double& { return a.gamma; }))
      add(cases, problem, "prox", entry("prox"), bad);
    for (const auto& bad : bad_numbers(
             "tikhonov", false, [](Arguments& a) -> double& { return a.least_squares.tikhonov; }))
      add(cases, problem, "least_squares", entry("least_squares"), bad);
    add_solver(cases, problem, "prox", entry("prox"),
               [](Arguments& a) -> SolverOptions& { return a.solver; });
    add_solver(cases, problem, "least_squares", entry("least_squares"),
               [](Arguments& a) -> LeastSquaresOptions& { return a.least_squares; });
    add_solver(
        cases, problem, "norm_squared",
        [](const Problem& p, const Arguments& a) {
          p.operators->norm_squared<double>(p.exec, a.solver);
        },
        [](Arguments& a) -> SolverOptions& { return a.solver; });
  }
}

void add_orders(Cases& cases) {
  for (const auto& problem : problems())
    for (const auto& first : entries())
      for (const auto& other : entries()) {
        if (first.name == other.name) continue;
        Case one;
        one.name = first.name + " of " + problem->name + ", on others " + other.name;
        one.words = "different order";
        one.call = [problem, &first, &other](bool bad) {
          (bad ? other : first).call(*problem, problem->arguments);
        };
        one.where = Where::not_on_all;
        one.names_rank = false;
        one.untouched = [problem](bool) { return problem->untouched(false); };
        one.right = [problem] { return problem->right(); };
        cases.push_back(std::move(one));
      }
}

}  // namespace misfit::test
