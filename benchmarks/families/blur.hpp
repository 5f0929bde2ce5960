// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/peers.hpp"
#include "support/problem.hpp"

#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>

#include <cmath>

namespace misfit::bench {

inline constexpr int blur_taps = 5;
inline constexpr int blur_channels = 3;

/// 5 x 5: a Gaussian, which is separable, or random numbers, which are not.
template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> blur_kernel(bool separable, int i) {
  Kokkos::View<T**, Kokkos::LayoutRight> kernel("kernel", blur_taps, blur_taps);
  const auto host = Kokkos::create_mirror_view(kernel);
  for (int r = 0; r < blur_taps; ++r)
    for (int c = 0; c < blur_taps; ++c)
      host(r, c) = static_cast<T>(separable ? std::exp(-0.1 * (r - 2) * (r - 2)) *
                                                  std::exp(-(0.1 + 0.02 * i) * (c - 2) * (c - 2))
                                            : 1 / (1.0 + r * blur_taps + c + (r * c + i) % 3));
  Kokkos::deep_copy(kernel, host);
  return kernel;
}

template <typename T>
struct BlurKernelList {
  std::vector<Kokkos::View<T**, Kokkos::LayoutRight>> kernels;
};

/// Of an RGB image of side x side pixels, those that are kept where every `step`-th is.
inline std::size_t blurred_pixels(int side, int step) {
  const auto kept = static_cast<std::size_t>((side + step - 1) / step);
  return static_cast<std::size_t>(blur_channels) * kept * kept;
}

/// Blurs of RGB images, of which every `step`-th pixel in both directions is kept.
template <typename T>
struct Blurs : BlurKernelList<T>, Problem<Blur<T>, T> {
  Blurs(int count, int side, int step, bool separable, MPI_Comm comm = MPI_COMM_WORLD)
      : Problem<Blur<T>, T>(comm, count,
                            [=, this](int i) {
                              this->kernels.push_back(blur_kernel<T>(separable, i));
                              const auto extent = static_cast<std::size_t>(side);
                              return blur_of({blur_channels, extent, extent}, step,
                                             this->kernels.back());
                            }),
        side(side),
        step(step),
        separable(separable) {}
  Blurs(DistributedOperator<Blur<T>> operators, int side, int step, bool separable)
      : Problem<Blur<T>, T>(std::move(operators)), side(side), step(step), separable(separable) {}

  static Blur<T> blur_of(const Shape& shape, int step,
                         const Kokkos::View<T**, Kokkos::LayoutRight>& kernel) {
    const auto factor = static_cast<std::size_t>(step);
    return compose(Downsample(shape, {1, factor, factor}), Blur(shape, kernel));
  }

  double inputs() const { return static_cast<double>(blur_channels) * side * side; }
  std::size_t outputs() const { return blurred_pixels(side, step); }

  /// Of `count` operators. A product is a multiplication and an addition, forward and, with a
  /// gradient, back: of two passes of 5 taps, the first of which is needed for all columns of the
  /// kept rows; or of 25 taps.
  double flops(Call call, double count) const {
    const auto measured = static_cast<double>(outputs());
    const double products =
        separable ? blur_taps * measured * (1 + step) : blur_taps * blur_taps * measured;
    return (call == Call::fn ? 2 : 4) * count * products;
  }
  /// The fewest bytes that must move for `count` operators, one after the other: x, y and, with a
  /// gradient, g, read and written.
  double bytes(Call call, double count) const {
    return count * sizeof(T) *
           ((call == Call::fn ? 1 : 3) * inputs() + static_cast<double>(outputs()));
  }

  int side, step;
  bool separable;
};

KOKKOS_INLINE_FUNCTION int wrapped(int index, int side) {
  return index < 0 ? index + side : index >= side ? index - side : index;
}

/// Every output from its 25 inputs, every input from the outputs that it is in; circular, as the
/// indices say. `step` divides `side`.
template <typename T>
double plain_loop(const Blurs<T>& p, const Numbers<T>& u, const Numbers<T>& g) {
  const int side = p.side, step = p.step, kept = side / step;
  const auto x = p.x;
  double value = 0;
  Kokkos::deep_copy(p.exec, g, T(0));
  for (std::size_t k = 0; k < p.kernels.size(); ++k) {
    const auto h = p.kernels[k];
    const auto y = p.y[k];
    Kokkos::parallel_for(
        "apply", Kokkos::RangePolicy<Exec>(p.exec, 0, blur_channels * kept * kept),
        KOKKOS_LAMBDA(const int o) {
          const int column = o % kept * step, row = o / kept % kept * step,
                    channel = o / kept / kept;
          T total = 0;
          for (int r = 0; r < blur_taps; ++r)
            for (int c = 0; c < blur_taps; ++c)
              total += h(r, c) * x((channel * side + wrapped(row + 2 - r, side)) * side +
                                   wrapped(column + 2 - c, side));
          u(o) = total;
        });
    value += distance_and_gradient(p.exec, u, y);
    Kokkos::parallel_for(
        "adjoint", Kokkos::RangePolicy<Exec>(p.exec, 0, blur_channels * side * side),
        KOKKOS_LAMBDA(const int j) {
          const int column = j % side, row = j / side % side, channel = j / side / side;
          T total = 0;
          // The taps that lead to a kept row and to a kept column.
          for (int r = (row + 2) % step; r < blur_taps; r += step)
            for (int c = (column + 2) % step; c < blur_taps; c += step)
              total += h(r, c) * u((channel * kept + wrapped(row - 2 + r, side) / step) * kept +
                                   wrapped(column - 2 + c, side) / step);
          g(j) += total;
        });
  }
  return value;
}

template <typename T>
std::vector<HandWritten<T>> hand_written(const Blurs<T>& p) {
  return {{"plain_loop", [&p, u = Numbers<T>("u", p.outputs())](const Numbers<T>& g) {
             return plain_loop(p, u, g);
           }}};
}

template <typename T>
PeerCase tell_peers(const Peers& peers, const Blurs<T>& p) {
  peers.write_each("kernel", p, [&](std::size_t k, int) { return p.kernels[k]; });
  const auto side = static_cast<std::size_t>(p.side);
  return {"blur", {blur_channels, side, side}, p.step};
}

}  // namespace misfit::bench
