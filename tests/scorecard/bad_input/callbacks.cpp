// SPDX-License-Identifier: BSD-3-Clause

// Factories, operators and distances that throw what they like.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

/// What is thrown, and what misfit makes of it.
struct Thrown {
  const char *name, *words;
  Refusal refusal;
  void (*raise)();
};

struct OwnError : std::exception {
  const char* what() const noexcept override { return "an error of my own"; }
};
struct NoException {};

const std::vector<Thrown>& thrown() {
  constexpr auto other = "no std::exception";
  static const std::vector<Thrown> all{
      {"std::runtime_error", "no such file", Refusal::callback,
       [] { throw std::runtime_error("no such file"); }},
      {"a class of its own", "an error of my own", Refusal::callback, [] { throw OwnError(); }},
      {"std::bad_alloc", "bad_alloc", Refusal::callback, [] { throw std::bad_alloc(); }},
      {"what is no exception", other, Refusal::callback, [] { throw NoException(); }},
      {"a number", other, Refusal::callback, [] { throw 7; }},
      {"misfit::ArgumentError", "rows differ", Refusal::argument,
       [] { throw ArgumentError("rows differ"); }},
      {"misfit::DomainError", "below 0", Refusal::domain, [] { throw DomainError("below 0"); }},
      {"a text of 3000 letters", "xxxxxxxx", Refusal::callback,
       [] { throw std::runtime_error(std::string(3000, 'x')); }}};
  return all;
}

/// Where operators and distances throw, and what.
struct Mood {
  enum Place { nowhere, apply, adjoint, value, gradient } place = nowhere;
  void (*raise)() = nullptr;
  void at(Place here) const {
    if (place == here) raise();
  }
};

struct MoodyOperator {
  std::shared_ptr<const Mood> mood;
  Mask<Signal> inner;

  std::size_t domain_size() const { return inner.domain_size(); }
  std::size_t range_size() const { return inner.range_size(); }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    mood->at(Mood::apply);
    inner.apply(exec, x, y);
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    mood->at(Mood::adjoint);
    inner.add_adjoint(exec, y, x);
  }
};

/// ½ |u − y|².
struct MoodyDistance {
  std::shared_ptr<const Mood> mood;

  template <typename U>
  double value(const Exec& exec, const U& u, const U& y) const {
    mood->at(Mood::value);
    return misfit::value(exec, L2{}, u, y);
  }
  template <typename U, typename R>
  void gradient(const Exec& exec, const U& u, const U& y, const R& r) const {
    mood->at(Mood::gradient);
    misfit::gradient(exec, L2{}, u, y, r);
  }
};

/// Operators and distances that have one mood on this rank.
struct Moody {
  Exec exec{};
  std::shared_ptr<Mood> mood = std::make_shared<Mood>();
  DistributedOperator<MoodyOperator> operators{
      MPI_COMM_WORLD, 2 * world_size(),
      [this](int i) { return MoodyOperator{mood, Mask{signal(static_cast<std::size_t>(i), 5)}}; }};
  DistributedDataFidelity<MoodyDistance> fidelity{MoodyDistance{mood}};
  DistributedDataFidelity<L2> quadratic{L2{0.5}};
  Signal x = signal(1, 5), out = signal(2, 5);
  std::vector<Signal> y{signal(3, 5), signal(4, 5)};
  std::vector<Signal> all_y{static_cast<std::size_t>(2 * world_size()), Signal{}};

  Moody() {
    for (auto& view : all_y) view = signal(1, 5);
  }
  double value() const { return fidelity.fn_and_grad(exec, x, y, operators, out); }
};

/// A call, and in which of these places it can throw.
struct Call {
  const char* name;
  std::vector<Mood::Place> places;
  void (*make)(const Moody&);
};

