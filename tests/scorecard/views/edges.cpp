// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/views/views.hpp"

#include <functional>

namespace misfit::test {

namespace {

using Signal = Kokkos::View<double*>;

/// Whether all ranks got an ArgumentError with these words.
void check_refused(Check& check, const std::string& what, const std::string& words,
                   const std::function<void()>& call) {
  std::string text = "nothing was thrown";
  bool refused = false;
  try {
    call();
  } catch (const ArgumentError& error) {
    text = error.what();
    refused = text.find(words) != std::string::npos;
  }
  check.tried(refused, what + ": " + text);
}

/// Views of x, y and output that cannot be taken, in the calls that take all three.
void check_bad_views(Check& check) {
  const ViewsProblem<double> problem;
  const auto& [exec, ranks, operators, fidelity] = problem;
  const Signal x = numbers<double>(1, unknowns), g = numbers<double>(2, unknowns);
  const std::vector<Signal> y(2, numbers<double>(3, rows));
  const auto try_all = [&](const std::string& what, const std::string& words, const Signal& a,
                           const std::vector<Signal>& b, const Signal& c, bool in_prox = true) {
    check_refused(check, "grad, " + what, words, [&] { fidelity.grad(exec, a, b, operators, c); });
    check_refused(check, "fn_and_grad, " + what, words,
                  [&] { fidelity.fn_and_grad(exec, a, b, operators, c); });
    if (in_prox)
      check_refused(check, "prox, " + what, words,
                    [&] { fidelity.prox(exec, 0.1, a, b, operators, c); });
    check_refused(check, "vjp, " + what, words, [&] { operators.vjp(exec, a, b, c); });
  };
  const Signal none, null(nullptr, unknowns);
  const std::vector<Signal> no_y{y[0], none}, null_y{y[0], Signal(nullptr, rows)};
  const std::vector<Signal> overlapping{y[0], Kokkos::subview(g, std::pair(1, 5))};
  try_all("x default-constructed", "has 0 entries", none, y, g);
  try_all("x null", "has no memory", null, y, g);
  try_all("y default-constructed", "has 0 entries", x, no_y, g);
  try_all("y null", "has no memory", x, null_y, g);
  try_all("output default-constructed", "has 0 entries", x, y, none);
  try_all("output null", "has no memory", x, y, null);
  try_all("output is x", "shares memory", x, y, x, false);
  try_all("output overlaps y", "shares memory", x, overlapping, g);
}

/// Nothing at all is right: values are 0.
void check_empty(Check& check) {
  const DistributedOperator<AnyOperator<double>> none(
      MPI_COMM_WORLD, 0, [](int) -> AnyOperator<double> { return Identity(1); });
  const DistributedDataFidelity fidelity(L2{0.7});
  const std::vector<Signal> y;
  for (const Signal& x : {Signal(), Signal("x", 0)}) {
    check.tried(fidelity.fn(Exec{}, x, y, none) == 0, "fn of nothing");
    check.tried(fidelity.fn_and_grad(Exec{}, x, y, none, Signal()) == 0, "both of nothing");
  }
  using Batch = Kokkos::View<double**, Kokkos::LayoutRight>;
  const std::vector<Batch> no_data;
  const auto values = fidelity.fn(Exec{}, Batch("x", 2, 0), no_data, none);
  check.tried(values == std::vector<double>{0, 0}, "two signals of nothing");
  // Of a batch without signals.
  const ViewsProblem<double> problem;
  const std::vector<Batch> empty(2, Batch("y", 0, rows));
  const auto nothing = problem.fidelity.fn_and_grad(problem.exec, Batch("x", 0, unknowns), empty,
                                                    problem.operators, Batch("g", 0, unknowns));
  check.tried(nothing.empty(), "no signals");
}

/// What may be the same: inputs one another, and the result of prox its input.
void check_aliased(Check& check) {
  const DistributedOperator<Identity> same(MPI_COMM_WORLD, 2, [](int) { return Identity(5); });
  const DistributedDataFidelity fidelity(L2{0.7});
  const Signal x = numbers<double>(1, 5), copy = numbers<double>(1, 5), g("g", 5);
  const std::vector<Signal> aliased(2, x), apart(2, copy);
  check.tried(fidelity.fn(Exec{}, x, aliased, same) == 0, "x is its measurement");
  const std::vector<Signal> other(2, numbers<double>(4, 5));
  fidelity.prox(Exec{}, 0.3, x, other, same, g);
  fidelity.prox(Exec{}, 0.3, x, other, same, x);
  bool equal = true;
  for (std::size_t j = 0; j < 5; ++j) equal = equal && x(j) == g(j);
  check.tried(equal, "prox in place");
}

}  // namespace

void check_edges(Check& check) {
  check_bad_views(check);
  check_empty(check);
  check_aliased(check);
}

}  // namespace misfit::test
