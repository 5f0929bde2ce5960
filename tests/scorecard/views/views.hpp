// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Calls with Views that lie in many ways, against the same calls with contiguous copies.

#include "scorecard/catalogue/catalogue.hpp"
#include "scorecard/check.hpp"
#include "scorecard/views/laid.hpp"

#include <misfit/detail/base/scalar.hpp>
#include <misfit/misfit.hpp>

#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit::test {

enum class Call { fn, grad, fn_and_grad, prox, forward, adjoint, vjp, normal, least_squares };

inline const char* name_of(Call call) {
  constexpr const char* names[] = {"fn",      "grad", "fn_and_grad", "prox",         "forward",
                                   "adjoint", "vjp",  "normal",      "least_squares"};
  return names[static_cast<int>(call)];
}

/// Two operators a rank.
template <typename T>
struct ViewsProblem {
  Exec exec{};
  int ranks = [] {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
  }();
  DistributedOperator<AnyOperator<T>> operators{
      MPI_COMM_WORLD, 2 * ranks, [](int i) -> AnyOperator<T> {
        const Kokkos::View<T**, Kokkos::LayoutRight> a("a", rows, unknowns);
        Kokkos::deep_copy(flatten(a), numbers<T>(static_cast<std::uint64_t>(i), rows * unknowns));
        return Dense(a);
      }};
  DistributedDataFidelity<L2> fidelity{L2{0.7}};

  /// What the call gives: values, and entries of outputs.
  template <Call which, typename X, typename Y, typename G>
  std::vector<double> result(const Laid<X>& x, const std::vector<Laid<Y>>& laid_y,
                             const Laid<G>& g) const {
    std::vector<Y> y;
    for (const auto& one : laid_y) y.push_back(one.view);
    std::vector<double> all;
    if constexpr (which == Call::fn)
      append(all, fidelity.fn(exec, x.view, y, operators));
    else if constexpr (which == Call::grad)
      fidelity.grad(exec, x.view, y, operators, g.view);
    else if constexpr (which == Call::fn_and_grad)
      append(all, fidelity.fn_and_grad(exec, x.view, y, operators, g.view));
    else if constexpr (which == Call::prox)
      fidelity.prox(exec, 0.3, x.view, y, operators, g.view, {.max_iterations = 4});
    else if constexpr (which == Call::forward)
      operators.forward(exec, x.view, y, Scope::local);
    else if constexpr (which == Call::adjoint)
      operators.adjoint(exec, y, g.view);
    else if constexpr (which == Call::vjp)
      operators.vjp(exec, x.view, y, g.view);
    else if constexpr (which == Call::normal)
      operators.normal(exec, x.view, g.view);
    else
      operators.least_squares(exec, y, g.view, {.max_iterations = 4});
    exec.fence();
    append(all, g);
    for (const auto& one : laid_y) append(all, one);
    return all;
  }
};

/// One for all checks.
template <typename T>
const ViewsProblem<T>& views_problem() {
  static std::unique_ptr<const ViewsProblem<T>> one;
  if (!one) {
    one = std::make_unique<const ViewsProblem<T>>();
    Kokkos::push_finalize_hook([] { one.reset(); });
  }
  return *one;
}

/// The places of the three arguments of a call.
struct Places {
  Place x{"whole"}, y{"whole"}, g{"whole"};
};

/// What a call gives with Views of these types at these places.
template <Call which, typename T, typename X, typename Y, typename G>
std::vector<double> laid_result(const ViewsProblem<T>& problem, const Places& at, bool canary,
                                bool* untouched) {
  Laid<X> x(unknowns, at.x);
  Laid<G> g(unknowns, at.g);
  x.fill(1);
  g.fill(2);
  std::vector<Laid<Y>> y;
  for (std::uint64_t k = 0; k < problem.operators.local_indices().size(); ++k) {
    y.emplace_back(rows, at.y);
    y.back().fill(3 + k);
    if (canary) y.back().ignore_step(rows, at.y);
  }
  if (canary) x.ignore_step(unknowns, at.x);
  if (canary) g.ignore_step(unknowns, at.g);
  const auto all = problem.template result<which>(x, y, g);
  *untouched = x.neighbours_untouched() && g.neighbours_untouched();
  for (const auto& one : y) *untouched = *untouched && one.neighbours_untouched();
  return all;
}

