// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Passes to be timed, on one rank.

#include <misfit/detail/sums/blas1.hpp>
#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>

namespace misfit::test {

using Exec = Kokkos::DefaultExecutionSpace;
template <typename T>
using Numbers = Kokkos::View<T*>;

/// One call of each pass, by name.
using Passes = std::map<std::string, std::function<void()>>;

/// n numbers between 0.1 and 1.1.
template <typename T>
Numbers<T> numbers(std::size_t n, std::uint64_t seed) {
  const Numbers<T> view("numbers", n);
  const Exec exec;
  detail::fill_random(exec, view, seed);
  Kokkos::parallel_for(
      "shift", detail::range(exec, n), KOKKOS_LAMBDA(const std::int64_t j) {
        view(j) = detail::make_scalar<T>(0.5, 0.0) * view(j) + detail::make_scalar<T>(0.6, 0.0);
      });
  return view;
}

/// fn_and_grad of `count` operators.
template <typename Op, typename T, typename U, typename D>
struct FnAndGrad {
  template <typename Factory>
  FnAndGrad(int count, Factory&& factory, const D& distance)
      : operators(MPI_COMM_WORLD, count, factory),
        y(operators.measurements([this](int i) {
          return numbers<U>(operators.range_size(i), 1000 + static_cast<unsigned>(i));
        })),
        x(numbers<T>(operators.domain_size(), 1)),
        gradient("gradient", operators.domain_size()),
        fidelity(distance) {}
  void operator()() const { fidelity.fn_and_grad(Exec{}, x, y, operators, gradient, Scope::local); }

  DistributedOperator<Op> operators;
  Measurements<Numbers<U>> y;
  Numbers<T> x, gradient;
  DistributedDataFidelity<D> fidelity;
};

template <typename T, typename U = T, typename Factory, typename D>
void add_fn_and_grad(Passes& passes, const std::string& name, int count, Factory&& factory,
                     const D& distance) {
  using Op = std::remove_cvref_t<std::invoke_result_t<Factory, int>>;
  const auto call = std::make_shared<FnAndGrad<Op, T, U, D>>(count, factory, distance);
  passes[name] = [call] { (*call)(); };
}

void add_pointwise_passes(Passes& passes);
void add_matrix_passes(Passes& passes);
void add_image_passes(Passes& passes);

}  // namespace misfit::test
