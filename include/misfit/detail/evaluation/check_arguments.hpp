// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the calls of a data fidelity check of their arguments, on each rank.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/error.hpp>
#include <misfit/measurements.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <string>
#include <type_traits>

namespace misfit::detail {

/// Throws ArgumentError unless `x`, called `name`, `y` and `output`, called `output_name` if there
/// is one, fit the operators and each other.
template <typename X, typename Y, typename Op, typename Output, typename D>
void check_arguments(const DistanceStack<D>& distances, const char* name, const X& x, const Y& y,
                     const OperatorStack<Op>& operators, const char* output_name,
                     const Output& output) {
  distances.require_for(operators);
  const std::size_t n = operators.unknowns_for(x);
  require_signals(name, x, batch_size(x), n);
  operators.require_count(y);
  if constexpr (!std::is_same_v<Output, NoOutput>) {
    require_signals(output_name, output, batch_size(x), n);
    for (std::size_t k = 0; k < operators.local_indices().size(); ++k)
      require_apart("y", operators.local_measurement(y, k), output_name, output);
  }
}

/// Throws ArgumentError unless `v`, called `name`, has as many signals as a point.
template <typename V>
void require_batch_of_point(const char* name, const V& v, std::size_t batch) {
  if (batch_size(v) != batch)
    throw ArgumentError(std::string(name) + ": has " + std::to_string(batch_size(v)) +
                        " signals, the point has " + std::to_string(batch));
}

/// Throws ArgumentError where no rank has a measurement whole that the distance needs whole.
template <typename D, typename U, typename Op>
void require_whole_measurements(const OperatorStack<Op>& operators) {
  if constexpr (!SeparableDistance<D, U>)
    if (operators.in_parts())
      throw ArgumentError(
          "the distance needs measurements that are whole: it has no value_at(j, u, y), by which "
          "misfit takes it entry by entry");
}

/// Where the measurements of this rank's operators, called `name`, lie, checked; valid until the
/// next call.
template <typename U, typename Exec, typename Y, typename Op, typename D>
auto check_data(const Exec& exec, const DistanceStack<D>& distances, const Y& y,
                const OperatorStack<Op>& operators, std::size_t batch, bool zero_data,
                ErrorContext& context, const char* name = "y") {
  using Space = typename MeasurementView<Y>::memory_space;
  const std::size_t count = operators.local_indices().size();
  const auto data = distances.memory().data.template get<DataOf<U>, Kokkos::HostSpace>(
      count, "misfit::DistributedDataFidelity::data");
  const U* zeros = nullptr;
  if (zero_data) {
    const auto entries = distances.memory().zeros.template get<U, typename Exec::memory_space>(
        operators.max_local_range_size(), "misfit::DistributedDataFidelity::zeros");
    fill(exec, U(0), entries);
    zeros = entries.data();
  }
  std::size_t to_pack = 0;
  operators.for_each_local(context, [&](std::size_t k, const Op&) {
    const std::size_t m = operators.range_size(operators.local_indices()[k]);
    const auto& y_i = operators.local_measurement(y, k);
    // Zeros stand for it whatever its batch, of which a solver may have some signals left.
    require_signals(name, y_i, zero_data ? batch_size(y_i) : batch, m);
    if constexpr (requires { distances[k].require_size(m); }) distances[k].require_size(m);
    to_pack += zero_data ? 0 : packing_size(y_i);
  });
  U* memory = nullptr;
  if (to_pack > 0)
    memory =
        distances.memory()
            .packed_y.template get<U, Space>(to_pack, "misfit::DistributedDataFidelity::packed_y")
            .data();
  for (std::size_t k = 0; k < count; ++k) {
    if (zero_data) {
      data(k) = {zeros};
      continue;
    }
    const auto& y_i = operators.local_measurement(y, k);
    data(k) = {pack(exec, y_i, memory).data()};
    if (memory != nullptr) memory += packing_size(y_i);
  }
  return data;
}

}  // namespace misfit::detail
