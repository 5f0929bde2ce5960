// SPDX-License-Identifier: BSD-3-Clause

// Parameters of distances, and data outside their domain.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

using Any = AnyDistance<double>;

/// A parameter that is positive and finite, or not negative and finite.
struct Parameter {
  const char* words;
  bool zero_is_right;
  Any (*make)(double);
};

/// Weights of which one, in the middle, is `number`.
Signal with_one(double number) {
  const Signal view = signal(1, 5);
  view(2) = number;
  return view;
}

std::vector<Parameter> parameters() {
  return {{"L2: sigma", false, [](double p) -> Any { return L2{p}; }},
          {"WeightedL2: weights", true, [](double p) -> Any { return WeightedL2{with_one(p)}; }},
          {"Huber: delta", false, [](double p) -> Any { return Huber{p}; }},
          {"Poisson: gain", false, [](double p) -> Any { return Poisson{p}; }},
          {"Poisson: background", true, [](double p) -> Any { return Poisson{1.0, p}; }},
          {"Poisson: background", true, [](double p) -> Any { return Poisson{1.0, with_one(p)}; }},
          {"LogPoisson: n0", false, [](double p) -> Any { return LogPoisson{p, 0.1}; }},
          {"LogPoisson: mu", false, [](double p) -> Any { return LogPoisson{10, p}; }},
          {"Amplitude: epsilon", false, [](double p) -> Any { return Amplitude{p}; }},
          {"IndicatorL2: radius", true, [](double p) -> Any { return IndicatorL2{p}; }}};
}

std::vector<double> bad_numbers(bool zero_is_right) {
  std::vector<double> numbers{-1, -std::numeric_limits<double>::min(), NAN, INFINITY, -INFINITY};
  if (!zero_is_right) numbers.push_back(0);
  return numbers;
}

void add_parameters(Cases& cases) {
  const auto problem = problems().front();
  for (const auto& parameter : parameters())
    for (const double number : bad_numbers(parameter.zero_is_right)) {
      const auto make = [make = parameter.make, number](bool bad) {
        return make(bad ? number : 1);
      };
      Case one;
      one.words = parameter.words;
      one.right = [problem] { return problem->right(); };
      one.name = std::string(parameter.words) + " is " + std::to_string(number);
      one.call = [problem, make](bool bad) {
        problem->operators->communicator().agree("make", [&] { make(bad); });
      };
      cases.push_back(one);
      one.name += ", for an operator";
      one.call = [problem, make](bool bad) {
        DistributedDataFidelity(*problem->operators, [&](int) { return make(bad); });
      };
      cases.push_back(std::move(one));
    }
}

/// Identities, so that x is outside where it is negative.
struct Counts {
  Exec exec{};
  DistributedOperator<Identity> operators{MPI_COMM_WORLD, 2 * world_size(),
                                          [](int) { return Identity(5); }};
  Signal x = signal(1, 5), g = signal(2, 5);
  std::vector<Signal> y{signal(3, 5), signal(4, 5)};
};

template <typename D>
void add_outside(Cases& cases, const std::string& name, D distance) {
  const auto counts = std::make_shared<Counts>();
  const auto fidelity = std::make_shared<DistributedDataFidelity<D>>(distance);
  const auto add = [&](const std::string& what, auto make) {
    Case one;
    one.name = what + " of " + name + ": a measurement is negative";
    one.words = "outside the domain";
    one.refusal = Refusal::domain;
    one.call = [counts, fidelity, make](bool bad) {
      auto y = counts->y;
      if (bad) {
        y.front() = signal(1, 5);
        y.front()(3) = -1;
      }
      make(*counts, *fidelity, y);
    };
    one.right = [counts, fidelity] {
      return std::isfinite(fidelity->fn(counts->exec, counts->x, counts->y, counts->operators));
    };
    cases.push_back(std::move(one));
  };
  add("grad", [](const Counts& c, const auto& f, const auto& y) {
    f.grad(c.exec, c.x, y, c.operators, c.g);
  });
  add("fn_and_grad", [](const Counts& c, const auto& f, const auto& y) {
    f.fn_and_grad(c.exec, c.x, y, c.operators, c.g);
  });
  add("check_gradient", [](const Counts& c, const auto& f, const auto& y) {
    check_gradient(c.exec, f, c.x, y, c.operators);
  });
}

/// Distances whose parameters are for measurements of another size.
void add_sizes(Cases& cases) {
  const auto counts = std::make_shared<Counts>();
  const auto add = [&](const char* words, Any (*make)(std::size_t)) {
    for (const std::size_t size : {std::size_t{4}, std::size_t{6}, std::size_t{0}}) {
      Case one;
      one.name = std::string(words) + " of " + std::to_string(size) + " entries";
      one.words = words;
      one.call = [counts, make, size](bool bad) {
        const DistributedDataFidelity fidelity(counts->operators,
                                               [&](int) { return make(bad ? size : 5); });
        fidelity.fn_and_grad(counts->exec, counts->x, counts->y, counts->operators, counts->g);
      };
      cases.push_back(std::move(one));
    }
  };
  add("weights", [](std::size_t n) -> Any { return WeightedL2{signal(1, n)}; });
  add("background", [](std::size_t n) -> Any { return Poisson{1.0, signal(1, n)}; });
}

/// What a fidelity cannot do.
void add_misfits(Cases& cases) {
  const auto problem = problems().front();
  const auto prox = [problem](const Any& distance) {
    const DistributedDataFidelity fidelity(*problem->operators, [&](int) { return distance; });
    const auto& a = problem->arguments;
    fidelity.prox(problem->exec, 0.1, a.x, a.y, *problem->operators, a.out);
  };
  const auto add = [&](const char* name, const char* words, const Any& wrong) {
    Case one;
    one.name = name;
    one.words = words;
    one.call = [prox, wrong](bool bad) { prox(bad ? wrong : Any(L2{})); };
    one.right = [problem] { return problem->right(); };
    cases.push_back(std::move(one));
  };
  add("prox of LogPoisson", "has no prox", LogPoisson{});
  add("prox of Amplitude", "has no prox", Amplitude{});
  Case no_gradient;
  no_gradient.name = "grad of IndicatorL2";
  no_gradient.words = "has no gradient";
  no_gradient.call = [problem](bool bad) {
    const DistributedDataFidelity fidelity(*problem->operators, [&](int) -> Any {
      if (bad) return IndicatorL2{1.0};
      return L2{};
    });
    const auto& a = problem->arguments;
    fidelity.grad(problem->exec, a.x, a.y, *problem->operators, a.out);
  };
  no_gradient.right = [problem] { return problem->right(); };
  cases.push_back(std::move(no_gradient));
}

}  // namespace

void add_distances(Cases& cases) {
  add_parameters(cases);
  add_outside(cases, "Poisson", Poisson{1.0});
  add_outside(cases, "Amplitude", Amplitude{});
  add_sizes(cases);
  add_misfits(cases);
}

}  // namespace misfit::test
