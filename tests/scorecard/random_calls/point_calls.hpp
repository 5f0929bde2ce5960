// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The calls of a data fidelity at a point, for signals in one layout.

#include "scorecard/random_calls/calls.hpp"

#include <optional>
#include <type_traits>
#include <utility>

namespace misfit::test::random_calls {

/// What at() gave, and of which point: −1 after a move that has failed.
template <typename Layout, typename Objects>
struct KeptPoint {
  using Operators = std::decay_t<decltype(*std::declval<Objects>().operators)>;
  using Made = decltype(std::declval<Objects>().fidelity->at(
      Exec(), std::declval<typename Layout::Input>(),
      std::declval<Objects>().template measurements<typename Layout::Measured>(),
      std::declval<const Operators&>()));

  std::optional<Made> made;
  int of = -1;
};

template <typename Layout, typename Objects>
struct PointCalls {
  using T = typename Objects::T;
  using Input = typename Layout::Input;
  using Output = typename Layout::Output;

  const Objects& o;
  const CallSpec& call;
  Outcome& outcome;
  KeptPoint<Layout, Objects>& kept;
  const Calls<Layout, Objects> calls{o, call, outcome};
  const Exec exec{};

  void run() const {
    if (call.name != Name::at) bring_near();
    // What comes of a planted point is not kept, whether it has failed or not.
    if (call.name <= Name::move_to && !call.plants.empty()) kept.of = -1;
    if (planted.fault == Fault::other_call) return calls.fn();
    if (call.name == Name::at) return make();
    if (call.name == Name::move_to) return move();
    if (call.name == Name::diagonal) return diagonal();
    const Output v = calls.signals(point_of_vector(call.point)), g = calls.output(v);
    if (call.name == Name::gradient_there) kept.made->gradient(g);
    if (call.name == Name::gauss_newton) kept.made->gauss_newton(Input(v), g);
    if (call.name == Name::hessian) kept.made->hessian(Input(v), g);
    append(g, outcome);
  }

 private:
  /// Without what is planted: a point where there is none, and the one that a product is at.
  void bring_near() const {
    const Planted here = planted;
    planted.fault = Fault::none;
    if (!kept.made.has_value()) make();
    if (call.name != Name::move_to && kept.of != call.point) move();
    outcome = {};
    planted = here;
  }
  void make() const {
    auto made =
        o.distances().at(exec, Input(calls.signals(call.point)),
                         o.template measurements<typename Layout::Measured>(), *o.operators);
    kept.made.reset();
    kept.made.emplace(std::move(made));
    tell_values();
  }
  void move() const {
    kept.of = -1;
    kept.made->move_to(Input(calls.signals(call.point)));
    tell_values();
  }
  void tell_values() const {
    kept.of = call.plants.empty() || call.name > Name::move_to ? call.point : -1;
    append(kept.made->value(), outcome);
    append(kept.made->values(), outcome);
  }
  void diagonal() const {
    using Real = detail::Real<T>;
    using Reals = std::conditional_t<is_batch<Output>, RightBatch<Real>, Plain<Real>>;
    if constexpr (Objects::has_diagonal) {
      const std::size_t more = planted.fault == Fault::output_size ? 1 : 0;
      const auto d = Reals::make(static_cast<std::size_t>(o.c.signals()), o.piece.size() + more);
      kept.made->gauss_newton_diagonal(d);
      append(d, outcome);
    }
  }
};

}  // namespace misfit::test::random_calls