template <typename V>
std::vector<Place> places_of() {
  return Laid<V>::strided ? strided_places() : dense_places();
}

/// Counts the call for every place of those arguments whose type is not Plain.
template <Call which, typename Plain, typename X, typename Y, typename G>
void check_call(Check& check, const std::string& types) {
  using T = typename Plain::value_type;
  const auto& problem = views_problem<T>();
  bool untouched = true;
  const auto expected = laid_result<which, T, Plain, Plain, Plain>(problem, {}, false, &untouched);
  using Varied = std::conditional_t<!std::is_same_v<X, Plain>, X,
                                    std::conditional_t<!std::is_same_v<Y, Plain>, Y, G>>;
  for (const auto& place : places_of<Varied>()) {
    Places at;
    if (!std::is_same_v<X, Plain>) at.x = place;
    if (!std::is_same_v<Y, Plain>) at.y = place;
    if (!std::is_same_v<G, Plain>) at.g = place;
    const auto got = laid_result<which, T, X, Y, G>(problem, at, check.canary(), &untouched);
    check.tried(got == expected && untouched, std::string(name_of(which)) + " with " + types +
                                                  ", " + place.name +
                                                  (untouched ? "" : ": wrote beside a View"));
  }
}

/// x of type V, then y, then the output.
template <typename Plain, typename V>
void check_each(Check& check, const std::string& type) {
  constexpr bool input_alone = std::is_const_v<typename V::value_type>;
  using P = Plain;
  check_call<Call::fn_and_grad, P, V, P, P>(check, "x " + type);
  check_call<Call::prox, P, V, P, P>(check, "v " + type);
  check_call<Call::forward, P, V, P, P>(check, "x " + type);
  check_call<Call::vjp, P, V, P, P>(check, "x " + type);
  check_call<Call::normal, P, V, P, P>(check, "x " + type);
  check_call<Call::fn_and_grad, P, P, V, P>(check, "y " + type);
  check_call<Call::adjoint, P, P, V, P>(check, "y " + type);
  check_call<Call::vjp, P, P, V, P>(check, "r " + type);
  check_call<Call::least_squares, P, P, V, P>(check, "y " + type);
  if constexpr (!input_alone) {
    check_call<Call::forward, P, P, V, P>(check, "y " + type);
    check_call<Call::fn_and_grad, P, P, P, V>(check, "gradient " + type);
    check_call<Call::adjoint, P, P, P, V>(check, "x " + type);
    check_call<Call::normal, P, P, P, V>(check, "g " + type);
  }
}

/// All three of type V.
template <typename Plain, typename V>
void check_together(Check& check, const std::string& type) {
  check_call<Call::fn, Plain, V, V, V>(check, "all " + type);
  check_call<Call::grad, Plain, V, V, V>(check, "all " + type);
  check_call<Call::fn_and_grad, Plain, V, V, V>(check, "all " + type);
  check_call<Call::prox, Plain, V, V, V>(check, "all " + type);
  check_call<Call::forward, Plain, V, V, V>(check, "all " + type);
  check_call<Call::adjoint, Plain, V, V, V>(check, "all " + type);
  check_call<Call::least_squares, Plain, V, V, V>(check, "all " + type);
}

/// Each in a file of its own.
void check_vectors(Check& check);
void check_batches(Check& check);
void check_scalars(Check& check);
void check_edges(Check& check);  // Views without entries, that are no memory, that are one another

}  // namespace misfit::test
