// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/peers.hpp"
#include "support/problem.hpp"

#include <misfit/distances/evaluate.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/operators/fourier_blur.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace misfit::bench {

/// Operations of a transform of n entries, as FFTs are compared by: 5 n log2 n, half for real ones.
inline double transform_flops(std::size_t n, bool real) {
  const auto entries = static_cast<double>(n);
  return (real ? 2.5 : 5) * entries * std::log2(entries);
}

/// Images of side^dimensions entries.
inline Shape cube(int dimensions, std::size_t side) {
  return dimensions == 3 ? Shape{side, side, side} : Shape{side, side};
}

/// `count` Fourier transforms with one mask.
template <typename T>
struct Fouriers : Problem<Fourier<T, Numbers<detail::Real<T>>>, T> {
  using Mask = Numbers<detail::Real<T>>;
  Fouriers(int count, const Shape& of)
      : Fouriers(count, of, random_numbers<detail::Real<T>>(of.size(), 10)) {}
  Fouriers(int count, const Shape& of, const Mask& mask)
      : Problem<Fourier<T, Mask>, T>(MPI_COMM_WORLD, count,
                                     [=](int) { return Fourier<T, Mask>(of, mask); }),
        shape(of),
        mask(mask) {}

  /// The fewest bytes that must move for `count` operators, each on a rank of its own: m, x, y and,
  /// with a gradient, g, read and written.
  double bytes(Call call, double count) const {
    const double images = call == Call::fn ? 2 : 4;
    return count * static_cast<double>(shape.size()) *
           (images * sizeof(T) + sizeof(detail::Real<T>));
  }
  /// Of this rank: the mask, every y, x, g and one workspace.
  double least_memory() const {
    return static_cast<double>(shape.size()) *
           (static_cast<double>(this->y.size() + 3) * sizeof(T) + sizeof(detail::Real<T>));
  }

  Shape shape;
  Mask mask;
};

/// `count` convolutions with kernels of 5 entries in every dimension.
template <typename T>
struct FourierBlurs : Problem<FourierBlur<T>, T> {
  FourierBlurs(int count, const Shape& of)
      : Problem<FourierBlur<T>, T>(
            MPI_COMM_WORLD, count,
            [=](int i) {
              const auto entries = kernel(of, i);
              if (of.rank() == 3)
                return FourierBlur<T>(
                    of, Kokkos::View<T***, Kokkos::LayoutRight>(entries.data(), 5, 5, 5));
              return FourierBlur<T>(of,
                                    Kokkos::View<T**, Kokkos::LayoutRight>(entries.data(), 5, 5));
            }),
        shape(of) {}

  static Numbers<T> kernel(const Shape& of, int i) {
    return random_numbers<T>(of.rank() == 3 ? 125 : 25, 10 + static_cast<unsigned>(i));
  }

  /// As above; for y its spectrum is read, and y itself beside the copy of it; and the spectrum of
  /// the kernel, which is as large.
  double bytes(Call call, double count) const {
    const double images = call == Call::fn ? 5 : 7;
    return count * static_cast<double>(shape.size()) * images * sizeof(T);
  }
  /// Of this rank: spectrum and y of every operator, x, g and one workspace.
  double least_memory() const {
    return static_cast<double>(shape.size() * (2 * this->y.size() + 3) * sizeof(T));
  }

  Shape shape;
};

/// The coils of one image of side x side entries, with one mask.
template <typename T>
struct Coils : Problem<CoilFourier<Numbers<T>, Numbers<detail::Real<T>>>, T> {
  using Mask = Numbers<detail::Real<T>>;
  Coils(int count, std::size_t side, MPI_Comm comm = MPI_COMM_WORLD)
      : Coils(count, Shape{side, side}, random_numbers<detail::Real<T>>(side * side, 10), comm) {}
  Coils(int count, const Shape& shape, const Mask& mask, MPI_Comm comm)
      : Problem<CoilFourier<Numbers<T>, Mask>, T>(
            comm, count, [=](int i) { return CoilFourier(shape, map(shape, i), mask); }),
        shape(shape),
        mask(mask) {}

