// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/distances/log_poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/operators/radon.hpp>
#include <misfit/partition.hpp>
#include <misfit/shape.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <vector>

/// Whether a rank has a slab of the volume, and a part of all projections of it; or the whole
/// volume, and some of the projections.
enum class Volume { slabs, whole };

/// What all methods minimise: f(x) = Σ d(A_i x, y_i) + weight/2 |x|² over x ≥ 0, the projections of
/// a volume.
struct Scan {
  using Exec = Kokkos::DefaultExecutionSpace;
  using Image = Kokkos::View<double*>;
  using Data = Kokkos::View<double*, Exec::memory_space>;

  static constexpr int operators = 12;  ///< each with every twelfth angle
  static constexpr int subsets = 6;     ///< of two operators each
  static constexpr double photons = 1e4, attenuation = 0.04, weight = 0.5;

  Scan(Volume volume, std::size_t slices, std::size_t pixels, int angles);

  /// What this rank has of x = 0.
  Image start() const { return Image("x", slabs.owned_size()); }
  /// f(x), for the chart: not counted as passes of `fidelity`. Collective; blocks.
  double objective(const Image& x) const;

  Exec exec;
  misfit::Shape shape;
  misfit::Slabs slabs;  ///< of this rank alone where it has the whole volume
  misfit::DistributedOperator<misfit::Radon<>> projections;
  std::vector<Data> y;
  misfit::DistributedDataFidelity<misfit::LogPoisson> fidelity;
  double step;  ///< 1/L, where L bounds the second derivative of f
};

/// How often f and products with its second derivative were asked for.
struct Counts {
  int evaluations = 0, products = 0;
};

/// weight/2 |x|² as a term of TaoObjective and RolObjective, of what this rank has of x; it counts.
struct Tikhonov {
  template <typename X, typename G>
  double operator()(const X& x, const G& gradient) const {
    ++counts->evaluations;
    constexpr double w = Scan::weight;
    double squares = 0;
    Kokkos::parallel_reduce(
        "Tikhonov", Kokkos::RangePolicy<Scan::Exec>(exec, 0, x.extent(0)),
        KOKKOS_LAMBDA(const std::size_t j, double& sum) {
          gradient(j) += w * x(j);
          sum += x(j) * x(j);
        },
        squares);
    return w / 2 * squares;
  }
  template <typename X, typename V, typename P>
  void add_hessian(const X&, const V& v, const P& product) const {
    ++counts->products;
    constexpr double w = Scan::weight;
    Kokkos::parallel_for(
        "Tikhonov", Kokkos::RangePolicy<Scan::Exec>(exec, 0, v.extent(0)),
        KOKKOS_LAMBDA(const std::size_t j) { product(j) += w * v(j); });
  }

  Scan::Exec exec;
  Counts* counts;
};
