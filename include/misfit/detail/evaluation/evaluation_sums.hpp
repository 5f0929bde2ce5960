// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Where the passes of a call leave their sums, and how these are read.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/partial_sum.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// What the passes need of memory, kept between calls.
struct EvaluationMemory {
  Workspace measurement, partial_gradients, sums, totals, totals_on_device, squares, terms;
  Workspace kernel_arguments[4];
};

/// `count` entries at `values`, in host memory, where kernels of `Exec` can read them.
template <typename Exec, typename T>
const T* for_kernels(const Exec& exec, Workspace& memory, const T* values, std::size_t count) {
  if constexpr (in_cpu_form<Exec>) {
    return values;
  } else {
    const std::size_t bytes = count * sizeof(T);
    const auto copy = memory.get<char, typename Exec::memory_space>(bytes, "misfit::for_kernels");
    const Kokkos::View<const char*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>
        source(reinterpret_cast<const char*>(values), bytes);
    Kokkos::deep_copy(exec, copy, source);
    return reinterpret_cast<const T*>(copy.data());
  }
}

/// Sets totals[b], in host memory, to the sum of the `slots` sums of signal b. Blocks.
template <typename Exec>
void total(const Exec& exec, const PartialSum* sums, std::int64_t slots, std::int64_t batch,
           Workspace& memory, PartialSum* totals) {
  if constexpr (in_cpu_form<Exec>) {
    fence(exec, "misfit::DistributedDataFidelity: sums and gradient are ready");
    for (std::int64_t b = 0; b < batch; ++b) totals[b] = sum_up(sums + b * slots, slots);
  } else {
    const auto n = static_cast<std::size_t>(batch);
    const auto device = memory.get<PartialSum, typename Exec::memory_space>(
        n, "misfit::DistributedDataFidelity::totals");
    Kokkos::parallel_for(
        "misfit::DistributedDataFidelity::total",
        Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(batch), team_size<Exec>),
        KOKKOS_LAMBDA(const typename Kokkos::TeamPolicy<Exec>::member_type& member) {
          const std::int64_t b = member.league_rank();
          const PartialSum* const own = sums + b * slots;
          sum_by_team(
              member, 0, slots,
              [=](std::int64_t k, double& value, double& outside) {
                value += own[k].value;
                outside += own[k].outside;
              },
              device(b));
        });
    Kokkos::deep_copy(
        exec,
        Kokkos::View<PartialSum*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(
            totals, n),
        device);
    fence(exec, "misfit::DistributedDataFidelity: sums and gradient are ready");
  }
}

/// One entry of a pass that starts the gradient with 0 · x, which is 0 where x is finite and NaN
/// where it is not, and sums x so.
template <Quantity Wanted, typename X, typename G>
struct ZeroTimes {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value, double&) const {
    value += zero_or_nan(x(j));
    if constexpr (Wanted != Quantity::value)
      gradient(j) = static_cast<Real<typename G::non_const_value_type>>(0) * x(j);
  }
  X x;
  G gradient;
};

/// Where the sums of all passes go: `slots` for each signal, one signal behind the other.
struct Sums {
  PartialSum* first = nullptr;
  std::int64_t slots = 0;
};

template <typename Exec>
Sums reserve_sums(EvaluationMemory& memory, std::int64_t slots, std::int64_t batch) {
  return {memory.sums
              .get<PartialSum, typename Exec::memory_space>(static_cast<std::size_t>(slots * batch),
                                                            "misfit::DistributedDataFidelity::sums")
              .data(),
          slots};
}

/// What a rank without operators adds: nothing, unless x is not finite. Asynchronous on `exec`.
template <Quantity Wanted, typename Exec, typename Op, typename D, typename T, typename U>
void start(const Exec& exec, const LocalProblem<Op, D, T, U>& problem, const Sums& sums) {
  using Space = typename Exec::memory_space;
  const auto unknowns = static_cast<std::size_t>(problem.unknowns);
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    const Vector<const T, Space> x(problem.x + b * problem.unknowns, unknowns);
    Vector<T, Space> gradient;
    if constexpr (Wanted != Quantity::value)
      gradient = Vector<T, Space>(problem.gradient + b * problem.unknowns, unknowns);
    sum_tiles(exec, "misfit::DistributedDataFidelity::start", Tiles(unknowns),
              ZeroTimes<Wanted, decltype(x), decltype(gradient)>{x, gradient},
              sums.first + b * sums.slots);
  }
}

}  // namespace misfit::detail
