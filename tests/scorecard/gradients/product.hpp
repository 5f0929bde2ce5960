// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Operators × distances, behind AnyOperator and AnyDistance.

#include "scorecard/gradients/fidelities.hpp"
#include "scorecard/gradients/instance.hpp"

#include <mpi.h>

namespace misfit::test {

/// As AnyDistance, with a gradient that is 1 % too long: the canary.
template <typename T>
struct LongGradient {
  AnyDistance<T> inner;

  template <typename U>
  double value(const Exec& exec, const U& u, const U& y) const {
    return inner.value(exec, u, y);
  }
  template <typename U, typename R>
  void gradient(const Exec& exec, const U& u, const U& y, const R& r) const {
    inner.gradient(exec, u, y, r, 1.01);
  }
};

/// A fidelity of two operators a rank.
template <typename T, typename Range>
void check_pair(Check& check, const NamedOperator<T, Range>& kind,
                const NamedDistance<Range>& distance, const char* type) {
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const DistributedOperator<AnyOperator<T, Exec, Range>> operators(
      MPI_COMM_WORLD, 2 * ranks,
      [&](int i) { return kind.make(check.seed() + 100 * static_cast<std::uint64_t>(i)); });
  const auto x = numbers<T>(check.seed() + 5, operators.domain_size());
  auto u = operators.template allocate_measurements<Range>();
  operators.forward(Exec{}, x, u, Scope::local);
  std::vector<Kokkos::View<Range*>> y;
  for (const auto& one : u) {
    y.emplace_back("y", one.extent(0));
    for (std::size_t j = 0; j < one.extent(0); ++j) y.back()(j) = distance.data(one(j), j);
  }
  const auto make = [&](int, std::size_t k) -> AnyDistance<Range> {
    if (check.canary()) return LongGradient<Range>{distance.make(u[k])};
    return distance.make(u[k]);
  };
  const DistributedDataFidelity fidelity(operators, make, Reduction::mean);
  check_instance(check, distance.name + " of " + kind.name + " of " + type, fidelity, operators, y,
                 x);
}

template <typename T, typename Range>
void check_product(Check& check, const std::vector<NamedOperator<T, Range>>& kinds,
                   const char* type) {
  std::size_t k = 0;
  for (const auto& kind : kinds)
    for (const auto& distance : distances<Range>()) {
      if (distance.needs_positive && !kind.keeps_positive) continue;
      if (check.quick() && ++k % 7 != 0) continue;
      check_pair(check, kind, distance, type);
    }
}

/// Each in a file of its own.
void check_double(Check& check);
void check_float(Check& check);
void check_complex_double(Check& check);
void check_complex_float(Check& check);
void check_intensities(Check& check);  // complex images, real data
void check_fused(Check& check);        // types that misfit takes in passes of their own

}  // namespace misfit::test
