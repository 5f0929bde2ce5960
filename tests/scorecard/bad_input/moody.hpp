// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators and distances that throw what they like, where they are told to.

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

inline const std::vector<Thrown>& thrown() {
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

inline Case throwing(const std::string& name, const Thrown& what) {
  Case one;
  one.name = name + " throws " + what.name;
  one.words = what.words;
  one.refusal = what.refusal;
  return one;
}

/// Factories of operators, measurements and distances.
void add_factories(Cases& cases, const std::shared_ptr<Moody>& moody, const Thrown& what);

}  // namespace misfit::test