  static Numbers<T> map(const Shape& of, int i) {
    return random_numbers<T>(of.size(), 20 + static_cast<unsigned>(i));
  }

  /// Of the transforms of `count` coils: one forward and, with a gradient, one back.
  double flops(Call call, double count) const {
    return (call == Call::fn ? 1 : 2) * count * transform_flops(this->x.extent(0), false);
  }
  /// The fewest bytes that must move for `count` coils, one after the other: c, m, x, y and, with a
  /// gradient, g, read and written.
  double bytes(Call call, double count) const {
    const double images = call == Call::fn ? 3 : 5;
    return count * static_cast<double>(shape.size()) *
           (images * sizeof(T) + sizeof(detail::Real<T>));
  }
  /// Of this rank: map and y of every coil, the mask, x, g and one workspace.
  double least_memory() const {
    return static_cast<double>(shape.size()) *
           (static_cast<double>(2 * this->y.size() + 3) * sizeof(T) + sizeof(detail::Real<T>));
  }

  Shape shape;
  Mask mask;
};

/// A mask of 0 and 1: a third of the columns, and 24 in the middle.
template <typename R>
Numbers<R> sampled_lines(std::size_t side) {
  constexpr std::size_t calibration = 24;
  Numbers<R> mask("mask", side * side);
  const auto host = Kokkos::create_mirror_view(mask);
  for (std::size_t j = 0; j < side * side; ++j) {
    const std::size_t column = j % side, first = (side - std::min(side, calibration)) / 2;
    host(j) = column % 3 == 0 || (column >= first && column < first + calibration) ? R(1) : R(0);
  }
  Kokkos::deep_copy(mask, host);
  return mask;
}

/// An operator after the other: A x, the distance, the adjoint; transforms apart from all else.
template <typename T, typename P>
std::vector<HandWritten<T>> three_steps(const P& p) {
  return {{"three_steps", [&p, u = Numbers<T>("u", p.x.extent(0))](const Numbers<T>& g) {
             double value = 0;
             Kokkos::deep_copy(p.exec, g, T(0));
             for (std::size_t k = 0; k < p.operators.local_operators().size(); ++k) {
               const auto& op = p.operators.local_operator(k);
               op.apply(p.exec, detail::as_const_view(p.x), u);
               value += value_and_gradient(p.exec, L2{0.5}, u, p.y[k], u);
               op.add_adjoint(p.exec, detail::as_const_view(u), g);
             }
             return value;
           }}};
}

template <typename T>
std::vector<HandWritten<T>> hand_written(const Coils<T>& p) {
  return three_steps<T>(p);
}

inline std::vector<std::size_t> extents_of(const Shape& shape) {
  std::vector<std::size_t> extents;
  for (std::size_t d = 0; d < shape.rank(); ++d) extents.push_back(shape[d]);
  return extents;
}

template <typename T>
PeerCase tell_peers(const Peers& peers, const Fouriers<T>& p) {
  peers.write_each("mask", p, [&](std::size_t, int) { return p.mask; });
  return {"fourier", extents_of(p.shape), 1};
}

template <typename T>
PeerCase tell_peers(const Peers& peers, const FourierBlurs<T>& p) {
  peers.write_each("kernel", p, [&](std::size_t, int i) { return p.kernel(p.shape, i); });
  return {"fourier_blur", extents_of(p.shape), 1};
}

template <typename T>
PeerCase tell_peers(const Peers& peers, const Coils<T>& p) {
  peers.write_each("map", p, [&](std::size_t, int i) { return p.map(p.shape, i); });
  peers.write_each("mask", p, [&](std::size_t, int) { return p.mask; });
  return {"coils", extents_of(p.shape), 1};
}

}  // namespace misfit::bench
