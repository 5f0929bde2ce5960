// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/peers.hpp"
#include "support/problem.hpp"

#include <misfit/operators/mask.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace misfit::bench {

template <typename T>
struct MaskList {
  std::vector<Numbers<T>> masks;
};

template <typename T>
struct Masks : MaskList<T>, Problem<Mask<Numbers<T>>, T> {
  Masks(int count, std::size_t n, MPI_Comm comm = MPI_COMM_WORLD)
      : Problem<Mask<Numbers<T>>, T>(comm, count, [this, n](int i) {
          this->masks.push_back(random_numbers<T>(n, 10 + static_cast<unsigned>(i)));
          return Mask{this->masks.back()};
        }) {}
  explicit Masks(DistributedOperator<Mask<Numbers<T>>> made)
      : Problem<Mask<Numbers<T>>, T>(std::move(made)) {}

  /// The fewest bytes that `ranks` ranks with `count` masks in all must move: m and y of each
  /// operator; on every rank x and, with a gradient, g.
  double bytes(Call call, double count, double ranks) const {
    const double vectors = 2 * count + (call == Call::fn ? 1 : 2) * ranks;
    return vectors * sizeof(T) * static_cast<double>(this->x.extent(0));
  }
};

/// Zeros and ones, half of each, always the same for a `seed`.
template <typename T>
Kokkos::View<T*> zeros_and_ones(std::size_t n, std::uint64_t seed) {
  const auto chance = random_numbers<float>(n, seed);
  const Kokkos::View<T*> view("zeros_and_ones", n);
  Kokkos::parallel_for(
      "zeros_and_ones", Kokkos::RangePolicy<Exec>(0, n),
      KOKKOS_LAMBDA(const std::int64_t j) { view(j) = static_cast<T>(chance(j) > 0 ? 1 : 0); });
  Exec().fence();
  return view;
}

/// Masks that are kept as bits.
template <typename T>
struct BitMasks : Problem<Mask<Kokkos::View<bool*>>, T> {
  BitMasks(int count, std::size_t n)
      : Problem<Mask<Kokkos::View<bool*>>, T>(MPI_COMM_WORLD, count, [n](int i) {
          return Mask{zeros_and_ones<bool>(n, 10 + static_cast<unsigned>(i))};
        }) {}

  double bytes(Call call, double count, double ranks) const {
    const double vectors = count + (call == Call::fn ? 1 : 2) * ranks;
    return (vectors * sizeof(T) + count / 8) * static_cast<double>(this->x.extent(0));
  }
};

/// The same masks as numbers.
template <typename T>
std::vector<HandWritten<T>> hand_written(const BitMasks<T>& p) {
  using Stored = DistributedOperator<Mask<Numbers<T>>>;
  const auto n = p.x.extent(0);
  const auto stored = std::make_shared<Stored>(MPI_COMM_WORLD, p.operators.size(), [n](int i) {
    return Mask{zeros_and_ones<T>(n, 10 + static_cast<unsigned>(i))};
  });
  return {{"stored", [stored, &p](const Numbers<T>& g) {
             return p.fidelity.fn_and_grad(p.exec, p.x, p.y, *stored, g, Scope::local);
           }}};
}

/// An operator after the other: u = m x; value, and u becomes the residual; g += conj(m) u.
template <typename T>
double three_kernels(const Masks<T>& p, const Numbers<T>& u, const Numbers<T>& g) {
  const auto n = static_cast<std::int64_t>(p.x.extent(0));
  const auto x = p.x;
  double value = 0;
  Kokkos::deep_copy(p.exec, g, T(0));
  for (std::size_t k = 0; k < p.masks.size(); ++k) {
    const auto m = p.masks[k], y = p.y[k];
    const Kokkos::RangePolicy<Exec> all(p.exec, 0, n);
    Kokkos::parallel_for("apply", all, KOKKOS_LAMBDA(const std::int64_t j) { u(j) = m(j) * x(j); });
    value += distance_and_gradient(p.exec, u, y);
    Kokkos::parallel_for(
        "adjoint", all, KOKKOS_LAMBDA(const std::int64_t j) { g(j) += detail::conj(m(j)) * u(j); });
  }
  return value;
}

/// An operator after the other, each in one reduction.
template <typename T>
double plain_fused(const Masks<T>& p, const Numbers<T>& g) {
  const auto n = static_cast<std::int64_t>(p.x.extent(0));
  const auto x = p.x;
  double value = 0;
  Kokkos::deep_copy(p.exec, g, T(0));
  for (std::size_t k = 0; k < p.masks.size(); ++k) {
    const auto m = p.masks[k], y = p.y[k];
    double sum = 0;
    Kokkos::parallel_reduce(
        "all", Kokkos::RangePolicy<Exec>(p.exec, 0, n),
        KOKKOS_LAMBDA(const std::int64_t j, double& partial) {
          const T r = m(j) * x(j) - y(j);
          partial += detail::squared_abs(r);
          g(j) += detail::conj(m(j)) * (static_cast<detail::Real<T>>(inverse_variance) * r);
        },
        sum);
    value += 0.5 * inverse_variance * sum;
  }
  return value;
}

template <typename T>
std::vector<HandWritten<T>> hand_written(const Masks<T>& p) {
  return {{"three_kernels", [&p, u = Numbers<T>("u", p.x.extent(0))](
                                const Numbers<T>& g) { return three_kernels(p, u, g); }},
          {"plain_fused", [&p](const Numbers<T>& g) { return plain_fused(p, g); }}};
}

template <typename T>
PeerCase tell_peers(const Peers& peers, const Masks<T>& p) {
  peers.write_each("mask", p, [&](std::size_t k, int) { return p.masks[k]; });
  return {"mask", {p.x.extent(0)}, 1};
}
/// As numbers: NumPy multiplies booleans by converting them first.
template <typename T>
PeerCase tell_peers(const Peers& peers, const BitMasks<T>& p) {
  const auto n = p.x.extent(0);
  peers.write_each("mask", p, [n](std::size_t, int i) {
    return zeros_and_ones<T>(n, 10 + static_cast<unsigned>(i));
  });
  return {"mask", {n}, 1};
}

}  // namespace misfit::bench
