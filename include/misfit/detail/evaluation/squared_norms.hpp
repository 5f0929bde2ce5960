// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/rounding.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Sets squares[b] to ‖x_b‖₂², where kernels of `Exec` read it, for signals of n entries one behind
/// the other. Asynchronous on `exec`.
template <typename Exec, typename T>
const double* squared_norms(const Exec& exec, const T* x, std::size_t n, std::size_t batch,
                            Workspace& memory) {
  using Space = typename Exec::memory_space;
  const auto squares = memory.get<double, Space>(batch, "misfit::squared_norms");
  for (std::size_t b = 0; b < batch; ++b) {
    const T* const signal = x + b * n;
    if constexpr (on_host<Exec>)
      squares(b) = wide_sum(
          exec, "misfit::squared_norms", n,
          KOKKOS_LAMBDA(const std::int64_t j) { return squared_abs(signal[j]); });
    else
      Kokkos::parallel_reduce(
          "misfit::squared_norms", range(exec, n),
          KOKKOS_LAMBDA(const std::int64_t j, double& sum) { sum += squared_abs(signal[j]); },
          Kokkos::View<double, Space>(squares.data() + b));
  }
  return squares.data();
}

/// ‖x‖₂² of each signal, for distances that allow for the rounding of operators; null where none
/// does. Asynchronous on `exec`.
template <typename Exec, typename Op, typename D, typename T, typename U>
const double* squares_for_rounding(const Exec& exec, const LocalProblem<Op, D, T, U>& problem,
                                   Workspace& memory) {
  if constexpr (allows_for_rounding<Op, D, U, Exec>)
    for (std::int64_t k = 0; k < problem.count; ++k)
      if (problem.operator_at(k).rounding() > 0)
        return squared_norms(exec, problem.x, static_cast<std::size_t>(problem.unknowns),
                             static_cast<std::size_t>(problem.batch), memory);
  return nullptr;
}

}  // namespace misfit::detail
