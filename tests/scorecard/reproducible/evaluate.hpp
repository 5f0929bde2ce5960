// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scorecard/bits.hpp"
#include "scorecard/reproducible/cases.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit::test {

template <typename T>
std::string scalar_name() {
  const std::string real = std::is_same_v<detail::Real<T>, float> ? "float" : "double";
  return detail::is_complex<T> ? "complex " + real : real;
}

/// fn, grad and fn_and_grad, of a signal and of a batch of two.
template <typename T, typename Factory>
std::uint64_t hash_of_calls(MPI_Comm comm, const Partition& partition, Sum sum, std::size_t size,
                            const Factory& factory) {
  const Exec exec;
  const DistributedOperator operators(comm, partition, factory);
  const auto y = operators.measurements([&](int i) {
    return vector_of<T>(static_cast<std::size_t>(40 + i), operators.range_size(i));
  });
  const auto of_batch = operators.measurements([&](int i) {
    return batch_of<T>(static_cast<std::size_t>(70 + i), 2, operators.range_size(i));
  });
  const DistributedDataFidelity fidelity(
      operators, [](int i) { return L2{0.3 + 0.1 * i}; }, Reduction::mean, sum);
  const auto x = vector_of<T>(1, size);
  const Kokkos::View<T**> batch(batch_of<T>(2, 2, size));
  const Kokkos::View<T*> gradient("gradient", size);
  const Kokkos::View<T**> gradients("gradients", 2, size);

  Bits bits;
  bits.add(fidelity.fn_and_grad(exec, x, y, operators, gradient));
  bits.add(gradient);
  bits.add(fidelity.fn(exec, x, y, operators));
  fidelity.grad(exec, x, y, operators, gradient);
  bits.add(gradient);
  const auto values = fidelity.fn_and_grad(exec, batch, of_batch, operators, gradients);
  bits.add(values.data(), values.size());
  bits.add(gradients);
  return bits.hash();
}

template <typename T, typename Factory>
void add_case(std::vector<Case>& cases, const std::string& kind, int operators, std::size_t size,
              Launch launch, const Factory& factory) {
  cases.push_back({kind + ", " + scalar_name<T>() + ", " + std::to_string(size) + " unknowns, " +
                       std::to_string(operators) + " operators",
                   operators, launch, [=](MPI_Comm comm, const Partition& partition, Sum sum) {
                     return hash_of_calls<T>(comm, partition, sum, size, factory);
                   }});
}

template <typename T>
void add_masks(std::vector<Case>& cases, int operators, std::size_t size, Launch launch) {
  add_case<T>(cases, "masks", operators, size, launch,
              [=](int i) { return Mask(vector_of<T>(static_cast<std::size_t>(10 + i), size)); });
}

template <typename T>
void add_matrices_of_a_user(std::vector<Case>& cases, int operators, std::size_t size,
                            Launch launch) {
  add_case<T>(cases, "a user's matrices", operators, size, launch,
              [=](int i) { return MatrixOperator<T>(static_cast<std::size_t>(i), 9, size); });
}

template <typename T>
void add_dense(std::vector<Case>& cases, int operators, std::size_t size) {
  add_case<T>(cases, "dense", operators, size, Launch::full, [=](int i) {
    const auto k = static_cast<std::size_t>(i);
    return Dense(Kokkos::View<T**, Kokkos::LayoutRight>(batch_of<T>(k, 300 + 13 * k, size)));
  });
}

/// For gradients that travel with the agreement (less than 3 KiB), that follow it in one piece, and
/// in several (512 KiB).
template <typename T>
void add_scalar(std::vector<Case>& cases) {
  constexpr std::size_t pieces = (std::size_t{512} << 10) / sizeof(T);
  add_masks<T>(cases, 13, 37, Launch::simulation);
  add_masks<T>(cases, 13, 5003, Launch::quick);
  add_masks<T>(cases, 13, pieces - 1, Launch::full);
  add_masks<T>(cases, 13, pieces + 1, std::is_same_v<T, double> ? Launch::quick : Launch::full);
  add_dense<T>(cases, 13, 61);
  add_matrices_of_a_user<T>(cases, 3, 19, Launch::quick);
  add_matrices_of_a_user<T>(cases, 21, 1201, Launch::full);
}

}  // namespace misfit::test
