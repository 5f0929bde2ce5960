// SPDX-License-Identifier: BSD-3-Clause

// Whether an outcome is what it must be.

#include "scorecard/random_calls/fault_in.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace misfit::test::random_calls {

namespace {

std::string seen(const Outcome& o) {
  if (!o.threw) return "no error";
  return o.type + " of rank " + std::to_string(o.rank) + ", operator " +
         std::to_string(o.operator_index) + ", \"" + o.text + "\"";
}

std::string fault_in_error(const ExpectedError& e, const Outcome& o) {
  const bool right = (e.type.empty() || o.type == e.type) && (e.rank == -2 || o.rank == e.rank) &&
                     (e.operator_index == -2 || o.operator_index == e.operator_index) &&
                     (o.rank < 0 || (e.ranks >> o.rank & 1U) != 0) &&
                     o.text.find("rank " + std::to_string(o.rank)) != std::string::npos;
  if (o.threw && right) return "";
  std::ostringstream out;
  out << "expected " << (e.type.empty() ? "an error" : e.type) << " of rank " << e.rank
      << ", operator " << e.operator_index << ", got " << seen(o);
  return out.str();
}

bool is_near(Wide found, Wide expected, long double most) {
  return std::isinf(most) || found == expected || std::abs(found - expected) <= most;
}

bool is_finite(const std::complex<double>& z) {
  return std::isfinite(z.real()) && std::isfinite(z.imag());
}

/// The signal that x has an entry in that is not finite, or −1.
int spoilt(const Case& c, const CallSpec& call) {
  for (const Plant& p : call.plants)
    if (p.fault == Fault::x_not_finite) return p.choice % c.signals();
  return -1;
}

/// Whether a rank has operators that a call is over.
bool takes_some(const Problem& p, const CallSpec& call, int rank) {
  const auto& own = p.owned_by(rank);
  if (!is_over_some(call.name)) return !own.empty();
  const Some some = some_at(p.of(), call.point);
  return std::any_of(own.begin(), own.end(), [&](int i) { return some.has(i); });
}

/// Whether what is not finite must show. Where sums are reproducible, a rank without operators does
/// not look at its x, which is that of the others.
bool must_show(const Problem& p, const CallSpec& call) {
  const Case& c = p.of();
  if (c.form != Form::whole || c.path == Path::members) return false;
  for (int rank = 0; rank < c.ranks; ++rank)
    for (const Plant& plant : call.plants)
      if (plant.has(rank) && (!c.reproducible || takes_some(p, call, rank))) return true;
  return false;
}

std::string fault_in_values(const Expected& e, const Outcome& o, int spoilt, bool surely,
                            int signals) {
  if (o.values.size() != e.values.size()) return "other number of values";
  for (std::size_t b = 0; b < o.values.size(); ++b) {
    if (static_cast<int>(b) % signals == spoilt) {
      if (surely && std::isfinite(o.values[b])) return "a finite value of an x that is not";
    } else if (!is_near(o.values[b], e.values[b], e.value_bounds[b]) || (std::isnan(o.values[b]))) {
      return differ("value", b, o.values[b], e.values[b], e.value_bounds[b]);
    }
  }
  return "";
}

std::string fault_in_numbers(const Expected& e, const Outcome& o,
                             const std::vector<std::size_t>& piece, std::size_t unknowns,
                             int spoilt, bool surely) {
  const std::size_t n = piece.size();
  if (n > 0 && o.numbers.size() != e.gradient.size() / unknowns * n)
    return "other number of entries";
  for (std::size_t k = 0; k < o.numbers.size(); ++k) {
    if (static_cast<int>(k / n) == spoilt) {
      const auto* const first = &o.numbers[k / n * n];
      if (surely && std::all_of(first, first + n, is_finite))
        return "a finite gradient of an x that is not";
      continue;
    }
    const std::size_t j = k / n * unknowns + piece[k % n];
    const Wide found(o.numbers[k].real(), o.numbers[k].imag());
    if (!is_near(found, e.gradient[j], e.gradient_bounds[j]) ||
        (!std::isinf(e.gradient_bounds[j]) && !is_finite(o.numbers[k])))
      return differ("entry", k, found, e.gradient[j], e.gradient_bounds[j]);
  }
  return "";
}

/// Values of the signals, and those of each distance behind them.
Expected with_each(const Expected& e) {
  Expected all{e.values, e.value_bounds, {}, {}, {}, {}, {}};
  all.values.insert(all.values.end(), e.each.begin(), e.each.end());
  all.value_bounds.insert(all.value_bounds.end(), e.each_bounds.begin(), e.each_bounds.end());
  return all;
}

/// Of a vector that each rank has numbers of: their sum, or those of the root.
std::string fault_in_world(const Problem& p, const CallSpec& call, const Outcome& o) {
  const Case& c = p.of();
  if (call.name == Name::agree) return o.values == std::vector{5.0} ? "" : "other number";
  const std::size_t n = call.name == Name::add ? 1 : static_cast<std::size_t>(c.unknowns());
  const bool all = call.name != Name::broadcast;
  for (std::size_t j = 0; j < n; ++j) {
    long double sum = 0;
    for (int r = 0; r < c.ranks; ++r)
      if (all || r == call.point % c.ranks) sum += entry(c, object(Object::rank, r), j).real();
    const double found = call.name == Name::add ? o.values.at(0) : o.numbers.at(j).real();
    // Multiples of 1/1024: sums are exact.
    if (found != static_cast<double>(sum)) return differ("sum", j, found, sum, 0);
  }
  return "";
}

std::string fault_in_norm(const Problem& p, const CallSpec& call, const Outcome& o) {
  const double norm = p.norm_squared(), found = o.values.at(0);
  if (call.name == Name::bound)
    return found >= norm * (1 - 1e-12) ? "" : differ("bound", 0, found, norm, 0);
  return o.values.at(1) == 1 && found <= norm * (1 + 1e-4) && found >= norm * (1 - 5e-3)
             ? ""
             : differ("norm", 0, found, norm, 5e-3 * norm);
}

}  // namespace

