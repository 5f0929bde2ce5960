// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/passes.hpp>
#include <misfit/detail/fourier/pool.hpp>
#include <misfit/detail/gridding/gridding.hpp>
#include <misfit/detail/gridding/image.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/upload.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit {

/// (A x)_s = N^(−1/2) Σ_j x_j e^{−2πi k_s·(j − c)}: the Fourier transform of a complex image of two
/// dimensions at any frequencies k_s, as non-Cartesian magnetic resonance imaging samples it and
/// radio interferometers do. N is the number of entries of the image, c the centre, n / 2 rounded
/// down.
///
/// By gridding on a grid twice as fine with a Kaiser–Bessel function (J. I. Jackson et al., IEEE
/// Trans. Med. Imaging 10 (1991) 473): 11 points wide in double, where an entry of A x differs
/// from the sum above by less than 1e-9 ‖x‖₂, and 7 in float, 1e-5. The adjoint is that of the
/// gridding, exactly, and without atomics: the same bits every time.
///
/// Takes 2 w reals, 2 integers and, on the host, 2 doubles a sample, and 4 N complex numbers, and
/// as many to work in, which all of one shape share. On a CPU a call is complete when it returns.
///
/// `Space` is the memory space of images and measurements.
///
/// For a Shape{2, 2}, frequencies (0, 0) and (¼, 0) and x = (1, 2, 3, 4): A x = (5, 3.5 + 1.5i),
/// A^H A x = (3.25 − 1.75i, 3.25 − 1.75i, 4.25 + 0.75i, 4.25 + 0.75i).
template <typename T, typename Space = Kokkos::DefaultExecutionSpace::memory_space>
class NonuniformFourier {
  static_assert(Scalar<T> && detail::is_complex<T>,
                "misfit: NonuniformFourier transforms complex images");
  using R = detail::Real<T>;

 public:
  /// Of images and samples.
  using value_type = T;

  /// Points of the grid around a sample, in each dimension.
  static constexpr int width = std::is_same_v<R, float> ? 7 : 11;

  /// `frequencies` has shape (samples, 2), in cycles a pixel: first along the first dimension of
  /// the image, then along the second; any finite numbers. (A x is periodic: k and k + 1 are one
  /// frequency.) Copied. Blocks.
  ///
  /// Throws ArgumentError if `shape` has not two dimensions, there are no frequencies, or one is
  /// not finite.
  template <KokkosView Frequencies>
  NonuniformFourier(const Shape& shape, const Frequencies& frequencies)
      : shape_(checked(shape)),
        places_(std::make_shared<const Places>(places_of(shape, frequencies))),
        gridding_(gridding_of(shape, *places_)) {
    std::vector<R> factors;
    const detail::GriddingKernel kernel(width, oversampling);
    for (const std::size_t d : {std::size_t{0}, std::size_t{1}}) {
      const auto n = static_cast<std::int64_t>(shape[d]);
      for (std::int64_t j = 0; j < n; ++j)
        factors.push_back(
            static_cast<R>(1 / kernel.transform(static_cast<double>(j - n / 2) /
                                                static_cast<double>(grid_length(shape[d])))));
    }
    factors_ = detail::in_space<Space>(factors, "misfit::NonuniformFourier::factors");
    fft_ = detail::shared_by_key<detail::Fft<T, Space>>(
        detail::FftGrid({static_cast<std::size_t>(grid_length(shape[0])),
                         static_cast<std::size_t>(grid_length(shape[1]))},
                        2, false));
  }

  /// A move is a copy: it leaves the source as it was.
  NonuniformFourier(const NonuniformFourier&) = default;
  /// Likewise.
  NonuniformFourier& operator=(const NonuniformFourier&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return shape_.size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return gridding_.samples(); }
  /// The shape of x.
  const Shape& domain_shape() const { return shape_; }

  /// Samples (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {{range_size()}, 0, {0, range_size()}}; }
  /// At these frequencies. Blocks. Throws ArgumentError unless there are such.
  NonuniformFourier on_rows(const Rows& rows) const {
    detail::require_rows_of("NonuniformFourier", rows, range_size());
    NonuniformFourier part = *this;
    const auto first = places_->begin();
    part.places_ = std::make_shared<const Places>(first + static_cast<std::ptrdiff_t>(rows.begin),
                                                  first + static_cast<std::ptrdiff_t>(rows.end));
    part.gridding_ = gridding_of(shape_, *part.places_);
    return part;
  }

