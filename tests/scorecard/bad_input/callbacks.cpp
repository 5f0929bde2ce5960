// SPDX-License-Identifier: BSD-3-Clause

// Operators and distances that throw, or that call what they are called by.

#include "scorecard/bad_input/moody.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

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

/// The call, which does `raise` where it comes to this place.
std::function<void(bool)> planted(const std::shared_ptr<Moody>& moody, Mood::Place place,
                                  void (*make)(const Moody&), void (*raise)()) {
  return [=](bool bad) {
    if (bad) *moody->mood = {place, raise};
    try {
      make(*moody);
    } catch (...) {
      *moody->mood = {};
      throw;
    }
    *moody->mood = {};
  };
}

/// A call that an operator or a distance makes of the objects that it is called by.
void add_calls_within_calls(Cases& cases, const std::shared_ptr<Moody>& moody) {
  if (world_size() == 1) return;  // where it harms nobody
  static Moody* inner = nullptr;
  inner = moody.get();
  const std::vector<std::pair<const char*, void (*)()>> nested{
      {"fn", [] { inner->fidelity.fn(inner->exec, inner->x, inner->y, inner->operators); }},
      {"normal", [] { inner->operators.normal(inner->exec, inner->x, inner->out); }},
      {"agree", [] { inner->operators.communicator().agree("work", [] {}); }}};
  for (const auto& call : calls())
    for (const auto& [name, make] : nested) {
      if (std::string(call.name) == "measured_costs") continue;  // of a communicator of its own
      Case one;
      one.name = std::string(name) + " from within " + call.name;
      one.words = "within another one of the same object";
      one.call = planted(moody, call.places.front(), call.make, make);
      one.right = [moody, right = moody->value()] { return moody->value() == right; };
      cases.push_back(std::move(one));
    }
}

}  // namespace

void add_callbacks(Cases& cases) {
  const auto moody = std::make_shared<Moody>();
  add_calls_within_calls(cases, moody);
  for (const auto& what : thrown()) {
    add_factories(cases, moody, what);
    for (const auto& call : calls())
      for (const auto place : call.places) {
        Case one = throwing(std::string(text_of(place)) + " in " + call.name, what);
        one.call = planted(moody, place, call.make, what.raise);
        one.right = [moody, right = moody->value()] { return moody->value() == right; };
        cases.push_back(std::move(one));
      }
  }
}

}  // namespace misfit::test