std::string fault_in(const Problem& p, const CallSpec& call, const Outcome& o,
                     const std::vector<std::size_t>& piece, bool numbers) {
  const Case& c = p.of();
  const ExpectedError e = expected_error(p, call);
  if (e.must || (e.may && o.threw)) return fault_in_error(e, o);
  if (o.threw) return "expected no error, got " + seen(o);
  const bool surely = must_show(p, call);
  const int bad = spoilt(c, call);
  const auto unknowns = static_cast<std::size_t>(c.unknowns());
  const auto in_domain = [&](const Expected& expected) {
    return fault_in_numbers(expected, o, piece, unknowns, bad, surely);
  };
  if (!numbers) return "";
  const auto in_values = [&](const Expected& expected) {
    return fault_in_values(expected, o, bad, surely, c.signals());
  };
  const auto in_both = [&](const Expected& expected) {
    const auto fault = in_values(expected);
    return fault.empty() ? in_domain(expected) : fault;
  };
  switch (call.name) {
    case Name::fn:
      return in_values(p.at(call.point));
    case Name::grad:
    case Name::gradient_there:
      return in_domain(p.at(call.point));
    case Name::both:
    case Name::local:
      return in_both(p.at(call.point));
    case Name::some_fn:
      return in_values(p.over_some(call.point));
    case Name::some_grad:
      return in_domain(p.over_some(call.point));
    case Name::some_both:
      return in_both(p.over_some(call.point));
    case Name::at:
    case Name::move_to:
      return in_values(with_each(p.at(call.point)));
    case Name::gauss_newton:
    case Name::hessian:
    case Name::diagonal:
      return in_domain(p.second_derivative(call.name, call.point));
    case Name::forward: {
      const Expected y = p.forward(call.point);
      std::vector<std::size_t> all;
      for (std::size_t j = 0; j < y.gradient.size(); ++j) all.push_back(j);
      return fault_in_numbers(y, o, all, std::max<std::size_t>(all.size(), 1), -1, false);
    }
    case Name::adjoint:
      return in_domain(p.adjoint(nullptr, &p.measurements()));
    case Name::vjp:
      return in_domain(p.adjoint(&p.x(call.point), &p.measurements()));
    case Name::normal:
      return in_domain(p.adjoint(&p.x(call.point), nullptr));
    case Name::least_squares:
      return fault_in_solution(p, call, o);
    case Name::prox:
      return is_quadratic(c) ? fault_in_solution(p, call, o) : fault_in_prox(p, call, o);
    case Name::norm:
    case Name::bound:
      return fault_in_norm(p, call, o);
    case Name::make:
    case Name::measure:
    case Name::distances:
    case Name::plan:
      return "";
    default:
      return fault_in_world(p, call, o);
  }
}

}  // namespace misfit::test::random_calls