std::vector<Call> calls() {
  using M = const Moody&;
  return {
      {"fn", {Mood::apply, Mood::value}, [](M m) { m.fidelity.fn(m.exec, m.x, m.y, m.operators); }},
      {"grad",
       {Mood::apply, Mood::adjoint, Mood::gradient},
       [](M m) { m.fidelity.grad(m.exec, m.x, m.y, m.operators, m.out); }},
      {"fn_and_grad",
       {Mood::apply, Mood::adjoint, Mood::value, Mood::gradient},
       [](M m) { m.fidelity.fn_and_grad(m.exec, m.x, m.y, m.operators, m.out); }},
      {"prox",
       {Mood::apply, Mood::adjoint},
       [](M m) { m.quadratic.prox(m.exec, 0.1, m.x, m.y, m.operators, m.out); }},
      {"forward",
       {Mood::apply},
       [](M m) { m.operators.forward(m.exec, m.x, m.all_y, Scope::global); }},
      {"adjoint", {Mood::adjoint}, [](M m) { m.operators.adjoint(m.exec, m.y, m.out); }},
      {"vjp", {Mood::adjoint}, [](M m) { m.operators.vjp(m.exec, m.x, m.y, m.out); }},
      {"normal", {Mood::apply, Mood::adjoint}, [](M m) { m.operators.normal(m.exec, m.x, m.out); }},
      {"norm_squared",
       {Mood::apply, Mood::adjoint},
       [](M m) { m.operators.norm_squared<double>(m.exec); }},
      {"least_squares",
       {Mood::apply, Mood::adjoint},
       [](M m) { m.operators.least_squares(m.exec, m.y, m.out); }},
      {"check_adjoint",
       {Mood::apply, Mood::adjoint},
       [](M m) { check_adjoint(m.exec, m.operators); }},
      {"check_gradient",
       {Mood::apply, Mood::adjoint, Mood::value, Mood::gradient},
       [](M m) { check_gradient(m.exec, m.fidelity, m.x, m.y, m.operators); }},
      {"measured_costs",
       {Mood::apply, Mood::adjoint},
       [](M m) {
         measured_costs(m.exec, MPI_COMM_WORLD, world_size(),
                        [&](int) { return m.operators.local_operator(0); });
       }},
  };
}

const char* text_of(Mood::Place place) {
  constexpr const char* texts[] = {"nowhere", "apply", "add_adjoint", "value", "gradient"};
  return texts[place];
}

Case throwing(const std::string& name, const Thrown& what) {
  Case one;
  one.name = name + " throws " + what.name;
  one.words = what.words;
  one.refusal = what.refusal;
  return one;
}

/// Factories of operators, measurements and distances.
void add_factories(Cases& cases, const std::shared_ptr<Moody>& moody, const Thrown& what) {
  const int n = 2 * world_size();
  const auto raise = what.raise;
  const auto add = [&](const char* name, std::function<void(bool)> call) {
    cases.push_back(throwing(name, what));
    cases.back().call = std::move(call);
    cases.back().right = [moody, right = moody->value()] { return moody->value() == right; };
  };
  const auto mask = [raise](bool bad) {
    if (bad) raise();
    return Mask{signal(1, 5)};
  };
  const auto parts = Partition::split(std::vector<double>(static_cast<std::size_t>(n), 1.0),
                                      std::vector<std::size_t>(static_cast<std::size_t>(n), 5));
  add("a factory of operators",
      [=](bool bad) { DistributedOperator(MPI_COMM_WORLD, n, [&](int) { return mask(bad); }); });
  add("a factory of operators that are split", [=](bool bad) {
    DistributedOperator(MPI_COMM_WORLD, parts, [&](int) { return mask(bad); });
  });
  add("a factory of parts", [=](bool bad) {
    DistributedOperator(MPI_COMM_WORLD, parts, [&](int, const Rows& rows) {
      if (bad) raise();
      const Kokkos::View<double**, Kokkos::LayoutRight> a("a", rows.size(), 5);
      return Dense(a);
    });
  });
  add("a factory of operators in slabs", [=](bool bad) {
    const Slabs slabs(MPI_COMM_WORLD, {static_cast<std::size_t>(n), 2});
    DistributedOperator(slabs, 2, [&](int) {
      if (bad) raise();
      return FiniteDifference(Shape{static_cast<std::size_t>(n), 2});
    });
  });
  add("a factory of measurements", [=](bool bad) {
    moody->operators.measurements([&](int) {
      if (bad) raise();
      return signal(1, 5);
    });
  });
  add("a factory of distances", [=](bool bad) {
    DistributedDataFidelity(moody->operators, [&](int) {
      if (bad) raise();
      return L2{};
    });
  });
  add("a factory of what is timed", [=](bool bad) {
    measured_costs(moody->exec, MPI_COMM_WORLD, n, [&](int) { return mask(bad); });
  });
  add("agreed work", [=](bool bad) {
    moody->operators.communicator().agree("work", [&] {
      if (bad) raise();
    });
  });
}

}  // namespace

void add_callbacks(Cases& cases) {
  const auto moody = std::make_shared<Moody>();
  for (const auto& what : thrown()) {
    add_factories(cases, moody, what);
    for (const auto& call : calls())
      for (const auto place : call.places) {
        Case one = throwing(std::string(text_of(place)) + " in " + call.name, what);
        one.call = [moody, place, make = call.make, raise = what.raise](bool bad) {
          if (bad) *moody->mood = {place, raise};
          try {
            make(*moody);
          } catch (...) {
            *moody->mood = {};
            throw;
          }
          *moody->mood = {};
        };
        one.right = [moody, right = moody->value()] { return moody->value() == right; };
        cases.push_back(std::move(one));
      }
  }
}

}  // namespace misfit::test
