// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The calls over a stack of operators.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/accumulate.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/evaluation/piece_call.hpp>
#include <misfit/detail/operators/measurement_of.hpp>
#include <misfit/detail/operators/vjp.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/error.hpp>
#include <misfit/measurements.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit::detail {

/// Checks this rank's measurements in `y`, an input called `name`, against the output `out`.
/// Returns memory in which each of them can be packed in turn.
template <typename Y, typename Out, typename Op>
auto check_measurements(const OperatorStack<Op>& operators, const char* name, const Y& y,
                        const char* out_name, const Out& out, ErrorContext& context) {
  using V = MeasurementView<Y>;
  using T = typename V::non_const_value_type;
  operators.require_count(y, name);
  std::size_t most = 0;
  operators.for_each_local(context, [&](std::size_t k, const Op&) {
    const auto& y_k = operators.local_measurement(y, k);
    require_signals(name, y_k, batch_size(out), operators.range_size(operators.local_indices()[k]));
    require_apart(name, y_k, out_name, out);
    most = std::max(most, packing_size(y_k));
  });
  return most > 0 ? operators.memory()
                        .packed_measurement
                        .template get<T, typename V::memory_space>(
                            most, "misfit::DistributedOperator::packed_measurement")
                        .data()
                  : nullptr;
}

template <typename X, typename Y, typename Op>
void check_forward(const OperatorStack<Op>& operators, const X& x, const Y& y, bool everywhere,
                   ErrorContext& context) {
  require_signals("x", x, batch_size(x), operators.unknowns_for(x));
  if (everywhere && y.size() != static_cast<std::size_t>(operators.size()))
    throw ArgumentError("y: has " + std::to_string(y.size()) + " measurements, there are " +
                        std::to_string(operators.size()) + " operators");
  operators.require_count(y);
  const std::size_t count =
      everywhere ? static_cast<std::size_t>(operators.size()) : operators.local_operators().size();
  const auto written = [&](std::size_t k) -> decltype(auto) {
    if (everywhere) return y[k];
    return operators.local_measurement(y, k);
  };
  std::size_t most = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const int i = everywhere ? static_cast<int>(k) : operators.local_indices()[k];
    context.operator_index = i;
    require_signals("y", written(k), batch_size(x), operators.range_size(i));
    require_apart("x", x, "y", written(k));
    most = std::max(most, packing_size(written(k)));
  }
  context.operator_index = -1;
  require_outputs_apart("y", count, written);
  using V = MeasurementView<Y>;
  operators.memory().packed_output.template get<typename V::value_type, typename V::memory_space>(
      most, "misfit::DistributedOperator::packed_output");
}

/// From packed signals of this rank's domain.
template <typename Exec, typename X, typename Y, typename Op>
void apply_local(const Exec& exec, const OperatorStack<Op>& operators, const X& signals, const Y& y,
                 ErrorContext& context) {
  operators.for_each_local(context, [&](std::size_t k, const Op& op) {
    const auto& y_i = operators.local_measurement(y, k);
    Output<MeasurementView<Y>> output;
    output.take(y_i, operators.memory().packed_output);
    for (std::size_t b = 0; b < batch_size(signals); ++b)
      op.apply(exec, signal(signals, b), signal(output.signals, b));
    output.give_back(exec, y_i);
  });
}

template <typename Exec, typename Y, typename Op>
void broadcast_measurements(const Exec& exec, const OperatorStack<Op>& operators, const Y& y) {
  for (int i = 0; i < operators.size(); ++i) {
    const auto& y_i = y[static_cast<std::size_t>(i)];
    Output<MeasurementView<Y>> output;
    output.take(y_i, operators.memory().packed_output);
    if (output.signals.data() != y_i.data()) copy_signals(exec, y_i, output.signals);
    operators.communicator().broadcast(exec, output.entries, operators.owner(i));
    output.give_back(exec, y_i);
  }
}

/// forward() where the domain is in pieces: this rank's parts of the measurements.
template <typename Exec, typename X, typename Y, typename Op>
void forward_on_pieces(const Exec& exec, const OperatorStack<Op>& operators, const Call& call,
                       const X& x, const Y& y, Scope scope) {
  using T = typename X::non_const_value_type;
  const std::size_t batch = batch_size(x);
  PieceCall<Exec, T> pieces(exec, operators.pieces(), batch);
  operators.calls().together(call, [&](ErrorContext& context) {
    check_forward(operators, x, y, false, context);
    pieces.pack_input(pack(exec, x, operators.memory().packed_input).data());
  });
  operators.calls().together(call, [&](ErrorContext& context) {
    pieces.exchange();
    const auto signals = packed_signals<typename X::const_type>(pieces.input(), batch,
                                                                operators.local_domain_size(x));
    apply_local(exec, operators, signals, y, context);
    if (scope == Scope::global) fence(exec, "misfit::DistributedOperator: y is there");
  });
}

