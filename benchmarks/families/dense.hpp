// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/peers.hpp"
#include "support/problem.hpp"

#include <misfit/detail/matrices/kokkos_kernels.hpp>
#include <misfit/operators/dense.hpp>

#include <utility>

namespace misfit::bench {

template <typename T>
using Matrix = Kokkos::View<T**>;
/// The order in which Kokkos Kernels is faster where it has no BLAS of the machine's maker.
template <typename T>
using ByColumns = Kokkos::View<T**, Kokkos::LayoutLeft>;

template <typename T>
struct DenseMatrixList {
  std::vector<Matrix<T>> matrices;
};

template <typename T>
Matrix<T> random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Matrix<T> a(Kokkos::view_alloc(Kokkos::WithoutInitializing, "matrix"), rows, columns);
  detail::fill_random(Exec{}, detail::all_signals(a), seed);
  return a;
}

/// Square matrices.
template <typename T>
struct DenseMatrices : DenseMatrixList<T>, Problem<Dense<Matrix<T>>, T> {
  DenseMatrices(int count, std::size_t n, MPI_Comm comm = MPI_COMM_WORLD)
      : Problem<Dense<Matrix<T>>, T>(comm, count, [this, n](int i) {
          this->matrices.push_back(random_matrix<T>(n, n, 10 + static_cast<unsigned>(i)));
          return Dense{this->matrices.back()};
        }) {}
  explicit DenseMatrices(DistributedOperator<Dense<Matrix<T>>> made)
      : Problem<Dense<Matrix<T>>, T>(std::move(made)) {}

  /// The fewest bytes that must be read for `count` matrices; vectors do not count beside them.
  double bytes(double count) const {
    const auto side = static_cast<double>(this->x.extent(0));
    return count * sizeof(T) * side * side;
  }
};

/// A product, a reduction, and a product with the adjoint, an operator after the other; the
/// products are those of Kokkos Kernels.
template <typename T, typename A>
double two_gemv(const DenseMatrices<T>& p, const std::vector<A>& matrices, const Numbers<T>& u,
                const Numbers<T>& g) {
  double value = 0;
  Kokkos::deep_copy(g, T(0));
  for (std::size_t k = 0; k < matrices.size(); ++k) {
    const auto y = p.y[k];
    detail::gemv(p.exec, "N", matrices[k], p.x, T(0), u);
    value += distance_and_gradient(p.exec, u, y);
    detail::gemv(p.exec, "C", matrices[k], u, T(1), g);
  }
  return value;
}

template <typename T>
std::vector<HandWritten<T>> hand_written(const DenseMatrices<T>& p) {
  const std::size_t n = p.x.extent(0);
  const Numbers<T> u("u", n);
  std::vector<ByColumns<T>> by_columns;
  for (const auto& a : p.matrices) {
    by_columns.emplace_back("by columns", n, n);
    Kokkos::deep_copy(by_columns.back(), a);
  }
  return {{"two_gemv", [=, &p](const Numbers<T>& g) { return two_gemv(p, p.matrices, u, g); }},
          {"two_gemv_by_columns",
           [=, &p](const Numbers<T>& g) { return two_gemv(p, by_columns, u, g); }}};
}

template <typename T>
PeerCase tell_peers(const Peers& peers, const DenseMatrices<T>& p) {
  peers.write_each("matrix", p, [&](std::size_t k, int) { return p.matrices[k]; });
  return {"dense", {p.x.extent(0)}, 1};
}

}  // namespace misfit::bench
