// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What one operator adds to the gradient of a data fidelity at a point, to a product with its
// second derivative and to the diagonal of that.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/evaluation/accumulate.hpp>
#include <misfit/detail/evaluation/gauss_newton_weights.hpp>
#include <misfit/detail/evaluation/linearized_fidelity.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/operator_calls.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/detail/operators/gram_diagonal.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace misfit::detail {

/// The terms of this rank's operators at a point, and the memory for them. All asynchronous on the
/// exec of the point.
template <typename Exec, typename X, typename Y, typename Op, typename D>
class LinearizedTerms {
  using Point = LinearizedFidelity<Exec, X, Y, Op, D>;
  using T = typename Point::T;
  using U = typename Point::U;
  using Space = typename Point::Space;
  using AtPoint = typename Point::AtPoint;

 public:
  explicit LinearizedTerms(Point point) : point_(std::move(point)) {}

  const Point& point() const { return point_; }
  /// The data are those of before where `y` is null.
  void move_to(const X& x, const Y* y) {
    weights_.clear();
    point_.move_to(x, y);
  }

  /// Throws ArgumentError unless `out` fits the point. Returns where the data lie.
  template <typename Out>
  const DataOf<U>* check(const char* name, const Out& out, ErrorContext& context) const {
    point_.require_point();
    require_batch_of_point(name, out, point_.batch());
    for (std::size_t k = 0; k < operators().local_indices().size(); ++k)
      require_apart("y", operators().local_measurement(point_.data(), k), name, out);
    return point_.check_data(context);
  }

  /// Sets `sum` to 0 · v, or 0 where there is no v, and NaN where the point is not finite.
  template <typename V, typename Sum>
  void start(const V& v, const Sum& sum) const {
    if constexpr (std::is_same_v<V, NoSignals>) {
      for (std::size_t b = 0; b < point_.batch(); ++b) {
        using Entry = typename Sum::non_const_value_type;
        fill(exec(), Entry(static_cast<Real<Entry>>(point_.not_finite(b))), signal(sum, b));
      }
    } else {
      zero_times_signals(exec(), v, sum);
    }
  }

  /// Memory for two measurements, of which most calls use one.
  void take_memory() {
    residual_ =
        residual_memory_.template get<U, Space>(2 * largest(), "misfit::Linearization::residual")
            .data();
  }
  /// Before the terms of a gradient.
  void start_gradient() {
    if constexpr (Point::separable) point_.measurements().clear_partial_sums(exec());
  }
  /// Throws DomainError where one of them does not exist. Blocks.
  void end_gradient(ErrorContext& context) { point_.throw_if_outside(context); }

  /// Once for a point; calls `also()` on each rank where ranks agree. Collective.
  template <typename Also>
  void compute_weights(const char* name, const Also& also) {
    if (weights_.ready()) return;
    operators().calls().together({name, {}}, [&](ErrorContext& context) {
      point_.require_point();
      also();
      weights_.compute(point_, context);
    });
    weights_.set_ready();
  }
  /// After compute_weights().
  const GaussNewtonWeights<Point, X>& weights() const { return weights_; }

  /// sum += of the k-th operator of this rank: its part of the gradient, as of products below. All
  /// operators are applied before end_gradient() throws: ranks may apply them together.
  template <typename Sum>
  void add_gradient(std::size_t k, const DataOf<U>* data, const Sum& sum) {
    point_.for_measurements_of(
        k, data,
        [&](std::size_t, std::size_t b, const auto& distance, const auto& u, const auto& y) {
          const auto r = residual_of(k);
          set_gradient(distance, u, y, k, b, r);
          AtPoint::add_jacobian_adjoint(exec(), operators().local_operators()[k],
                                        point_.measurements().kept(k, b), as_const_view(r),
                                        signal(sum, b));
        });
  }
  template <typename Signals, typename Sum>
  void add_gauss_newton(std::size_t k, const Signals& v, const Sum& sum) {
    const Op& op = operators().local_operators()[k];
    for (std::size_t b = 0; b < point_.batch(); ++b) {
      const auto r = residual_of(k);
      AtPoint::apply_jacobian(exec(), op, point_.measurements().kept(k, b), signal(v, b), r);
      weight_entries(exec(), factor(), weights_of(k, b), r);
      AtPoint::add_jacobian_adjoint(exec(), op, point_.measurements().kept(k, b), as_const_view(r),
                                    signal(sum, b));
    }
  }
  template <typename Signals, typename Sum>
  void add_hessian(std::size_t k, const DataOf<U>* data, const Signals& v, const Sum& sum) {
    point_.for_measurements_of(
        k, data,
        [&](std::size_t, std::size_t b, const auto& distance, const auto& u, const auto& y) {
          const Vector<U, Space> r = residual_of(k), w(r.data() + largest(), r.extent(0));
          set_gradient(distance, u, y, k, b, r);
          copy(exec(), weights_of(k, b), w);
          multiply(exec(), factor(), w);
          operators().local_operators()[k].add_hessian(exec(), point_.measurements().kept(k, b),
                                                       as_const_view(w), as_const_view(r),
                                                       signal(v, b), signal(sum, b));
        });
  }

  /// Of real diagonals.
  template <typename Sum>
  void add_diagonal(std::size_t k, const Sum& sum) const {
    using R = Real<T>;
    for (std::size_t b = 0; b < point_.batch(); ++b) {
      const auto w = weights_of(k, b);
      const Vector<R, Space> scaled(reinterpret_cast<R*>(residual_), w.extent(0));
      real_parts(w, factor(), scaled);
      add_gram_diagonal<T, U>(exec(), operators().local_operators()[k], as_const_view(scaled),
                              signal(sum, b));
    }
  }

  /// real = `by` Re(w). Public for nvcc.
  template <typename W, typename R>
  void real_parts(const W& w, double by, const R& real) const {
    for_entries(
        exec(), "misfit::Linearization::real_parts", real.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) {
          real(j) = static_cast<Real<U>>(by * real_part(w(j)));
        });
  }

 private:
  const Exec& exec() const { return point_.exec(); }
  const OperatorStack<Op>& operators() const { return point_.operators(); }
  double factor() const { return point_.distances().factor(operators().size()); }
  std::size_t largest() const { return operators().max_local_range_size(); }

  Vector<U, Space> residual_of(std::size_t k) const {
    return Vector<U, Space>(residual_, operators().range_size(operators().local_indices()[k]));
  }

  // r = factor ∇d.
  template <typename Distance, typename V>
  void set_gradient(const Distance& distance, const V& u, const V& y, std::size_t k, std::size_t b,
                    const Vector<U, Space>& r) {
    if constexpr (Point::separable) {
      using Entry = DistanceEntry<Quantity::gradient, Distance, V, V, Vector<U, Space>>;
      sum_tiles(exec(), "misfit::Linearization::gradient", Tiles(u.extent(0)),
                Entry{distance, u, y, r, static_cast<Real<U>>(factor())},
                point_.measurements().partial_sums(k, b));
    } else {
      misfit::gradient(exec(), distance, u, y, r, factor());
    }
  }

  Vector<const U, Space> weights_of(std::size_t k, std::size_t b) const {
    return weights_.of(point_, k, b);
  }

  Point point_;
  GaussNewtonWeights<Point, X> weights_;
  U* residual_ = nullptr;
  Workspace residual_memory_;
};

}  // namespace misfit::detail