/// sum = 0 · x, signal by signal (see zero_times()).
template <typename Exec, typename X, typename G>
void zero_times_signals(const Exec& exec, const X& x, const G& sum) {
  zero_times(exec, all_signals(x), all_signals(sum));
}

/// See DistributedOperator, as of the functions below.
template <typename Exec, typename X, typename Y, typename Op>
void forward(const Exec& exec, const OperatorStack<Op>& operators, const X& x, const Y& y,
             Scope scope) {
  const Region region("misfit::forward");
  const Call call("forward", {{"n", operators.size()},
                              {"the number of signals", static_cast<std::int64_t>(batch_size(x))},
                              {"the tag of the scalar type", type_tag<X>()}});
  if (operators.in_pieces()) return forward_on_pieces(exec, operators, call, x, y, scope);
  const bool everywhere = scope == Scope::global && !operators.in_parts();
  const auto work = [&](ErrorContext& context) {
    check_forward(operators, x, y, everywhere, context);
    apply_local(exec, operators, pack(exec, x, operators.memory().packed_input), y, context);
    if (scope == Scope::global && !everywhere)
      fence(exec, "misfit::DistributedOperator: y is there");
  };
  if (scope == Scope::local) return operators.calls().alone(call, work);
  operators.calls().together(call, work);
  if (everywhere) broadcast_measurements(exec, operators, y);
}

template <typename Exec, typename Y, typename X, typename Op>
void adjoint(const Exec& exec, const OperatorStack<Op>& operators, const Y& y, const X& x,
             Scope scope) {
  typename MeasurementView<Y>::non_const_value_type* memory = nullptr;
  Accumulation<Exec, NoSignals, X, Op>{exec, operators, "misfit::adjoint", {}, "x", x, scope}.run(
      [&](ErrorContext& context) {
        memory = check_measurements(operators, "y", y, "x", x, context);
      },
      [&](ErrorContext& context, NoSignals, const auto& sum) {
        fill(exec, typename X::value_type(0), all_signals(sum));
        operators.for_each_local(context, [&](std::size_t k, const Op& op) {
          const auto y_k = pack(exec, operators.local_measurement(y, k), memory);
          for (std::size_t b = 0; b < batch_size(x); ++b)
            op.add_adjoint(exec, signal(y_k, b), signal(sum, b));
        });
      });
}

template <typename Exec, typename X, typename R, typename G, typename Op>
void vjp(const Exec& exec, const OperatorStack<Op>& operators, const X& x, const R& r, const G& g,
         Scope scope) {
  typename MeasurementView<R>::non_const_value_type* memory = nullptr;
  Accumulation<Exec, X, G, Op>{exec, operators, "misfit::vjp", x, "g", g, scope}.run(
      [&](ErrorContext& context) {
        memory = check_measurements(operators, "r", r, "g", g, context);
      },
      [&](ErrorContext& context, const auto& signals, const auto& sum) {
        zero_times_signals(exec, signals, sum);
        operators.for_each_local(context, [&](std::size_t k, const Op& op) {
          const auto r_k = pack(exec, operators.local_measurement(r, k), memory);
          for (std::size_t b = 0; b < batch_size(g); ++b)
            add_vjp_of(op, exec, signal(signals, b), signal(r_k, b), signal(sum, b));
        });
      });
}

template <typename Exec, typename X, typename G, typename Op>
void normal(const Exec& exec, const OperatorStack<Op>& operators, const X& x, const G& g,
            Scope scope) {
  using T = typename X::non_const_value_type;
  using U = MeasurementOf<Op, T, Exec>;
  using Space = typename X::memory_space;
  Vector<U, Space> memory;
  Accumulation<Exec, X, G, Op>{exec, operators, "misfit::normal", x, "g", g, scope}.run(
      [&](ErrorContext&) {
        memory = operators.memory().measurement.template get<U, Space>(
            operators.max_local_range_size(), "misfit::DistributedOperator::workspace");
      },
      [&](ErrorContext& context, const auto& signals, const auto& sum) {
        zero_times_signals(exec, signals, sum);
        operators.for_each_local(context, [&](std::size_t k, const Op& op) {
          const Vector<U, Space> u(memory.data(),
                                   operators.range_size(operators.local_indices()[k]));
          for (std::size_t b = 0; b < batch_size(g); ++b) {
            op.apply(exec, signal(signals, b), u);
            op.add_adjoint(exec, as_const_view(u), signal(sum, b));
          }
        });
      });
}

}  // namespace misfit::detail
