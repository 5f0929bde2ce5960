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

/// A x = m ∘ F (c ∘ x): what one receive coil of sensitivity c measures of a complex image x in
/// magnetic resonance imaging, with F as in Fourier and m the mask of the frequencies that are
/// sampled, or none. A stack of them is multi-coil MRI.
///
/// Coil map and mask take part in the passes of the transforms, as the distance does; masks, plans
/// and memory to work in are shared by the coils of a stack.
///
/// `Coil` is a View, `Mask` a View or NoMask<MemorySpace>.
///
/// Members: domain_size() and range_size(), domain_shape() and range_shape(), all of the image;
/// apply(exec, x, y) sets y = A x and add_adjoint(exec, y, x) adds A^H y to x, of Views of `T` of
/// rank 1, asynchronously on `exec`; add_majorizer(exec, d) adds max |m|² |c|² to d (see
/// BoundedOperator) and blocks.
///
/// For a Shape{2}, c = (1, i), Origin::corner and x = (1, 1): A x = (0.7071 + 0.7071i, 0.7071 −
/// 0.7071i), A^H A x = (1, 1).
template <typename Coil, typename Mask = NoMask<typename Coil::memory_space>>
class CoilFourier
    : private detail::MaskedFourier<typename Coil::non_const_value_type,
                                    detail::Factors<typename Coil::non_const_value_type, Mask>,
                                    Coil> {
  using T = typename Coil::non_const_value_type;
  using Base = detail::MaskedFourier<T, detail::Factors<T, Mask>, Coil>;

 public:
  /// Of images and spectra.
  using value_type = T;

  /// c = `coil`, complex, and m = `mask`, real or complex: Views of rank 1 of the size of the
  /// image. Shared, not copied. Blocks.
  ///
  /// Throws ArgumentError if the sizes differ, an entry is not finite, or `shape` has more than
  /// three dimensions.
  CoilFourier(const Shape& shape, const Coil& coil, const Mask& mask,
              Origin origin = Origin::centre)
      : Base("CoilFourier", shape, mask, coil, origin) {}

  /// Without a mask.
  CoilFourier(const Shape& shape, const Coil& coil, Origin origin = Origin::centre)
      : Base("CoilFourier", shape, {}, coil, origin) {}

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
  using Base::fits_one_core;
  using Base::term_maker;
  using Base::transform;
  /// \endcond
};

/// \cond
template <KokkosView Coil, KokkosView Mask>
CoilFourier(const Shape&, const Coil&, const Mask&, Origin = Origin::centre)
    -> CoilFourier<Coil, Mask>;
template <KokkosView Coil>
CoilFourier(const Shape&, const Coil&, Origin = Origin::centre) -> CoilFourier<Coil>;
/// \endcond

}  // namespace misfit
