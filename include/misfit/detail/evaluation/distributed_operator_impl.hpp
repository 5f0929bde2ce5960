// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/distributed_operator.hpp>

#include <algorithm>
#include <cmath>

namespace misfit {

template <typename Op>
void DistributedOperator<Op>::exchange_sizes() {
  const std::size_t n = owners_.size();
  std::vector<std::int64_t> sizes;
  communicator_.together({"DistributedOperator", {}}, [&](detail::ErrorContext& context) {
    sizes.assign(2 * n, 0);
    range_sizes_.resize(n);
    for (std::size_t k = 0; k < local_.size(); ++k) {
      context.operator_index = indices_[k];
      const auto i = static_cast<std::size_t>(indices_[k]);
      sizes[i] = static_cast<std::int64_t>(local_[k].range_size());
      sizes[n + i] = static_cast<std::int64_t>(local_[k].domain_size());
      max_local_range_size_ =
          std::max(max_local_range_size_, static_cast<std::size_t>(local_[k].range_size()));
    }
    if constexpr (requires(const Op& op) { op.rows_at_once(); })
      row_plan_ = detail::RowPlan(local_.data(), local_.size());
  });
  communicator_.sum(sizes.data(), sizes.size());

  // From here on all ranks have the same numbers, so that they throw together without another word.
  for (std::size_t i = 0; i < n; ++i)
    if (sizes[n + i] != sizes[n])
      detail::rethrow({detail::Failure::Kind::argument, owners_[i], static_cast<int>(i), 0,
                       "DistributedOperator: rank " + std::to_string(owners_[i]) + ", operator " +
                           std::to_string(i) + ": domain size is " + std::to_string(sizes[n + i]) +
                           ", that of operator 0 is " + std::to_string(sizes[n])});
  std::copy_n(sizes.begin(), n, range_sizes_.begin());
  domain_size_ = n > 0 ? static_cast<std::size_t>(sizes[n]) : 0;
}

template <typename Op>
template <typename Exec, typename Out, typename Work>
void DistributedOperator<Op>::accumulate(const Exec& exec, const char* region, const char* name,
                                         const Out& out, Scope scope, Work&& work) const {
  const detail::Region in_profiles(region);
  const detail::Call call(
      detail::name_in(region),
      {{"n", size()},
       {"the number of unknowns", static_cast<std::int64_t>(detail::signal_size(out))},
       {"the number of signals", static_cast<std::int64_t>(detail::batch_size(out))},
       {"the tag of the scalar type", detail::type_tag<Out>()}});
  detail::Output<Out> output;
  const auto on_output = [&](detail::ErrorContext& context) {
    detail::require_signals(name, out, detail::batch_size(out), unknowns_for(out));
    output.take(out, packed_output_);
    work(context, output.signals);
    context.operator_index = -1;
    detail::fence(exec, "misfit::DistributedOperator: this rank's part is ready");
  };
  if (scope == Scope::local)
    communicator_.alone(call, on_output);
  else
    communicator_.sum_together(exec, call, on_output, {}, output.entries);
  output.give_back(exec, out);
}

template <typename Op>
template <typename Y, typename Out>
auto DistributedOperator<Op>::check_measurements(const char* name, const Y& y, const char* out_name,
                                                 const Out& out, detail::ErrorContext& context) const {
  using V = MeasurementView<Y>;
  using T = typename V::non_const_value_type;
  require_count(y);
  std::size_t most = 0;
  for (std::size_t k = 0; k < local_.size(); ++k) {
    context.operator_index = indices_[k];
    const auto& y_k = local_measurement(y, k);
    detail::require_signals(name, y_k, detail::batch_size(out), range_size(indices_[k]));
    detail::require_apart(name, y_k, out_name, out);
    most = std::max(most, detail::packing_size(y_k));
  }
  context.operator_index = -1;
  return most > 0 ? packed_measurement_
                        .get<T, typename V::memory_space>(
                            most, "misfit::DistributedOperator::packed_measurement")
                        .data()
                  : nullptr;
}

template <typename Op>
template <ExecutionSpace Exec, typename X, typename Y>
void DistributedOperator<Op>::forward(const Exec& exec, const X& x, const Y& y, Scope scope) const {
  static_assert(detail::SignalsArgument<detail::argument::x, X, Exec>::valid &&
                detail::MeasurementsOutput<detail::argument::y, Y, Exec>::valid &&
                detail::Applied<Op, X, Y, Exec>::valid);
  const detail::Region region("misfit::forward");
  const std::size_t batch = detail::batch_size(x);
  const bool everywhere = scope == Scope::global;
  const auto work = [&](detail::ErrorContext& context) {
    detail::require_signals("x", x, batch, unknowns_for(x));
    if (everywhere && y.size() != owners_.size())
      throw ArgumentError("y: has " + std::to_string(y.size()) + " measurements, there are " +
                          std::to_string(size()) + " operators");
    require_count(y);
    const std::size_t count = everywhere ? owners_.size() : local_.size();
    const auto written = [&](std::size_t k) -> decltype(auto) {
      if (everywhere) return y[k];
      return local_measurement(y, k);
    };
    std::size_t most = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const int i = everywhere ? static_cast<int>(k) : indices_[k];
      context.operator_index = i;
      detail::require_signals("y", written(k), batch, range_size(i));
      detail::require_apart("x", x, "y", written(k));
      most = std::max(most, detail::packing_size(written(k)));
    }
    context.operator_index = -1;
    detail::require_outputs_apart("y", count, written);
    using View = MeasurementView<Y>;
    packed_output_.get<typename View::value_type, typename View::memory_space>(
        most, "misfit::DistributedOperator::packed_output");
    const auto signals = detail::pack(exec, x, packed_input_);
    for (std::size_t k = 0; k < local_.size(); ++k) {
      context.operator_index = indices_[k];
      const auto& y_i = local_measurement(y, k);
      detail::Output<MeasurementView<Y>> output;
      output.take(y_i, packed_output_);
      for (std::size_t b = 0; b < batch; ++b)
        local_[k].apply(exec, detail::signal(signals, b), detail::signal(output.signals, b));
      output.give_back(exec, y_i);
    }
  };
  const detail::Call call("forward", {{"n", size()},
                                      {"the number of signals", static_cast<std::int64_t>(batch)},
                                      {"the tag of the scalar type", detail::type_tag<X>()}});
  if (!everywhere) {
    communicator_.alone(call, work);
    return;
  }
  communicator_.together(call, work);
  for (int i = 0; i < size(); ++i) {
    const auto& y_i = y[static_cast<std::size_t>(i)];
    detail::Output<MeasurementView<Y>> output;
    output.take(y_i, packed_output_);
    if (output.signals.data() != y_i.data()) Kokkos::deep_copy(exec, output.signals, y_i);
    communicator_.broadcast(exec, output.entries, owner(i));
    output.give_back(exec, y_i);
  }
}

