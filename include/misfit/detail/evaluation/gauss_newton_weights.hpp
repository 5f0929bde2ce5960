// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/gauss_newton_distance.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace misfit::detail {

/// The second derivatives of the distances at a Point, a LinearizedFidelity of signals like X.
template <typename Point, typename X>
class GaussNewtonWeights {
  using U = typename Point::U;
  using Space = typename Point::Space;

 public:
  using Weights = decltype(packed_signals<X>(static_cast<const U*>(nullptr), 0, 0));

  bool ready() const { return ready_; }
  void clear() { ready_ = false; }

  /// Computes them of all measurements of this rank. Blocks. Throws DomainError where a distance
  /// has none. Inside of agreed work; ready() is set when all ranks have theirs.
  void compute(Point& point, ErrorContext& context) {
    memory_ = workspace_
                  .template get<U, Space>(point.measurements().entries(),
                                          "misfit::Linearization::weights")
                  .data();
    if constexpr (Point::separable)
      point.measurements().clear_partial_sums(point.exec());
    else
      real_.template get<Real<U>, Space>(point.operators().max_local_range_size(),
                                         "misfit::Linearization::weights");
    list(point);
    point.for_each_measurement(
        point.check_data(context), context,
        [&](std::size_t k, std::size_t b, const auto& distance, const auto& u, const auto& y) {
          set(point, distance, u, y, k, b);
        });
    point.throw_if_outside(context);
    fence(point.exec(), "misfit::Linearization: the weights are there");
  }
  void set_ready() { ready_ = true; }

  /// Those of signal b of the k-th measurement: real numbers of type U.
  Vector<const U, Space> of(const Point& point, std::size_t k, std::size_t b) const {
    return point.measurements().part_of(memory_, k, b);
  }
  /// All of them, as a list of measurements.
  const std::vector<Weights>& all() const { return all_; }

  /// How many second derivatives of a finite u are NaN: it is outside the domain. Blocks; public
  /// for nvcc, as what follows.
  template <typename Exec, typename R, typename V>
  static double outside(const Exec& exec, const R& real, const V& u) {
    return wide_sum(
        exec, "misfit::Linearization::weights", real.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) {
          const bool finite = zero_or_nan(u(j)) == 0, nan = !(real(j) == real(j));
          return finite && nan ? 1.0 : 0.0;
        });
  }

  /// w = real.
  template <typename Exec, typename R, typename W>
  static void copy_real(const Exec& exec, const R& real, const W& w) {
    for_entries(
        exec, "misfit::Linearization::weights", real.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) { w(j) = U(real(j)); });
  }

 private:
  template <typename Distance, typename V>
  void set(Point& point, const Distance& distance, const V& u, const V& y, std::size_t k,
           std::size_t b) {
    const auto w = point.measurements().part_of(memory_, k, b);
    if constexpr (Point::separable) {
      sum_tiles(point.exec(), "misfit::Linearization::weights", Tiles(u.extent(0)),
                SecondDerivativeEntry<Distance, V, V, Vector<U, Space>>{distance, u, y, w},
                point.measurements().partial_sums(k, b));
    } else {
      const auto real =
          real_.template get<Real<U>, Space>(u.extent(0), "misfit::Linearization::weights");
      misfit::second_derivative(point.exec(), distance, u, y, real);
      if (const double count = outside(point.exec(), real, u); count > 0) throw_outside(count);
      copy_real(point.exec(), real, w);
    }
  }
  void list(const Point& point) {
    all_.clear();
    for (std::size_t k = 0; k < point.operators().local_indices().size(); ++k) {
      const auto w = of(point, k, 0);
      all_.push_back(packed_signals<X>(w.data(), point.batch(), w.extent(0)));
    }
  }

  bool ready_ = false;
  U* memory_ = nullptr;
  std::vector<Weights> all_;
  Workspace workspace_, real_;
};

}  // namespace misfit::detail
