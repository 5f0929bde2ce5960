// SPDX-License-Identifier: BSD-3-Clause

// Which calls a case makes, and what goes wrong in them.

#include "scorecard/random_calls/case.hpp"

namespace misfit::test::random_calls {

namespace {

using Faults = std::vector<Fault>;

template <typename E>
void append(std::vector<E>& all, const std::vector<E>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

std::vector<Name> names_for(const Case& c) {
  std::vector<Name> all{Name::vjp,       Name::make, Name::measure, Name::reduce,
                        Name::broadcast, Name::add,  Name::agree,   Name::plan};
  for (int k = 0; k < 12; ++k) append(all, std::vector{Name::fn, Name::grad, Name::both});
  const bool whole = c.form == Form::whole && c.path != Path::members, linear = is_linear(c);
  for (int k = 0; k < 3; ++k)
    append(all, std::vector{Name::some_fn, Name::some_grad, Name::some_both, Name::at,
                            Name::move_to, Name::gradient_there});
  if (has_gauss_newton(c)) append(all, std::vector(4, Name::gauss_newton));
  if (has_hessian(c)) append(all, std::vector(2, Name::hessian));
  if (has_diagonal(c)) append(all, std::vector(2, Name::diagonal));
  if (has_prox(c)) all.push_back(Name::prox);
  if (whole) {
    if (c.distance != Distance::indicator) all.push_back(Name::local);
    all.push_back(Name::forward);
    if (c.own) all.push_back(Name::distances);
  }
  if (linear)
    for (const Name name : {Name::adjoint, Name::normal}) all.push_back(name);
  if (linear && whole) {
    all.push_back(Name::least_squares);
    if (c.unknowns() <= 8) all.push_back(Name::norm);
    all.push_back(Name::bound);
  }
  return all;
}

/// What can go wrong in a data fidelity's call.
Faults faults_of_evaluation(const Case& c, Name name) {
  const bool user = c.path == Path::erased || c.path == Path::separable;
  const bool has_value = name != Name::grad, has_gradient = name != Name::fn;
  Faults all{Fault::x_size, Fault::x_not_finite};
  if (name != Name::both) append(all, Faults{Fault::too_many, Fault::wrong_size});
  if (has_gradient) append(all, Faults{Fault::output_size, Fault::shared});
  if (user) all.push_back(Fault::in_apply);
  if (user && has_gradient) all.push_back(Fault::in_adjoint);
  if (c.path == Path::erased && has_value) all.push_back(Fault::in_value);
  if (c.path == Path::erased && has_gradient) all.push_back(Fault::in_gradient);
  if (c.ranks > 1) {
    append(all, Faults{Fault::other_call, Fault::other_reduction});
    if (c.form == Form::whole && c.path != Path::members) all.push_back(Fault::other_sum);
  }
  return all;
}

/// What can go wrong over a Subset.
Faults faults_of_some(const Case& c, Name name) {
  const Name of_all = name == Name::some_fn     ? Name::fn
                      : name == Name::some_grad ? Name::grad
                                                : Name::both;
  Faults all = faults_of_evaluation(c, of_all);
  // Whether data fit that are not taken is not said.
  std::erase_if(all, [](Fault f) { return f == Fault::wrong_size || f == Fault::too_many; });
  append(all, Faults{Fault::no_such_index, Fault::index_twice});
  if (c.ranks > 1) all.push_back(Fault::other_subset);
  return all;
}

Faults faults_at_point(const Case& c, Name name) {
  const bool user = c.path == Path::erased || c.path == Path::separable;
  const bool moves = name == Name::at || name == Name::move_to;
  Faults all;
  if (moves || is_product(name)) append(all, Faults{Fault::x_size, Fault::x_not_finite});
  if (!moves) all.push_back(Fault::output_size);
  if (is_product(name)) all.push_back(Fault::shared);
  if (user && moves) all.push_back(Fault::in_apply);
  if (user && !moves) all.push_back(Fault::in_adjoint);
  if (c.path == Path::erased && moves) all.push_back(Fault::in_value);
  if (c.path == Path::erased && name == Name::gradient_there) all.push_back(Fault::in_gradient);
  if (c.ranks > 1) all.push_back(Fault::other_call);
  if (c.ranks > 1 && name == Name::at) {
    all.push_back(Fault::other_reduction);
    if (c.form == Form::whole && c.path != Path::members) all.push_back(Fault::other_sum);
  }
  return all;
}

Faults faults_of_operator(const Case& c, Name name) {
  Faults all;
  const bool user = c.path == Path::erased || c.path == Path::separable;
  if (name == Name::forward || name == Name::normal || name == Name::vjp)
    all.push_back(Fault::x_size);
  if (name != Name::forward) all.push_back(Fault::output_size);
  if (name == Name::adjoint || name == Name::vjp) all.push_back(Fault::wrong_size);
  if (name == Name::vjp || name == Name::normal) all.push_back(Fault::shared);
  if (user && (name == Name::forward || name == Name::normal)) all.push_back(Fault::in_apply);
  if (user && name != Name::forward) all.push_back(Fault::in_adjoint);
  return all;
}

Faults faults_for(const Case& c, Name name) {
  const bool shared = c.path == Path::members, several = c.ranks > 1;
  switch (name) {
    case Name::fn:
    case Name::grad:
    case Name::both:
      // Where there is no gradient, all other errors come beside this one.
      return c.distance == Distance::indicator ? Faults{} : faults_of_evaluation(c, name);
    case Name::forward:
    case Name::adjoint:
    case Name::vjp:
    case Name::normal:
      return faults_of_operator(c, name);
    case Name::some_fn:
    case Name::some_grad:
    case Name::some_both:
      return c.distance == Distance::indicator ? Faults{} : faults_of_some(c, name);
    case Name::at:
    case Name::move_to:
      return faults_at_point(c, name);
    case Name::gradient_there:
    case Name::gauss_newton:
    case Name::hessian:
    case Name::diagonal:
      return c.distance == Distance::indicator ? Faults{} : faults_at_point(c, name);
    case Name::prox:
      if (c.path == Path::erased && !is_quadratic(c)) return {Fault::bad_option, Fault::in_value};
      [[fallthrough]];
    case Name::least_squares:
    case Name::norm:
      return several ? Faults{Fault::bad_option, Fault::other_option} : Faults{Fault::bad_option};
    case Name::make: {
      Faults all;
      if (!shared) append(all, Faults{Fault::in_factory, Fault::domain_size});
      if (several && c.form == Form::whole && !shared) all.push_back(Fault::other_number);
      return all;
    }
    case Name::measure:
      return {Fault::in_factory, Fault::wrong_size, Fault::not_finite};
    case Name::distances:
      return {Fault::in_factory};
    case Name::reduce:
      return several ? Faults{Fault::other_number} : Faults{};
    case Name::broadcast:
      return several ? Faults{Fault::bad_option, Fault::other_option} : Faults{Fault::bad_option};
    case Name::agree:
      return {Fault::in_work};
    default:
      return {};
  }
}

std::uint32_t some_ranks(int ranks, Random& random, bool not_all) {
  if (random.one_in(2)) return 1U << random.below(ranks);
  const std::uint32_t all = (1U << ranks) - 1;
  const auto some = static_cast<std::uint32_t>(random.next() >> 20) & all;
  if (some == 0 || (not_all && some == all)) return 1U << random.below(ranks);
  return some;
}

/// Nothing, a fault of some ranks, or two, each of other ranks.
std::vector<Plant> random_plants(const Case& c, Name name, Random& random) {
  Faults faults = faults_for(c, name);
  const bool work = name == Name::agree || name == Name::reduce || name == Name::broadcast;
  if (c.operators == 0 && !work) {
    Faults differences;
    for (const Fault fault : faults)
      if (is_difference(fault) && fault != Fault::other_subset) differences.push_back(fault);
    faults = differences;
  }
  if (faults.empty() || !random.one_in(6)) return {};
  const Fault fault = random.of(faults);
  std::vector<Plant> plants{
      {fault, some_ranks(c.ranks, random, is_difference(fault)), random.below(60)}};
  if (is_difference(fault) || fault == Fault::x_not_finite || !random.one_in(3)) return plants;
  const Fault second = random.of(faults);
  const std::uint32_t rest = some_ranks(c.ranks, random, false) & ~plants[0].ranks;
  if (rest != 0 && !is_difference(second) && second != Fault::x_not_finite)
    plants.push_back({second, rest, random.below(60)});
  return plants;
}

}  // namespace

void add_random_calls(Case& c, Random& random) {
  const auto names = names_for(c);
  const bool ends = c.distance == Distance::poisson || c.distance == Distance::poisson_view ||
                    c.distance == Distance::amplitude;
  const int count = random.between(30, 200);
  for (int k = 0; k < count; ++k) {
    CallSpec call{random.of(names), random.below(3), {}};
    const bool product = is_product(call.name) && c.path != Path::erased;
    const bool evaluation = is_evaluation(call.name) && call.name != Name::local &&
                            call.name != Name::diagonal && (product || !is_product(call.name));
    if (ends && evaluation && random.one_in(8))
      call.point = 3;
    else if (!is_over_some(call.name) || !some_at(c, call.point).is_refused())
      call.plants = random_plants(c, call.name, random);
    c.calls.push_back(call);
  }
}

}  // namespace misfit::test::random_calls
