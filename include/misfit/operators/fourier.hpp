// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/masked_fourier.hpp>
#include <misfit/geometry/origin.hpp>
#include <misfit/operators/no_mask.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

namespace misfit {

/// A x = m ∘ F x, with F the orthonormal Fourier transform of complex images of `T` in one, two or
/// three dimensions, and m a real or complex mask of the spectrum, or none.
///
/// (F x)_k = N^(−1/2) Σ_j x_j e^{−2πi Σ_d (k_d − o_d)(j_d − o_d) / n_d}, where o is the origin: n_d
/// / 2, rounded down, for Origin::centre, so that F is fftshift ∘ fft ∘ ifftshift; or 0. With a
/// separable distance misfit takes value and gradient in two transforms, with all else in their
/// first and last passes.
///
/// Operators of one shape share plans and memory to work in. On a CPU a call is complete when it
/// returns.
///
/// `Mask` is a View, or NoMask<MemorySpace>.
///
/// Members: domain_size() and range_size(), domain_shape() and range_shape(), all of the image;
/// apply(exec, x, y) sets y = A x and add_adjoint(exec, y, x) adds A^H y to x, of Views of `T` of
/// rank 1, asynchronously on `exec`; add_majorizer(exec, d) adds max |m|² to d (see
/// BoundedOperator) and blocks.
///
/// Operators of one shape and origin that a rank has take one transform of x and one of the
/// gradient together.
///
/// For a Shape{4}, Origin::corner and x = (1, 2, 3, 4): A x = (5, −1 + i, −1, −1 − i), A^H A x =
/// (1, 2, 3, 4).
template <Scalar T, typename Mask = NoMask<>>
class Fourier
    : private detail::MaskedFourier<T, detail::Factors<T, Mask>,
                                    detail::Factors<T, NoMask<typename Mask::memory_space>>> {
  using Base = detail::MaskedFourier<T, detail::Factors<T, Mask>,
                                     detail::Factors<T, NoMask<typename Mask::memory_space>>>;

 public:
  /// Of images and spectra.
  using value_type = T;

  /// Without a mask. Throws ArgumentError if `shape` has more than three dimensions.
  explicit Fourier(const Shape& shape, Origin origin = Origin::centre)
      : Base("Fourier", shape, {}, {}, origin) {}

  /// m = `mask`, a View of rank 1 of the size of the image. Shared, not copied. Blocks.
  ///
  /// Throws ArgumentError if the sizes differ, the mask is not finite, or `shape` has more than
  /// three dimensions.
  Fourier(const Shape& shape, const Mask& mask, Origin origin = Origin::centre)
      : Base("Fourier", shape, mask, {}, origin) {}

  using Base::add_adjoint;
  using Base::add_majorizer;
  using Base::apply;
  using Base::domain_shape;
  using Base::domain_size;
  using Base::range_shape;
  using Base::range_size;

  // With a separable distance: see FusedOperator and StartingOperator.
  using Base::fused_fn;
  using Base::fused_fn_and_grad;
  using Base::fused_fn_and_set_grad;
  using Base::partial_sums;

  /// \cond
  // Several at once: see detail::MaskedFourier.
  using Base::evaluate_terms;
  using Base::shared_transform;
  using Base::shares_spectrum;
  using Base::sums_of_terms;
  using Base::term_maker;
  using Base::transform;
  using Base::with_terms;
  using typename Base::SharedTransform;
  /// \endcond
};

/// \cond
template <KokkosView Mask>
Fourier(const Shape&, const Mask&, Origin = Origin::centre)
    -> Fourier<Kokkos::complex<detail::Real<typename Mask::value_type>>, Mask>;
/// \endcond

}  // namespace misfit
