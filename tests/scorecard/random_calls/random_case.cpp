// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/case.hpp"

#include <algorithm>

namespace misfit::test::random_calls {

namespace {

std::vector<Kind> kinds_for(const Case& c) {
  if (c.path == Path::members) return {Kind::matrix};
  if (c.path == Path::with_l2)
    return c.type == Type::cd ? std::vector{Kind::fourier}
                              : std::vector{Kind::mask, Kind::fourier_blur};
  if (c.path == Path::typed) {
    if (c.type == Type::cd) return {Kind::mask, Kind::fourier};
    if (c.type == Type::f) return {Kind::dense};
    return {Kind::mask, Kind::dense, Kind::sparse, Kind::blur, Kind::fourier_blur};
  }
  std::vector<Kind> all{Kind::mixed,  Kind::matrix, Kind::mask,  Kind::dense,
                        Kind::sparse, Kind::blur,   Kind::scaled};
  if (c.form == Form::slabs) all.pop_back();
  if (c.form != Form::whole) return all;
  all.push_back(Kind::squared);
  if (c.type == Type::f || c.type == Type::cf) return all;
  for (const Kind kind : {Kind::fourier_blur, Kind::composed, Kind::stacked}) all.push_back(kind);
  all.push_back(c.type == Type::cd ? Kind::fourier : Kind::intensity);
  return all;
}

std::vector<Distance> distances_for(const Case& c) {
  if (c.path == Path::with_l2) return {Distance::l2};
  std::vector<Distance> all{Distance::l2, Distance::l1, Distance::huber, Distance::zero};
  // Parameters of entries go with whole operators.
  if (c.form == Form::whole && c.path != Path::members) all.push_back(Distance::weighted);
  if (c.path == Path::erased) all.push_back(Distance::indicator);
  if (c.is_complex()) return all;
  for (const Distance d :
       {Distance::mixed, Distance::poisson, Distance::log_poisson, Distance::amplitude})
    all.push_back(d);
  if (c.form == Form::whole && c.path != Path::members) all.push_back(Distance::poisson_view);
  return all;
}

template <typename E>
bool has(const std::vector<E>& all, E one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::vector<Type> types_for(Path path) {
  if (path == Path::erased) return {Type::f, Type::d, Type::cf, Type::cd};
  if (path == Path::typed) return {Type::f, Type::d, Type::cd};
  if (path == Path::members) return {Type::d};
  return {Type::d, Type::cd};
}

std::vector<Layout> layouts_for(const Case& c) {
  const bool all = c.path == Path::erased && (c.type == Type::d || c.type == Type::cf);
  if (c.batch == 0)
    return all ? std::vector{Layout::vector, Layout::gaps} : std::vector{Layout::vector};
  return all ? std::vector{Layout::right, Layout::left, Layout::strided}
             : std::vector{Layout::right};
}

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

namespace {

/// Whether calls are such that the case can have; others come of cases that are made simpler.
bool fits(const Case& c, const CallSpec& call) {
  if (is_over_some(call.name) && !call.plants.empty() && some_at(c, call.point).is_refused())
    return false;
  for (const Plant& plant : call.plants)
    if (plant.fault == Fault::index_twice && c.operators == 0) return false;
  if (is_product(call.name) && call.point > 2 && c.path == Path::erased) return false;
  if (call.name == Name::gauss_newton) return has_gauss_newton(c);
  if (call.name == Name::hessian) return has_hessian(c);
  if (call.name == Name::diagonal) return has_diagonal(c);
  return call.name != Name::prox || has_prox(c);
}

}  // namespace

bool is_valid(const Case& c) {
  for (const CallSpec& call : c.calls)
    if (!fits(c, call)) return false;
  const bool one_distance_fits =
      c.own || !(c.distance == Distance::weighted || c.distance == Distance::poisson_view ||
                 c.distance == Distance::mixed);
  return c.ranks >= 1 && c.ranks <= 32 && c.height >= 1 && c.width >= 1 && c.rows >= 1 &&
         c.operators >= 0 && c.batch >= 0 && has(types_for(c.path), c.type) &&
         has(kinds_for(c), c.kind) && has(distances_for(c), c.distance) &&
         has(layouts_for(c), c.layout) && one_distance_fits &&
         (c.form == Form::whole || (c.path == Path::separable && !c.reproducible)) &&
         !(c.path == Path::members && c.reproducible);
}

Kind kind_of(const Case& c, int i) {
  if (c.kind != Kind::mixed) return c.kind;
  auto all = kinds_for(c);
  all.erase(all.begin());
  return all[static_cast<std::size_t>((c.data + 7U * static_cast<unsigned>(i)) % all.size())];
}

Distance distance_of(const Case& c, int i) {
  if (c.distance != Distance::mixed) return c.distance;
  auto all = distances_for(c);
  all.erase(
      std::remove_if(all.begin(), all.end(),
                     [](Distance d) { return d == Distance::mixed || d == Distance::indicator; }),
      all.end());
  return all[static_cast<std::size_t>((c.data + 3U * static_cast<unsigned>(i)) % all.size())];
}

bool is_linear(const Case& c) {
  for (int i = 0; i < c.operators; ++i)
    if (kind_of(c, i) == Kind::squared || kind_of(c, i) == Kind::intensity) return false;
  return true;
}

bool is_positive(const Case& c) {
  return c.distance == Distance::mixed || c.distance == Distance::poisson ||
         c.distance == Distance::poisson_view || c.distance == Distance::amplitude;
}

bool is_quadratic(const Case& c) {
  return c.distance == Distance::l2 || c.distance == Distance::weighted ||
         c.distance == Distance::zero;
}

bool has_gauss_newton(const Case& c) {
  for (int i = 0; i < c.operators; ++i)
    if (kind_of(c, i) == Kind::squared) return false;
  // Distances of complex measurements have none but where they are quadratic.
  return c.distance != Distance::indicator && (!c.is_complex() || is_quadratic(c));
}

bool has_hessian(const Case& c) { return has_gauss_newton(c); }

bool has_diagonal(const Case& c) {
  const bool typed = c.path == Path::typed || c.path == Path::with_l2;
  return typed && has_gauss_newton(c) &&
         (c.kind == Kind::mask || c.kind == Kind::dense || c.kind == Kind::sparse);
}

bool has_prox(const Case& c) {
  if (!is_linear(c)) return false;
  if (is_quadratic(c)) return c.form == Form::whole && c.path != Path::members;
  // On the dual problem, in sizes for which this finds the same soon. Balls of the third operator
  // and others have no point in common.
  const bool small = c.unknowns() <= 12 && c.operators <= 6;
  return small && (c.distance == Distance::l1 || c.distance == Distance::huber ||
                   c.distance == Distance::poisson || c.distance == Distance::poisson_view ||
                   (c.distance == Distance::indicator && c.operators <= 2));
}

bool Some::has(int i) const {
  return std::find(indices.begin(), indices.end(), i) != indices.end();
}

Some some_at(const Case& c, int point) {
  Random random(c.data + 77 * static_cast<std::uint64_t>(point));
  Some some;
  some.unbiased = random.one_in(2);
  // In any order.
  for (int i = 0; i < c.operators; ++i)
    if (random.one_in(2))
      some.indices.insert(
          some.indices.begin() + random.below(static_cast<int>(some.indices.size()) + 1), i);
  return some;
}

void add_random_calls(Case& c, Random& random);

Case random_case(std::uint64_t seed, std::uint64_t index, int ranks) {
  Random random(seed * 0x2545f4914f6cdd1dULL + index * 0x9e6c63d0876a9a47ULL +
                static_cast<std::uint64_t>(ranks));
  Case c;
  c.ranks = ranks;
  c.path = random.of(std::vector{Path::erased, Path::erased, Path::erased, Path::separable,
                                 Path::separable, Path::typed, Path::typed, Path::with_l2,
                                 Path::members});
  c.type = random.of(types_for(c.path));
  if (c.path == Path::separable)
    c.form = random.of(std::vector{Form::whole, Form::split, Form::slabs});
  c.kind = random.of(kinds_for(c));
  c.distance = random.of(distances_for(c));
  c.own = random.one_in(2) || c.distance == Distance::mixed || c.distance == Distance::weighted ||
          c.distance == Distance::poisson_view;
  if (c.path == Path::members || c.form != Form::whole) c.own = c.distance == Distance::mixed;
  c.height = random.between(1, 5);
  c.width = random.one_in(12) ? random.between(5, 8) : random.between(1, 4);
  c.rows = random.one_in(8) ? random.between(7, 12) : random.between(1, 6);
  c.operators = random.of(std::vector{0, 1, ranks - 1, ranks, ranks + 1, 3 * ranks,
                                      random.between(1, 4), random.between(1, 9)});
  c.batch = random.one_in(2) ? 0 : random.between(1, 3);
  c.layout = random.of(layouts_for(c));
  c.share =
      random.of(std::vector{Share::blocks, Share::round_robin, Share::balanced, Share::owners});
  c.reproducible = c.form == Form::whole && c.path != Path::members && random.one_in(3);
  c.mean = random.one_in(3);
  c.data = random.next() % 1000000;
  add_random_calls(c, random);
  return c;
}

}  // namespace misfit::test::random_calls
