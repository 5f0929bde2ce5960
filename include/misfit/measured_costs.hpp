// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/evaluation/argument_types.hpp>
#include <misfit/detail/evaluation/factories.hpp>
#include <misfit/detail/evaluation/least_time.hpp>
#include <misfit/detail/operators/measurement_of.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/partition.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <cstddef>
#include <span>
#include <vector>

namespace misfit {

namespace detail {

/// The time that `op` takes forward and, where it has them, for its adjoint or derivative, on a
/// signal of T that is 1 everywhere [s].
template <typename T, typename Exec, typename Op>
double cost_of(const Exec& exec, const Op& op) {
  using U = MeasurementOf<Op, T, Exec>;
  using X = Vector<T, typename Exec::memory_space>;
  using Y = Vector<U, typename Exec::memory_space>;
  const X x("misfit::measured_costs::x", op.domain_size());
  const X g("misfit::measured_costs::g", op.domain_size());
  const Y y("misfit::measured_costs::y", op.range_size());
  Kokkos::deep_copy(exec, x, T(1));
  return least_time([&] {
    op.apply(exec, as_const_view(x), y);
    if constexpr (LinearOperator<Op, T, U, Exec> || DifferentiableOperator<Op, T, U, Exec>)
      add_vjp_of(op, exec, as_const_view(x), as_const_view(y), g);
    fence(exec, "misfit::measured_costs: an operator is timed");
  });
}

}  // namespace detail

/// What the operators 0 … n − 1 cost, for Partition::split() and Partition::balanced(): the time of
/// each, forward and adjoint (or derivative), on signals of type `T` [s]. The same on all ranks.
///
/// Rank r makes the operators r, r + P, …, by factory(i) or factory(i, k) as for a
/// DistributedOperator, and has one of them at a time. Each is applied twice at least, and until 20
/// ms are over; the least time counts. Times, and so the parts of a split and the last bits of what
/// it computes, differ from run to run: keep the costs where bits must not. Collective over `comm`;
/// blocks. Throws ArgumentError if n is negative or differs between ranks, or an AnyOperator has
/// neither adjoint nor derivative, CallbackError if a factory or an operator throws something else.
template <Scalar T = double, ExecutionSpace Exec, detail::Factory Factory>
  requires(!detail::FactoryOfRows<Factory>)
std::vector<double> measured_costs(const Exec& exec, MPI_Comm comm, int n, Factory&& factory) {
  using Op = detail::MadeBy<Factory>;
  static_assert(detail::OperatorArgument<Op>::valid);
  using X = Vector<T, typename Exec::memory_space>;
  using Y = Vector<detail::MeasurementOf<Op, T, Exec>, typename Exec::memory_space>;
  static_assert(detail::Applied<Op, X, std::vector<Y>, Exec>::valid);

  const detail::CollectiveCalls calls(comm);
  std::vector<double> costs;
  std::span<double> values;
  calls.sum_together(
      {"measured_costs", {{"n", n}, {"the tag of the scalar type", detail::type_tag<X>()}}},
      [&](detail::ErrorContext& context) {
        const auto own = Partition::round_robin(n).local_indices(calls.rank(), calls.size());
        costs.assign(static_cast<std::size_t>(n), 0.0);
        for (std::size_t k = 0; k < own.size(); ++k) {
          context.operator_index = own[k];
          const auto& op = detail::make(factory, own[k], k);
          costs[static_cast<std::size_t>(own[k])] = detail::cost_of<T>(exec, op);
        }
        values = costs;
      },
      values);
  return costs;
}

}  // namespace misfit
