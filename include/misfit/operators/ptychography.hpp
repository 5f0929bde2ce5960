// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/geometry/origin.hpp>
#include <misfit/geometry/scan_position.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/operators/scanned_probe.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <vector>

namespace misfit {

/// A(x)_k = |F (p ∘ x[window k])|²: the diffraction patterns of a complex object x, lit by a probe
/// p at overlapping positions k, with F the orthonormal Fourier transform as in Fourier.
///
/// PhaseRetrieval of a ScannedProbe, and used as that. The measurement is real, of shape (position,
/// h, w). One operator takes a set of positions; a stack of operators, each with some of them, is
/// ptychography over ranks. In memory: the complex waves of its positions three times.
///
/// For a Shape{1, 3}, p = ((1, 1)), positions (0, 0) and (0, 1) and x = (1, 2, 3): A(x) = (0.5,
/// 4.5, 0.5, 12.5), J(x)^H A(x) = (13, 76, 63).
template <Scalar T, typename MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
class Ptychography : public PhaseRetrieval<ScannedProbe<T, MemorySpace>> {
  using Base = PhaseRetrieval<ScannedProbe<T, MemorySpace>>;

 public:
  /// p = `probe`, a complex View of shape (h, w), copied; `object` is the shape of x, (rows,
  /// columns); `positions` are where the first row and column of the probe lie. Blocks.
  ///
  /// Throws ArgumentError as ScannedProbe.
  template <KokkosView Probe>
  Ptychography(const Shape& object, const Probe& probe, const std::vector<ScanPosition>& positions,
               Origin origin = Origin::centre)
      : Base(ScannedProbe<T, MemorySpace>(object, probe, positions, origin)) {}

  /// The shape of x.
  const Shape& domain_shape() const { return this->linear_operator().domain_shape(); }
  /// (position, h, w).
  const Shape& range_shape() const { return this->linear_operator().range_shape(); }
};

/// \cond
template <KokkosView Probe>
Ptychography(const Shape&, const Probe&, const std::vector<ScanPosition>&, Origin = Origin::centre)
    -> Ptychography<typename Probe::non_const_value_type>;
/// \endcond

}  // namespace misfit
