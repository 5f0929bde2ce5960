// SPDX-License-Identifier: BSD-3-Clause

// What is planted in calls, the calls that need no operators, and what outcomes hold.

#include "scorecard/random_calls/sequence.hpp"

#include <bit>
#include <cmath>

namespace misfit::test::random_calls {

namespace {

void add(std::uint64_t& hash, const void* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 1099511628211ULL;
}

void add(std::uint64_t& hash, double value) {
  const auto bits = std::isnan(value) ? ~0ULL : std::bit_cast<std::uint64_t>(value);
  add(hash, &bits, sizeof(bits));
}

void reduce(const Communicator& world, const Problem& problem, Outcome& outcome) {
  const std::size_t more = planted.fault == Fault::other_number ? 1 : 0;
  const auto n = static_cast<std::size_t>(problem.of().unknowns()) + more;
  const auto view = vector_of<double>(problem.of(), Object::rank, world.rank(), n);
  world.all_reduce_sum(Exec{}, view);
  append(view, outcome);
}

void broadcast(const Communicator& world, const Problem& problem, const CallSpec& call,
               Outcome& outcome) {
  int root = call.point % world.size();
  if (planted.fault == Fault::other_option) root = (root + 1) % world.size();
  if (planted.fault == Fault::bad_option) root = world.size();
  const auto view = vector_of<double>(problem.of(), Object::rank, world.rank(),
                                      static_cast<std::size_t>(problem.of().unknowns()));
  world.broadcast(Exec{}, view, root);
  append(view, outcome);
}

}  // namespace

std::uint64_t Outcome::hash(bool of_this_rank) const {
  std::uint64_t hash = 14695981039346656037ULL;
  add(hash, type.data(), type.size());
  add(hash, text.data(), text.size());
  const int where[] = {threw ? 1 : 0, rank, operator_index};
  add(hash, where, sizeof(where));
  for (const double value : values) add(hash, value);
  if (same_numbers || of_this_rank)
    for (const auto& z : numbers) {
      add(hash, z.real());
      add(hash, z.imag());
    }
  return hash >> 1;
}

void plant(const CallSpec& call, int rank, const std::vector<int>& own) {
  planted.fault = Fault::none;
  for (const Plant& p : call.plants)
    if (p.has(rank)) {
      planted.fault = p.fault;
      planted.choice = p.choice;
      planted.operator_index =
          own.empty() ? -1 : own[static_cast<std::size_t>(p.choice) % own.size()];
    }
}

void set_error(const Error& error, Outcome& outcome) {
  outcome = {};
  outcome.threw = true;
  outcome.text = error.what();
  outcome.rank = error.rank();
  outcome.operator_index = error.operator_index();
  outcome.type = "Error";
  if (dynamic_cast<const ArgumentError*>(&error) != nullptr) outcome.type = "ArgumentError";
  if (dynamic_cast<const DomainError*>(&error) != nullptr) outcome.type = "DomainError";
  if (dynamic_cast<const CallbackError*>(&error) != nullptr) outcome.type = "CallbackError";
  if (dynamic_cast<const MpiError*>(&error) != nullptr) outcome.type = "MpiError";
}

void call_world(const Communicator& world, const Problem& problem, const CallSpec& call,
                Outcome& outcome) {
  if (call.name == Name::reduce) reduce(world, problem, outcome);
  if (call.name == Name::broadcast) broadcast(world, problem, call, outcome);
  if (call.name == Name::add) {
    double sum = number(problem.of(), object(Object::rank, world.rank()), 0);
    world.sum(&sum, 1);
    outcome.values = {sum};
  }
  if (call.name == Name::agree)
    outcome.values = {static_cast<double>(world.agree("random_calls", [&] {
      if (planted.fault == Fault::in_work) throw_planted();
      return 5;
    }))};
}

}  // namespace misfit::test::random_calls