  /// Adds to d the diagonal of a D with A^H A ⪯ D, of the three steps of gridding: a bound that may
  /// be some hundred times ‖A‖², since it does not know that gridding undoes what it multiplies by.
  /// Blocks.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    const auto grid_size = static_cast<std::size_t>(fft_->grid().image_size());
    const Vector<double, Space> of_grid("misfit::NonuniformFourier::majorizer", grid_size);
    detail::add_majorizer_of_non_negative(
        exec, range_size(), of_grid,
        [&](const auto& x, const auto& y) { gridding_.gather(exec, x.data(), 1.0, y.data()); },
        [&](const auto& y, const auto& x) { gridding_.spread(exec, y.data(), 1.0, x.data()); });
    // The transform in between is sqrt(grid_size) times a unitary one.
    const double factor = detail::largest_of(exec, of_grid) * static_cast<double>(grid_size) /
                          static_cast<double>(shape_.size());
    const auto gridded = image();
    detail::for_indices(
        exec, "misfit::NonuniformFourier::add_majorizer", domain_size(),
        KOKKOS_LAMBDA(const std::int64_t j) {
          d(j) += factor * detail::squared_abs(gridded.factor(j));
        });
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires(std::is_same_v<typename X::non_const_value_type, T> &&
             std::is_same_v<typename Y::non_const_value_type, T>)
  void apply(const Exec& exec, const X& x, const Y& y) const {
    T* const grid = grid_memory();
    fft_->template run<true, false>(exec, detail::LoadGridded<T>{image(), x.data()},
                                    detail::GriddedSpectrum<T, true>{grid}, detail::Nothing{},
                                    nullptr);
    gridding_.gather(exec, grid, scale(), y.data());
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires(std::is_same_v<typename X::non_const_value_type, T> &&
             std::is_same_v<typename Y::non_const_value_type, T>)
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    T* const grid = grid_memory();
    gridding_.spread(exec, y.data(), scale(), grid);
    fft_->template run<false, true>(exec, detail::Nothing{},
                                    detail::GriddedSpectrum<T, false>{grid},
                                    detail::AddGridded<T>{image(), x.data()}, nullptr);
  }

 private:
  static constexpr double oversampling = 2;
  using Places = std::vector<std::pair<double, double>>;  // of the samples, on the grid [points]

  /// Of the grid in a dimension of n entries. A sample's points are all different.
  static std::int64_t grid_length(std::size_t n) {
    return detail::good_fft_length(std::max<std::int64_t>(
        static_cast<std::int64_t>(oversampling * static_cast<double>(n)), width));
  }

  static const Shape& checked(const Shape& shape) {
    if (shape.rank() != 2)
      throw ArgumentError("NonuniformFourier: shape " + shape.text() + " has not 2 dimensions");
    return shape;
  }

  template <typename Frequencies>
  static Places places_of(const Shape& shape, const Frequencies& frequencies) {
    static_assert(static_cast<std::size_t>(Frequencies::rank) == 2,
                  "misfit: frequencies have shape (samples, 2)");
    if (frequencies.extent(0) == 0 || frequencies.extent(1) != 2)
      throw ArgumentError("NonuniformFourier: frequencies: shape (" +
                          std::to_string(frequencies.extent(0)) + ", " +
                          std::to_string(frequencies.extent(1)) + "), expected (samples, 2)");
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, frequencies);
    const std::int64_t grid[] = {grid_length(shape[0]), grid_length(shape[1])};
    Places places;
    for (std::size_t s = 0; s < host.extent(0); ++s) {
      double place[2];
      for (const int d : {0, 1}) {
        const auto k = static_cast<double>(host(s, d));
        if (!std::isfinite(k))
          throw ArgumentError("NonuniformFourier: frequency " + std::to_string(s) +
                              " is not finite");
        // Exact, and at integer coordinates j − c the same frequency.
        place[d] = std::remainder(k, 1.0) * static_cast<double>(grid[d]);
      }
      places.emplace_back(place[0], place[1]);
    }
    return places;
  }

  static detail::Gridding<T, Space, width> gridding_of(const Shape& shape, const Places& places) {
    return {grid_length(shape[0]), grid_length(shape[1]), places,
            detail::GriddingKernel(width, oversampling)};
  }

  R scale() const { return static_cast<R>(1 / std::sqrt(static_cast<double>(shape_.size()))); }

  detail::GriddedImage<T> image() const {
    const auto axis = [&](std::size_t d) {
      return detail::GriddedAxis{static_cast<std::int64_t>(shape_[d]), grid_length(shape_[d])};
    };
    return {axis(0), axis(1), factors_.data()};
  }

  T* grid_memory() const {
    return workspace_
        .template get<T, Space>(static_cast<std::size_t>(fft_->grid().image_size()),
                                "misfit::NonuniformFourier::grid")
        .data();
  }

  Shape shape_;
  std::shared_ptr<const Places> places_;
  detail::Gridding<T, Space, width> gridding_;
  Kokkos::View<const R*, Space> factors_;
  std::shared_ptr<const detail::Fft<T, Space>> fft_;
  mutable detail::Workspace workspace_;
};

/// \cond
template <KokkosView Frequencies>
NonuniformFourier(const Shape&, const Frequencies&)
    -> NonuniformFourier<Kokkos::complex<typename Frequencies::non_const_value_type>>;
/// \endcond

}  // namespace misfit
