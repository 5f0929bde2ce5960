// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/problem.hpp"

#include <misfit/distances/evaluate.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/operators/fourier_blur.hpp>

#include <cstddef>

namespace misfit::bench {

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
      : Problem<Fourier<T, Mask>, T>(count, of.size(),
                                     [=](int) { return Fourier<T, Mask>(of, mask); }),
        shape(of) {}

  Shape shape;
};

/// `count` convolutions with kernels of 5 entries in every dimension.
template <typename T>
struct FourierBlurs : Problem<FourierBlur<T>, T> {
  FourierBlurs(int count, const Shape& of)
      : Problem<FourierBlur<T>, T>(
            count, of.size(),
            [=](int i) {
              const auto seed = 10 + static_cast<unsigned>(i);
              const auto entries = random_numbers<T>(of.rank() == 3 ? 125 : 25, seed);
              if (of.rank() == 3)
                return FourierBlur<T>(
                    of, Kokkos::View<T***, Kokkos::LayoutRight>(entries.data(), 5, 5, 5));
              return FourierBlur<T>(of,
                                    Kokkos::View<T**, Kokkos::LayoutRight>(entries.data(), 5, 5));
            }),
        shape(of) {}

  Shape shape;
};

/// An operator after the other: A x, the distance, the adjoint; transforms apart from all else.
template <typename T, typename P>
std::vector<Twin<T>> three_steps(const P& p) {
  return {{"three_steps", [&p, u = Numbers<T>("u", p.x.extent(0))](const Numbers<T>& g) {
             double value = 0;
             Kokkos::deep_copy(p.exec, g, T(0));
             for (std::size_t k = 0; k < p.operators.local_operators().size(); ++k) {
               const auto& op = p.operators.local_operator(k);
               op.apply(p.exec, detail::as_const_view(p.x), u);
               value += value_and_gradient(p.exec, L2{0.5}, u, p.y[k], u);
               op.apply_adjoint(p.exec, detail::as_const_view(u), g);
             }
             return value;
           }}};
}

}  // namespace misfit::bench
