// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/problem.hpp"

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/operators/radon.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace misfit::bench {

/// The angles of the operators of this rank.
struct AngleList {
  std::vector<std::vector<double>> angles;
};

/// Rays that cover the diagonal of side x side pixels.
inline std::size_t rays_across(int side) {
  return static_cast<std::size_t>(std::ceil(std::hypot(side, side)));
}

/// Pixels and rays that meet at so many angles of a half turn: around a pixel the weight is above 0
/// on 2 max(|cos θ|, |sin θ|) rays: 4 √2 / π on average.
inline double radon_pairs(double pixels, double angles) {
  return 4 * std::numbers::sqrt2 / std::numbers::pi * pixels * angles;
}

/// Tomography of images of side x side pixels: `count` operators with `angles_of_each` angles, of
/// which each takes every count-th of a half turn, and rays that cover the diagonal.
template <typename T>
struct Radons : AngleList, Problem<Radon<>, T> {
  Radons(int count, int side, int angles_of_each, MPI_Comm comm = MPI_COMM_WORLD)
      : Problem<Radon<>, T>(comm, count,
                            [=, this](int i) {
                              this->angles.push_back(angles_of(i, count, angles_of_each));
                              const auto extent = static_cast<std::size_t>(side);
                              return Radon<>(Shape{extent, extent}, this->angles.back());
                            }),
        side(side),
        angles_of_each(angles_of_each),
        rays(static_cast<int>(rays_across(side))) {}
  Radons(DistributedOperator<Radon<>> operators, int side, int angles_of_each)
      : Problem<Radon<>, T>(std::move(operators)),
        side(side),
        angles_of_each(angles_of_each),
        rays(static_cast<int>(rays_across(side))) {}

  static std::vector<double> angles_of(int i, int count, int each) {
    std::vector<double> angles;
    for (int j = 0; j < each; ++j)
      angles.push_back(std::numbers::pi * (i + j * count) / (count * each));
    return angles;
  }

  double pixels() const { return static_cast<double>(side) * side; }
  std::size_t outputs() const {
    return static_cast<std::size_t>(angles_of_each) * static_cast<std::size_t>(rays);
  }

  /// In `count` operators.
  double pairs(double count) const { return radon_pairs(pixels(), angles_of_each * count); }
  /// A multiplication and an addition for each, forward and, with a gradient, back.
  double flops(Call call, double count) const { return (call == Call::fn ? 2 : 4) * pairs(count); }
  /// The fewest bytes that must move for `count` operators, one after the other: x, y and, with a
  /// gradient, g, read and written.
  double bytes(Call call, double count) const {
    return count * sizeof(T) *
           ((call == Call::fn ? 1 : 3) * pixels() + static_cast<double>(outputs()));
  }

  int side, angles_of_each, rays;
};

/// Joseph's model as one would write it: visit(pixel, weight) for the two pixels beside ray k in
/// every row, or in every column where the ray meets more of them.
template <typename Visit>
KOKKOS_INLINE_FUNCTION void along_ray(double theta, int k, int side, int rays, const Visit& visit) {
  const double c = detail::math::cos(theta), s = detail::math::sin(theta);
  const bool steep = detail::math::fabs(s) > detail::math::fabs(c);
  const double major = steep ? s : c, minor = steep ? c : s;
  const double length = 1 / detail::math::fabs(major);
  const double middle = 0.5 * (side - 1), position = k - 0.5 * (rays - 1);
  for (int p = 0; p < side; ++p) {
    const double q = (position - minor * (p - middle)) / major + middle;
    const double below = detail::math::floor(q);
    const int first = static_cast<int>(below);
    const double part = q - below;
    const int step = steep ? side : 1, start = steep ? p : p * side;
    if (first >= 0 && first < side) visit(start + first * step, (1 - part) * length);
    if (first + 1 >= 0 && first + 1 < side) visit(start + (first + 1) * step, part * length);
  }
}

/// Every ray from its pixels, and back to them; as many threads may add to one pixel, by atomics.
template <typename T>
double plain_loop(const Radons<T>& p, const Numbers<T>& u, const Numbers<T>& g) {
  const int side = p.side, rays = p.rays, all = p.angles_of_each * p.rays;
  const auto x = p.x;
  double value = 0;
  Kokkos::deep_copy(p.exec, g, T(0));
  for (std::size_t k = 0; k < p.angles.size(); ++k) {
    const Kokkos::View<const double*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>
        host(p.angles[k].data(), p.angles[k].size());
    const auto theta = Kokkos::create_mirror_view_and_copy(Exec::memory_space(), host);
    const auto y = p.y[k];
    Kokkos::parallel_for(
        "apply", Kokkos::RangePolicy<Exec>(p.exec, 0, all), KOKKOS_LAMBDA(const int o) {
          T total = 0;
          along_ray(theta(o / rays), o % rays, side, rays,
                    [&](int j, double weight) { total += static_cast<T>(weight) * x(j); });
          u(o) = total;
        });
    value += distance_and_gradient(p.exec, u, y);
    Kokkos::parallel_for(
        "adjoint", Kokkos::RangePolicy<Exec>(p.exec, 0, all), KOKKOS_LAMBDA(const int o) {
          along_ray(theta(o / rays), o % rays, side, rays, [&](int j, double weight) {
            Kokkos::atomic_add(&g(j), static_cast<T>(weight) * u(o));
          });
        });
  }
  return value;
}

template <typename T>
std::vector<HandWritten<T>> hand_written(const Radons<T>& p) {
  return {{"plain_loop", [&p, u = Numbers<T>("u", p.outputs())](const Numbers<T>& g) {
             return plain_loop(p, u, g);
           }}};
}

}  // namespace misfit::bench
