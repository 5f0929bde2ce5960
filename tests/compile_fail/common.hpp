// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the programs of this folder make their mistakes with. They are compiled, never linked.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <vector>

using Exec = Kokkos::DefaultHostExecutionSpace;
template <typename T>
using Vector = Kokkos::View<T*, Kokkos::HostSpace>;

/// Memory that kernels on a CPU cannot reach.
struct FarSpace {
  using memory_space = FarSpace;
  using execution_space = Exec;
  using device_type = Kokkos::Device<execution_space, memory_space>;
  using size_type = std::size_t;
  static constexpr const char* name() { return "Far"; }
};

/// y = 2 x as a user writes it, for double.
struct Twice {
  std::size_t domain_size() const { return 3; }
  std::size_t range_size() const { return 3; }
  void apply(const Exec&, const Vector<const double>& x, const Vector<double>& y) const;
  void add_adjoint(const Exec&, const Vector<const double>& y, const Vector<double>& x) const;
};

struct Problem {
  Exec exec;
  misfit::DistributedOperator<Twice> operators;
  misfit::DistributedDataFidelity<misfit::L2> fidelity;
  Vector<double> x, gradient;
  std::vector<Vector<double>> y;
};
