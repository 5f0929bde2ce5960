// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/timing.hpp"
#include "support/view_memory.hpp"

#include <misfit/detail/sums/blas1.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit::bench {

template <typename T>
using Numbers = Kokkos::View<T*>;

/// n numbers in [-1, 1), always the same ones for a `seed`.
template <typename T>
Numbers<T> random_numbers(std::size_t n, std::uint64_t seed) {
  Numbers<T> view(Kokkos::view_alloc(Kokkos::WithoutInitializing, "numbers"), n);
  detail::fill_random(Exec{}, view, seed);
  return view;
}

template <typename T>
std::string name_of() {
  const std::string real = sizeof(detail::Real<T>) == 4 ? "float" : "double";
  return detail::is_complex<T> ? "complex<" + real + ">" : real;
}

enum class Call { fn, grad, fn_and_grad };

inline const char* name_of(Call call) {
  return call == Call::fn ? "fn" : call == Call::grad ? "grad" : "fn_and_grad";
}

inline double sum_over_ranks(double number) {
  MPI_Allreduce(MPI_IN_PLACE, &number, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return number;
}

/// Replaces `gradient` by its sum over ranks, as one would write it by hand.
template <typename T>
void sum_over_ranks(const Exec& exec, const Numbers<T>& gradient) {
  exec.fence();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, gradient);
  constexpr int reals = detail::is_complex<T> ? 2 : 1;
  MPI_Allreduce(MPI_IN_PLACE, host.data(), static_cast<int>(gradient.extent(0)) * reals,
                sizeof(detail::Real<T>) == 4 ? MPI_FLOAT : MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  Kokkos::deep_copy(gradient, host);
}

/// 1/σ² of all problems.
inline constexpr double inverse_variance = 4;

/// |u − y|² / (2σ²) in a loop of its own, which sets u to its gradient.
template <typename T>
double distance_and_gradient(const Exec& exec, const Numbers<T>& u, const Numbers<T>& y) {
  double sum = 0;
  Kokkos::parallel_reduce(
      "distance", Kokkos::RangePolicy<Exec>(exec, 0, u.extent(0)),
      KOKKOS_LAMBDA(const std::int64_t j, double& partial) {
        const T r = u(j) - y(j);
        partial += detail::squared_abs(r);
        u(j) = static_cast<detail::Real<T>>(inverse_variance) * r;
      },
      sum);
  return 0.5 * inverse_variance * sum;
}

/// Σ_i |A_i x − y_i|² / (2σ²), whole or in parts: x, y and gradient are what this rank has of them.
/// T are the entries of x, Y those of y.
template <typename Op, typename T, typename Y = T>
struct Problem {
  explicit Problem(DistributedOperator<Op> made)
      : operators(std::move(made)),
        operator_bytes(ViewMemory::held()),
        y(operators.measurements([this](int i) {
          return random_numbers<Y>(operators.range_size(i), 1000 + static_cast<unsigned>(i));
        })),
        x(random_numbers<T>(operators.domain_size(), 1)),
        gradient(random_numbers<T>(operators.domain_size(), 2)),
        fidelity(L2{1 / std::sqrt(inverse_variance)}) {}
  /// `count` operators over the ranks of `comm`, made by `factory`, with x on every rank.
  template <typename Factory>
  Problem(MPI_Comm comm, int count, Factory&& factory)
      : Problem(DistributedOperator<Op>(comm, count, factory)) {}

  void run(Call call, Scope scope) const {
    if (call == Call::fn)
      value = fidelity.fn(exec, x, y, operators, scope);
    else if (call == Call::grad)
      fidelity.grad(exec, x, y, operators, gradient, scope);
    else
      value = fidelity.fn_and_grad(exec, x, y, operators, gradient, scope);
  }

  /// Whether a value and a gradient, both of all ranks, are what ours are.
  bool agrees(double other_value, const Numbers<T>& other) const {
    run(Call::fn_and_grad, Scope::global);
    const Numbers<T> difference("difference", other.extent(0));
    Kokkos::deep_copy(difference, other);
    detail::axpby(exec, -1, gradient, 1, difference);
    const double off = detail::dot(exec, difference, difference),
                 size = detail::dot(exec, gradient, gradient);
    const double tolerance = sizeof(detail::Real<T>) == 4 ? 2e-5 : 1e-10;
    int same =
        std::abs(other_value - value) <= tolerance * value && off <= tolerance * tolerance * size;
    // A rank that went on alone would wait for the others for ever.
    MPI_Allreduce(MPI_IN_PLACE, &same, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    return same == 1;
  }

  Exec exec{};
  DistributedOperator<Op> operators;
  double operator_bytes;  ///< what Views held when operators were all there was
  Measurements<Numbers<Y>> y;
  Numbers<T> x, gradient;
  DistributedDataFidelity<L2> fidelity;
  mutable double value = 0;
};

/// What one would write by hand: `compute` sets the gradient of this rank and returns its value.
template <typename T>
struct HandWritten {
  std::string name;
  std::function<double(const Numbers<T>& gradient)> compute;

  /// Sets `gradient` of all ranks and returns the value, end to end.
  double run(const Exec& exec, const Numbers<T>& gradient) const {
    const double value = sum_over_ranks(compute(gradient));
    sum_over_ranks(exec, gradient);
    return value;
  }
};

/// Where a family has no programs written by hand.
template <typename Op, typename T, typename Y>
std::vector<HandWritten<T>> hand_written(const Problem<Op, T, Y>&) {
  return {};
}

}  // namespace misfit::bench
