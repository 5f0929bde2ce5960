// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/measurement_passes.hpp>
#include <misfit/detail/fourier/origin.hpp>
#include <misfit/detail/fourier/passes.hpp>
#include <misfit/detail/fourier/pool.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/ptychography/windows.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/origin.hpp>
#include <misfit/geometry/scan_position.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace misfit {

/// (A x)_k = F (p ∘ x[window k]), the waves in the far field of an object x that is lit by a probe
/// p at positions k, one behind the other, with F the orthonormal transform as in Fourier. Linear;
/// its intensities are Ptychography.
///
/// The windows of the adjoint overlap: every entry of x gathers from them in the order of the
/// positions, without atomics, so that the same bits come out every time and for every number of
/// threads. Operators of one number of positions share plans; one object owns memory for its
/// windows, allocated in the first adjoint. A copy has memory of its own; one object is not used
/// from two threads, or on two instances, at once.
///
/// For a Shape{1, 3}, p = ((1, 1)), positions (0, 0) and (0, 1) and x = (1, 2, 3): A x = (0.7071,
/// 2.121, 0.7071, 3.536), A^H A x = (1, 4, 3).
template <Scalar T, typename MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
class ScannedProbe {
  static_assert(detail::is_complex<T>, "misfit: the probe of a ScannedProbe is complex");
  using Ones = detail::Ones<detail::Real<T>>;
  template <typename V>
  static constexpr bool holds_t = std::is_same_v<typename V::non_const_value_type, T>;

 public:
  /// Of object, probe and waves.
  using value_type = T;
  /// Where they are.
  using memory_space = MemorySpace;

  /// p = `probe`, a complex View of shape (h, w), copied; `object` is the shape of x, (rows,
  /// columns). Blocks.
  ///
  /// Throws ArgumentError if the object has not two dimensions, the probe is empty or not finite,
  /// there are no positions, or a window does not lie in the object; the text names the position.
  template <KokkosView Probe>
  ScannedProbe(const Shape& object, const Probe& probe, const std::vector<ScanPosition>& positions,
               Origin origin = Origin::centre)
      : windows_("ScannedProbe", object, probe, positions), origin_(origin) {
    plan();
  }

  /// A move is a copy: it leaves the source as it was.
  ScannedProbe(const ScannedProbe&) = default;
  /// Likewise.
  ScannedProbe& operator=(const ScannedProbe&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return windows_.object_shape().size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return windows_.range_shape().size(); }
  /// The shape of x.
  const Shape& domain_shape() const { return windows_.object_shape(); }
  /// (position, h, w).
  const Shape& range_shape() const { return windows_.range_shape(); }

  /// Positions (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {range_shape(), 0, {0, range_shape()[0]}}; }
  /// At these positions. Blocks. Throws ArgumentError unless there are such.
  ScannedProbe on_rows(const Rows& rows) const {
    detail::require_rows_of("ScannedProbe", rows, range_shape()[0]);
    ScannedProbe part = *this;
    part.windows_ = windows_.at_positions("ScannedProbe", rows);
    part.plan();
    return part;
  }

  /// d += Σ |p|² over the windows, which A^H A is. Asynchronous on `exec`.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    windows_.add_intensity(exec, d.data());
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires(holds_t<X> && holds_t<Y>)
  void apply(const Exec& exec, const X& x, const Y& y) const {
    windows_.light(exec, x.data(), y.data());
    phases_.use([&](const auto* phases) {
      const auto to = spectra(phases, y.data());
      fft_->template run<true, false>(exec, detail::load_times(Ones{}, y), put(to),
                                      detail::Nothing{}, nullptr);
    });
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires(holds_t<X> && holds_t<Y>)
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const auto waves = waves_.get<T, MemorySpace>(range_size(), "misfit::ScannedProbe::waves");
    const T* const data = y.data();
    phases_.use([&](const auto* phases) {
      const auto from = spectra(phases, data);
      fft_->template run<false, true>(exec, detail::Nothing{}, get(from),
                                      detail::Put<T>{waves.data()}, nullptr);
    });
    windows_.gather(exec, waves.data(), x.data());
  }

 private:
  // The transforms of the windows.
  void plan() {
    detail::FftGrid grid(windows_.range_shape(), 2, false);
    if (origin_ == Origin::centre)
      for (int d = 0; d < 3; ++d) grid.origin[d] = grid.n[d] / 2;
    fft_ = detail::shared_by_key<detail::Fft<T, MemorySpace>>(
        grid);  // which refuses what is too large
    phases_ = detail::OriginPhases<T, MemorySpace>(grid);
  }

  template <typename Z, typename U>
  detail::Measurement<Z, Ones, U> spectra(const Z* phases, U* y) const {
    const detail::FftGrid& grid = fft_->grid();
    const double scale = 1 / std::sqrt(static_cast<double>(grid.image_size()));
    return {phases, grid.n[0], grid.n[1], static_cast<detail::Real<T>>(scale), {}, y};
  }
  template <typename Z>
  static detail::PutMeasurement<Z, Ones, T> put(const detail::Measurement<Z, Ones, T>& to) {
    return {to};
  }
  template <typename Z>
  static detail::GetMeasurement<Z, Ones, T> get(const detail::Measurement<Z, Ones, const T>& from) {
    return {from};
  }

  detail::ScanWindows<T, MemorySpace> windows_;
  Origin origin_;
  detail::OriginPhases<T, MemorySpace> phases_;
  std::shared_ptr<const detail::Fft<T, MemorySpace>> fft_;
  mutable detail::Workspace waves_;
};

/// \cond
template <KokkosView Probe>
ScannedProbe(const Shape&, const Probe&, const std::vector<ScanPosition>&, Origin = Origin::centre)
    -> ScannedProbe<typename Probe::non_const_value_type>;
/// \endcond

}  // namespace misfit
