// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/distances/rounding.hpp>
#include <misfit/detail/evaluation/check_arguments.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/evaluation_sums.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/evaluation/piece_call.hpp>
#include <misfit/detail/evaluation/predicted_measurements.hpp>
#include <misfit/detail/evaluation/squared_norms.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>
#include <misfit/measurements.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace misfit::detail {

/// A data fidelity at a point x: what its operators made of x, and the values of their distances.
/// Borrows the distances and the operators.
template <typename Exec, typename X, typename Y, typename Op, typename D>
class LinearizedFidelity {
 public:
  using T = typename X::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;
  using Space = typename Exec::memory_space;
  using AtPoint = Linearized<Op, T, U, Exec>;
  static constexpr bool separable = SeparableDistance<D, U>;

  LinearizedFidelity(const Exec& exec, const DistanceStack<D>& distances,
                     const OperatorStack<Op>& operators)
      : exec_(exec), distances_(&distances), operators_(&operators) {}
  LinearizedFidelity(LinearizedFidelity&&) noexcept = default;
  LinearizedFidelity& operator=(LinearizedFidelity&&) noexcept = default;

  /// With the data of before where `y` is null. Collective; blocks. After an error there is no
  /// point until the next call.
  void move_to(const X& x, const Y* y) {
    const Region region("misfit::at");
    has_point_.set = false;
    const Call call("at", {{"n", operators().size()},
                           {"the number of unknowns", operators().agreed_unknowns(x)},
                           {"the number of signals", static_cast<std::int64_t>(batch_size(x))},
                           {"the tag of the scalar type", type_tag<X>()},
                           {"the reduction", static_cast<std::int64_t>(distances().reduction())},
                           {"the kind of sum", static_cast<std::int64_t>(distances().sum())}});
    // Values travel one by one, and are the same for whole operators whoever has them.
    if (tree_memory() != nullptr)
      operators().tree_order(call, [&] { check_arguments_of(x, y == nullptr ? *y_ : *y); });
    PieceCall<Exec, T> pieces(exec_, operators().pieces(), batch_size(x));
    Packed<typename X::const_type> signals;
    const auto before = [&](ErrorContext& context) {
      signals = prepare(x, y, context);
      if (operators().in_pieces()) pieces.pack_input(signals.data());
    };
    // Ranks agree first where they exchange something next.
    if (operators().in_pieces()) operators().calls().together(call, before);
    const auto work = [&](ErrorContext& context) {
      if (!operators().in_pieces()) before(context);
      if (operators().in_pieces()) pieces.exchange();
      evaluate(operators().in_pieces() ? pieces.input() : signals.data(),
               operators().local_domain_size(x), context);
    };
    operators().calls().sum_together(call, work, sums_over_ranks_);
    has_point_.set = true;
    distances().count_pass(operators().size(), operators().size());
  }

  /// f of signal b.
  double value(std::size_t b) const {
    require_point();
    double sum = 0;
    for (std::size_t i = 0; i < operator_count(); ++i) sum += values_[i * batch_ + b];
    return distances().factor(operators().size()) * sum + not_finite(b);
  }
  /// d_i(A_i x, y_i) of all operators, those of the signals of one behind each other.
  std::vector<double> values() const {
    require_point();
    std::vector<double> all(values_.begin(), values_.end() - static_cast<std::ptrdiff_t>(batch_));
    for (std::size_t k = 0; k < all.size(); ++k) all[k] += not_finite(k % batch_);
    return all;
  }
  /// 0 where signal b is finite on all ranks, else NaN.
  double not_finite(std::size_t b) const { return values_[operator_count() * batch_ + b]; }

  const Exec& exec() const { return exec_; }
  const DistanceStack<D>& distances() const { return *distances_; }
  const OperatorStack<Op>& operators() const { return *operators_; }
  std::size_t batch() const { return batch_; }
  /// See DistanceStack.
  TreeMemory* tree_memory() const { return distances().tree_memory(operators().size()); }
  const Y& data() const { return *y_; }
  /// Throws ArgumentError where the last move_to() has failed.
  void require_point() const {
    if (!has_point_.set)
      throw ArgumentError(
          "there is no point: the last call of move_to() has failed, or this was moved from");
  }
  /// Where the data of this rank lie. Inside of agreed work.
  const DataOf<U>* check_data(ErrorContext& context) const {
    return detail::check_data<U>(exec_, distances(), *y_, operators(), batch_, false, context)
        .data();
  }

  /// A_k x_b of this rank's operators k, and what belongs to them.
  const PredictedMeasurements<Op, T, U, Exec>& measurements() const { return measurements_; }

  /// visit(k, b, distance, u, y) for all measurements of this rank, with the distance as it is to
  /// be taken of u.
  template <typename Visit>
  void for_each_measurement(const DataOf<U>* data, ErrorContext& context,
                            const Visit& visit) const {
    operators().for_each_local(
        context, [&](std::size_t k, const Op&) { for_measurements_of(k, data, visit); });
  }
  /// The same for those of the k-th operator.
  template <typename Visit>
  void for_measurements_of(std::size_t k, const DataOf<U>* data, const Visit& visit) const {
    const Op& op = operators().local_operators()[k];
    for (std::size_t b = 0; b < batch_; ++b) {
      const auto u = measurements_.predicted(k, b);
      const Vector<const U, Space> y(data[k].entries + b * u.extent(0), u.extent(0));
      const auto& distance = with_rounding_of(exec_, op, distances()[k],
                                              squares_ == nullptr ? nullptr : squares_ + b, u, y);
      visit(k, b, distance, Vector<const U, Space>(u), y);
    }
  }

