// SPDX-License-Identifier: BSD-3-Clause

// Which error all ranks must get.

#include "scorecard/random_calls/runner.hpp"

#include <algorithm>

namespace misfit::test::random_calls {

namespace {

bool is_of_callback(Fault fault) {
  return fault == Fault::in_apply || fault == Fault::in_adjoint || fault == Fault::in_value ||
         fault == Fault::in_gradient || fault == Fault::in_factory || fault == Fault::in_work;
}

/// Whether it is a fault of one operator, which a rank without any cannot have.
bool is_of_operator(Fault fault) {
  return (is_of_callback(fault) && fault != Fault::in_work) || fault == Fault::domain_size ||
         fault == Fault::wrong_size || fault == Fault::not_finite;
}

std::string type_of(const Plant& plant) {
  if (!is_of_callback(plant.fault)) return "ArgumentError";
  const int kind = plant.choice % 5;
  return kind == 1 ? "ArgumentError" : kind == 2 ? "DomainError" : "CallbackError";
}

bool is_whole(const Case& c) { return c.form == Form::whole && c.path != Path::members; }

bool wants_gradient(Name name) {
  return name == Name::grad || name == Name::both || name == Name::some_grad ||
         name == Name::some_both || name == Name::gradient_there;
}

/// Operators of a rank that a call takes.
std::vector<int> taken_of(const Problem& problem, const CallSpec& call, int rank) {
  auto own = problem.owned_by(rank);
  if (!is_over_some(call.name)) return own;
  const Some some = some_at(problem.of(), call.point);
  std::erase_if(own, [&](int i) { return !some.has(i); });
  return own;
}

/// The lowest rank of those that differ from rank 0.
ExpectedError difference(const Case& c, const Plant& plant) {
  ExpectedError e{true, true, "ArgumentError", -2, -1, ~0U};
  for (int rank = c.ranks - 1; rank > 0; --rank)
    if (plant.has(rank) != plant.has(0)) e.rank = rank;
  if (e.rank == -2) return {};
  return e;
}

/// If all operators have another domain, or none has, nothing is wrong.
ExpectedError domain_size(const Problem& problem, const Plant& plant) {
  int wrong = 0;
  for (int rank = 0; rank < problem.of().ranks; ++rank)
    if (plant.has(rank) && !problem.owned_by(rank).empty()) ++wrong;
  const bool must = wrong > 0 && wrong < problem.of().operators;
  return {must, must, "ArgumentError", -2, -2, ~0U};
}

/// The lowest rank that has a fault, where all have their own operators.
ExpectedError of_whole(const Problem& problem, const CallSpec& call) {
  for (int rank = 0; rank < problem.of().ranks; ++rank)
    for (const Plant& plant : call.plants) {
      if (!plant.has(rank)) continue;
      const auto own = problem.owned_by(rank);
      if (is_of_operator(plant.fault) && own.empty()) continue;
      ExpectedError e{true, true, type_of(plant), rank, -1, ~0U};
      if (!is_of_operator(plant.fault)) return e;
      const auto taken = taken_of(problem, call, rank);
      const bool is_first = !problem.of().own &&
                            (plant.fault == Fault::in_value || plant.fault == Fault::in_gradient);
      e.operator_index = own[static_cast<std::size_t>(plant.choice) % own.size()];
      if (is_first && !taken.empty()) e.operator_index = taken[0];
      // Not one of the Subset.
      if (std::find(taken.begin(), taken.end(), e.operator_index) == taken.end()) continue;
      return e;
    }
  return {};
}

/// Where they have parts, which this does not know: whether one of those has one.
ExpectedError of_parts(const CallSpec& call) {
  ExpectedError e;
  e.may = true;
  e.ranks = 0;
  for (const Plant& plant : call.plants) e.ranks |= plant.ranks;
  // A rank names an operator of another domain by the first that it has, whose it is.
  for (const Plant& plant : call.plants)
    if (plant.fault == Fault::domain_size) e.ranks = ~0U;
  return e;
}

/// The lowest rank that owns one of `concerned`.
ExpectedError of_operators(const Problem& problem, const std::vector<bool>& concerned,
                           const char* type) {
  ExpectedError e{false, false, type, -2, -2, ~0U};
  for (int i = problem.of().operators - 1; i >= 0; --i) {
    if (!concerned[static_cast<std::size_t>(i)]) continue;
    e.must = e.may = true;
    if (!is_whole(problem.of())) continue;
    const int owner = problem.owners()[static_cast<std::size_t>(i)];
    if (e.rank == -2 || owner <= e.rank) {
      e.rank = owner;
      e.operator_index = i;
    }
  }
  return e;
}

}  // namespace

ExpectedError expected_error(const Problem& problem, const CallSpec& call) {
  const Case& c = problem.of();
  std::vector<bool> all(static_cast<std::size_t>(c.operators), true);
  if (is_over_some(call.name)) {
    const Some some = some_at(c, call.point);
    if (some.is_refused()) return {true, true, "ArgumentError", 0, -1, ~0U};
    for (int i = 0; i < c.operators; ++i) all[static_cast<std::size_t>(i)] = some.has(i);
  }
  if (c.distance == Distance::indicator && wants_gradient(call.name))
    return of_operators(problem, all, "ArgumentError");
  if (call.point == Problem::points && (wants_gradient(call.name) || is_product(call.name)))
    return of_operators(problem,
                        is_over_some(call.name) ? problem.over_some(call.point).outside
                                                : problem.at(call.point).outside,
                        "DomainError");
  if (call.plants.empty()) return {};
  const Plant& first = call.plants[0];
  if (first.fault == Fault::x_not_finite) return {};
  if (is_difference(first.fault)) return difference(c, first);
  const bool of_world = call.name == Name::agree || call.name == Name::broadcast;
  if (!is_whole(c) && !of_world) return of_parts(call);
  if (first.fault == Fault::domain_size && call.plants.size() == 1)
    return domain_size(problem, first);
  // Two faults in making operators: an error of a factory comes before a domain that differs.
  if (call.name == Name::make) {
    CallSpec thrown = call;
    std::erase_if(thrown.plants, [](const Plant& p) { return p.fault == Fault::domain_size; });
    const ExpectedError e = of_whole(problem, thrown);
    if (e.must)
      return thrown.plants.size() == call.plants.size() ? e : ExpectedError{true, true, "",
                                                                            -2,   -2,   ~0U};
    ExpectedError any;
    any.may = true;
    return any;
  }
  ExpectedError e = of_whole(problem, call);
  // A prox goes from one agreement to the next: the fault of a higher rank may come first.
  if (e.must && call.name == Name::prox && call.plants.size() > 1)
    e = {true, true, "", -2, -2, call.plants[0].ranks | call.plants[1].ranks};
  // The first call that is reproducible agrees twice, so that the fault of a higher rank may come
  // before that of a lower one.
  if (e.must && c.reproducible && call.plants.size() > 1)
    e = {true, true, "", -2, -2, call.plants[0].ranks | call.plants[1].ranks};
  return e;
}

}  // namespace misfit::test::random_calls
