// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/distributed_operator.hpp>

#include <algorithm>
#include <cmath>

namespace misfit {

template <typename Op>
void DistributedOperator<Op>::exchange_sizes() {
  const std::size_t n = owners_.size();
  std::vector<std::int64_t> sizes;
  communicator_.together({"DistributedOperator", {}}, [&](detail::Place& place) {
    sizes.assign(2 * n, 0);
    range_sizes_.resize(n);
    for (std::size_t k = 0; k < local_.size(); ++k) {
      place.operator_index = indices_[k];
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
void DistributedOperator<Op>::accumulate(const Exec& exec, const char* name, const Out& out,
                                         Scope scope, Work&& work) const {
  const detail::Region region(name);
  const detail::Call call(
      name, {{"n", size()},
             {"the number of unknowns", static_cast<std::int64_t>(detail::signal_size(out))},
             {"the number of signals", static_cast<std::int64_t>(detail::batch_size(out))},
             {"the tag of the scalar type", detail::type_tag<Out>()}});
  if (scope == Scope::local) {
    communicator_.alone(call, work);
  } else {
    communicator_.sum_together(exec, call, work, {}, detail::all_signals(out));
  }
}

template <typename Op>
template <ExecutionSpace Exec, SignalsOn<Exec> X, MeasurementList Y>
void DistributedOperator<Op>::forward(const Exec& exec, const X& x, const Y& y, Scope scope) const {
  const detail::Region region("misfit::forward");
  const std::size_t batch = detail::batch_size(x);
  const auto work = [&](detail::Place& place) {
    detail::require_signals("x", x, batch, size() > 0 ? domain_size_ : detail::signal_size(x));
    if (scope == Scope::global && y.size() != owners_.size())
      throw ArgumentError("y: has " + std::to_string(y.size()) + " measurements, there are " +
                          std::to_string(size()) + " operators");
    require_count(y);
    if (scope == Scope::global)
      for (int i = 0; i < size(); ++i) {
        place.operator_index = i;
        detail::require_signals("y", y[static_cast<std::size_t>(i)], batch, range_size(i));
      }
    for (std::size_t k = 0; k < local_.size(); ++k) {
      place.operator_index = indices_[k];
      const auto& y_i = local_measurement(y, k);
      detail::require_signals("y", y_i, batch, range_size(indices_[k]));
      for (std::size_t b = 0; b < batch; ++b)
        local_[k].apply(exec, detail::signal(detail::as_const_view(x), b), detail::signal(y_i, b));
    }
  };
  const detail::Call call("forward", {{"n", size()},
                                      {"the number of signals", static_cast<std::int64_t>(batch)},
                                      {"the tag of the scalar type", detail::type_tag<X>()}});
  if (scope == Scope::local) {
    communicator_.alone(call, work);
    return;
  }
  communicator_.together(call, work);
  for (int i = 0; i < size(); ++i)
    communicator_.broadcast(exec, detail::all_signals(y[static_cast<std::size_t>(i)]), owner(i));
}

template <typename Op>
template <ExecutionSpace Exec, MeasurementList Y, SignalsOn<Exec> X>
void DistributedOperator<Op>::adjoint(const Exec& exec, const Y& y, const X& x, Scope scope) const {
  using Space = typename X::memory_space;
  static_assert(
      requires(const Op& a, Vector<const typename MeasurementView<Y>::value_type, Space> r,
               Vector<typename X::value_type, Space> g) { a.apply_adjoint(exec, r, g); },
      "misfit: adjoint() needs linear operators; for others there is vjp()");
  accumulate(exec, "adjoint", x, scope, [&](detail::Place& place) {
    const std::size_t batch = detail::batch_size(x);
    detail::require_signals("x", x, batch, size() > 0 ? domain_size_ : detail::signal_size(x));
    require_count(y);
    Kokkos::deep_copy(exec, detail::all_signals(x), typename X::value_type(0));
    for (std::size_t k = 0; k < local_.size(); ++k) {
      place.operator_index = indices_[k];
      const auto& y_i = local_measurement(y, k);
      detail::require_signals("y", y_i, batch, range_size(indices_[k]));
      for (std::size_t b = 0; b < batch; ++b)
        local_[k].apply_adjoint(exec, detail::signal(detail::as_const_view(y_i), b),
                                detail::signal(x, b));
    }
    detail::fence(exec, "misfit::DistributedOperator::adjoint: blocks");
  });
}

template <typename Op>
template <ExecutionSpace Exec, SignalsOn<Exec> X, MeasurementList R, SignalsOn<Exec> G>
void DistributedOperator<Op>::vjp(const Exec& exec, const X& x, const R& r, const G& g,
                                  Scope scope) const {
  accumulate(exec, "vjp", g, scope, [&](detail::Place& place) {
    const std::size_t batch = detail::batch_size(g);
    const std::size_t n = size() > 0 ? domain_size_ : detail::signal_size(g);
    detail::require_signals("x", x, batch, n);
    detail::require_signals("g", g, batch, n);
    detail::require_apart("x", x, "g", g);
    require_count(r);
    for (std::size_t b = 0; b < batch; ++b)
      detail::zero_times(exec, detail::signal(detail::as_const_view(x), b), detail::signal(g, b));
    for (std::size_t k = 0; k < local_.size(); ++k) {
      place.operator_index = indices_[k];
      const auto& r_i = local_measurement(r, k);
      detail::require_signals("r", r_i, batch, range_size(indices_[k]));
      for (std::size_t b = 0; b < batch; ++b)
        detail::add_vjp(local_[k], exec, detail::signal(detail::as_const_view(x), b),
                        detail::signal(detail::as_const_view(r_i), b), detail::signal(g, b));
    }
    detail::fence(exec, "misfit::DistributedOperator::vjp: blocks");
  });
}

template <typename Op>
template <ExecutionSpace Exec, SignalsOn<Exec> X, SignalsOn<Exec> G>
void DistributedOperator<Op>::normal(const Exec& exec, const X& x, const G& g, Scope scope) const {
  using T = typename X::non_const_value_type;
  accumulate(exec, "normal", g, scope, [&](detail::Place& place) {
    const std::size_t batch = detail::batch_size(g);
    const std::size_t n = size() > 0 ? domain_size_ : detail::signal_size(g);
    detail::require_signals("x", x, batch, n);
    detail::require_signals("g", g, batch, n);
    detail::require_apart("x", x, "g", g);
    const auto workspace = workspace_.get<T, typename X::memory_space>(
        max_local_range_size_, "misfit::DistributedOperator::workspace");
    for (std::size_t b = 0; b < batch; ++b)
      detail::zero_times(exec, detail::signal(detail::as_const_view(x), b), detail::signal(g, b));
    for (std::size_t k = 0; k < local_.size(); ++k) {
      place.operator_index = indices_[k];
      const Vector<T, typename X::memory_space> u(workspace.data(), range_size(indices_[k]));
      for (std::size_t b = 0; b < batch; ++b) {
        local_[k].apply(exec, detail::signal(detail::as_const_view(x), b), u);
        local_[k].apply_adjoint(exec, detail::as_const_view(u), detail::signal(g, b));
      }
    }
    detail::fence(exec, "misfit::DistributedOperator::normal: blocks");
  });
}

}  // namespace misfit