template <typename Op>
template <ExecutionSpace Exec, typename Y, typename X>
void DistributedOperator<Op>::adjoint(const Exec& exec, const Y& y, const X& x, Scope scope) const {
  static_assert(detail::MeasurementsArgument<detail::argument::y, Y, Exec>::valid &&
                detail::OutputArgument<detail::argument::x, X, Exec>::valid &&
                detail::Linear<Op, X, Y, Exec>::valid);
  accumulate(exec, "misfit::adjoint", "x", x, scope, [&](detail::ErrorContext& context, const auto& sum) {
    auto* const memory = check_measurements("y", y, "x", x, context);
    Kokkos::deep_copy(exec, sum, typename X::value_type(0));
    for (std::size_t k = 0; k < local_.size(); ++k) {
      context.operator_index = indices_[k];
      const auto y_k = detail::pack(exec, local_measurement(y, k), memory);
      for (std::size_t b = 0; b < detail::batch_size(x); ++b)
        local_[k].add_adjoint(exec, detail::signal(y_k, b), detail::signal(sum, b));
    }
  });
}

template <typename Op>
template <ExecutionSpace Exec, typename X, typename R, typename G>
void DistributedOperator<Op>::vjp(const Exec& exec, const X& x, const R& r, const G& g,
                                  Scope scope) const {
  static_assert(detail::SignalsArgument<detail::argument::x, X, Exec>::valid &&
                detail::MeasurementsArgument<detail::argument::r, R, Exec>::valid &&
                detail::OutputArgument<detail::argument::g, G, Exec>::valid &&
                detail::SameScalar<X, G>::valid && detail::Differentiated<Op, X, R, Exec>::valid);
  accumulate(exec, "misfit::vjp", "g", g, scope, [&](detail::ErrorContext& context, const auto& sum) {
    const std::size_t batch = detail::batch_size(g);
    detail::require_signals("x", x, batch, unknowns_for(g));
    detail::require_apart("x", x, "g", g);
    auto* const memory = check_measurements("r", r, "g", g, context);
    const auto signals = detail::pack(exec, x, packed_input_);
    for (std::size_t b = 0; b < batch; ++b)
      detail::zero_times(exec, detail::signal(signals, b), detail::signal(sum, b));
    for (std::size_t k = 0; k < local_.size(); ++k) {
      context.operator_index = indices_[k];
      const auto r_k = detail::pack(exec, local_measurement(r, k), memory);
      for (std::size_t b = 0; b < batch; ++b)
        detail::add_vjp_of(local_[k], exec, detail::signal(signals, b), detail::signal(r_k, b),
                        detail::signal(sum, b));
    }
  });
}

template <typename Op>
template <ExecutionSpace Exec, typename X, typename G>
void DistributedOperator<Op>::normal(const Exec& exec, const X& x, const G& g, Scope scope) const {
  using T = typename X::non_const_value_type;
  static_assert(detail::SignalsArgument<detail::argument::x, X, Exec>::valid &&
                detail::OutputArgument<detail::argument::g, G, Exec>::valid &&
                detail::SameScalar<X, G>::valid &&
                detail::Linear<Op, X, std::vector<X>, Exec>::valid);
  accumulate(exec, "misfit::normal", "g", g, scope, [&](detail::ErrorContext& context, const auto& sum) {
    const std::size_t batch = detail::batch_size(g);
    detail::require_signals("x", x, batch, unknowns_for(g));
    detail::require_apart("x", x, "g", g);
    const auto signals = detail::pack(exec, x, packed_input_);
    const auto workspace = workspace_.get<T, typename X::memory_space>(
        max_local_range_size_, "misfit::DistributedOperator::workspace");
    for (std::size_t b = 0; b < batch; ++b)
      detail::zero_times(exec, detail::signal(signals, b), detail::signal(sum, b));
    for (std::size_t k = 0; k < local_.size(); ++k) {
      context.operator_index = indices_[k];
      const Vector<T, typename X::memory_space> u(workspace.data(), range_size(indices_[k]));
      for (std::size_t b = 0; b < batch; ++b) {
        local_[k].apply(exec, detail::signal(signals, b), u);
        local_[k].add_adjoint(exec, detail::as_const_view(u), detail::signal(sum, b));
      }
    }
  });
}

}  // namespace misfit