  /// Throws the DomainError of the first operator of which a pass has counted entries outside.
  void throw_if_outside(ErrorContext& context) {
    if constexpr (separable) {
      const PartialSum* const all = measurements_.totals(exec_);
      for (std::size_t k = 0; k < operators().local_indices().size(); ++k)
        for (std::size_t b = 0; b < batch_; ++b)
          if (all[k * batch_ + b].outside > 0) {
            context.operator_index = operators().local_indices()[k];
            throw_outside(all[k * batch_ + b].outside);
          }
    }
  }

 private:
  std::size_t operator_count() const { return static_cast<std::size_t>(operators().size()); }

  void check_arguments_of(const X& x, const Y& y) const {
    check_arguments(distances(), "x", x, y, operators(), "", NoOutput{});
  }
  Packed<typename X::const_type> prepare(const X& x, const Y* y, ErrorContext& context) {
    require_whole_measurements<D, U>(operators());
    if (y != nullptr) y_.emplace(*y);
    check_arguments_of(x, *y_);
    batch_ = batch_size(x);
    measurements_.reserve(operators().local_operators(), batch_);
    squares_memory_.template get<double, Space>(batch_, "misfit::Linearization::squares");
    values_.assign(operator_count() * batch_ + batch_, 0.0);
    sums_over_ranks_ = values_;
    data_ = check_data(context);
    return pack(exec_, x, distances().memory().packed_x);
  }

  /// A_i x and their distances; x of this rank's domain.
  void evaluate(const T* x, std::size_t unknowns, ErrorContext& context) {
    const auto& indices = operators().local_indices();
    for (std::size_t b = 0; b < batch_; ++b)
      values_[operator_count() * batch_ + b] =
          zero_or_nan_of(exec_, Vector<const T, Space>(x + b * unknowns, unknowns));
    squares_ = squares_of(x, unknowns);
    operators().for_each_local(context, [&](std::size_t k, const Op& op) {
      for (std::size_t b = 0; b < batch_; ++b)
        AtPoint::linearize(exec_, op, Vector<const T, Space>(x + b * unknowns, unknowns),
                           measurements_.predicted(k, b), measurements_.kept(k, b));
    });
    if constexpr (separable) measurements_.clear_partial_sums(exec_);
    for_each_measurement(
        data_, context,
        [&](std::size_t k, std::size_t b, const auto& distance, const auto& u, const auto& y) {
          if constexpr (separable) {
            using Entry = DistanceEntry<Quantity::value, std::remove_cvref_t<decltype(distance)>,
                                        Vector<const U, Space>, Vector<const U, Space>, NoOutput>;
            sum_tiles(exec_, "misfit::Linearization::distance", Tiles(u.extent(0)),
                      Entry{distance, u, y, {}, 1}, measurements_.partial_sums(k, b));
          } else {
            values_[static_cast<std::size_t>(indices[k]) * batch_ + b] =
                misfit::value(exec_, distance, u, y);
          }
        });
    if constexpr (separable) {
      const PartialSum* const all = measurements_.totals(exec_);
      for (std::size_t k = 0; k < indices.size(); ++k)
        for (std::size_t b = 0; b < batch_; ++b)
          values_[static_cast<std::size_t>(indices[k]) * batch_ + b] = all[k * batch_ + b].value;
    }
    fence(exec_, "misfit::Linearization: this rank's part is ready");
  }

  const double* squares_of(const T* x, std::size_t unknowns) {
    const LocalProblem<Op, D, T, U> problem{
        .x = x,
        .gradient = nullptr,
        .unknowns = static_cast<std::int64_t>(unknowns),
        .batch = static_cast<std::int64_t>(batch_),
        .operators = operators().local_operators().data(),
        .distances = distances().data(),
        .data = nullptr,
        .count = static_cast<std::int64_t>(operators().local_operators().size()),
        .one_distance = distances().shared(),
        .zero_data = false,
        .factor = 1.0};
    return squares_for_rounding(exec_, problem, squares_memory_);
  }

  // Which an object that was moved from has not.
  struct Flag {
    Flag() = default;
    Flag(Flag&& other) noexcept : set(std::exchange(other.set, false)) {}
    Flag& operator=(Flag&& other) noexcept {
      set = std::exchange(other.set, false);
      return *this;
    }
    bool set = false;
  };

  Exec exec_;
  const DistanceStack<D>* distances_;
  const OperatorStack<Op>* operators_;
  std::optional<Y> y_;
  Flag has_point_;
  std::size_t batch_ = 1;
  PredictedMeasurements<Op, T, U, Exec> measurements_;
  const DataOf<U>* data_ = nullptr;
  const double* squares_ = nullptr;
  std::vector<double> values_;  // of the operators of all ranks; of each signal, 0 or NaN
  std::span<double> sums_over_ranks_;
  Workspace squares_memory_;
};

}  // namespace misfit::detail
