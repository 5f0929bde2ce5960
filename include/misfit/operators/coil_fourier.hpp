// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/masked_fourier.hpp>
#include <misfit/detail/fourier/passes.hpp>
#include <misfit/geometry/origin.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

namespace misfit {

/// A x = m ∘ F (c ∘ x): what one receive coil of sensitivity c measures of a complex image x in
/// magnetic resonance imaging, with F as in Fourier and m the mask of the frequencies that are
/// sampled, or none. A stack of them is multi-coil MRI.
///
/// Coil map and mask take part in the passes of the transforms, as the distance does; masks, plans
/// and memory to work in are shared by the coils of a stack.
template <typename Coil, typename Mask = detail::Ones<detail::Real<typename Coil::value_type>>>
class CoilFourier : public detail::MaskedFourier<typename Coil::non_const_value_type, Mask, Coil> {
  using Base = detail::MaskedFourier<typename Coil::non_const_value_type, Mask, Coil>;

 public:
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
};

template <KokkosView Coil, KokkosView Mask>
CoilFourier(const Shape&, const Coil&, const Mask&, Origin = Origin::centre)
    -> CoilFourier<Coil, Mask>;
template <KokkosView Coil>
CoilFourier(const Shape&, const Coil&, Origin = Origin::centre) -> CoilFourier<Coil>;

}  // namespace misfit
