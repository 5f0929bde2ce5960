// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_library.hpp>
#include <misfit/detail/fourier/fftw_images.hpp>
#include <misfit/detail/fourier/pool.hpp>
#include <misfit/detail/sums/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>

namespace misfit::detail {

/// One entry of a spectrum handed to `middle`, for sum_tiles().
template <typename Complex, typename Middle>
struct SpectrumEntry {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value,
                                              double& outside) const {
    const std::int64_t k2 = grid.place(2, j % grid.outputs);
    const std::int64_t k1 = grid.place(1, j / grid.outputs % grid.n[1]);
    const std::int64_t plane = j / grid.outputs / grid.n[1];
    const std::int64_t k0 = grid.place(0, plane % grid.n[0]);
    const std::int64_t b = plane / grid.n[0];
    const std::int64_t caller = ((b * grid.n[0] + k0) * grid.n[1] + k1) * grid.outputs + k2;
    const SpectrumPlace at{k0, k1, k2, caller, j, j - b * grid.spectrum_size()};
    middle.row(at)(0, spectrum[j], value, outside);
  }

  FftGrid grid;
  Complex* spectrum;
  Middle middle;
};

/// What HostFft is, for a GPU: the library's transform of whole images, with kernels before,
/// between and behind. Plans and memory are one stream's.
template <typename T, typename Device>
class DeviceFft {
  using R = Real<T>;
  using Complex = Kokkos::complex<R>;
  using Space = typename Device::memory_space;
  using Library = FftLibrary<Device>;
  using Plan = typename Library::template Plan<R>;
  static constexpr bool of_real = !is_complex<T>;

  struct OnStream {
    OnStream(const Device& exec, const FftGrid& grid)
        : stream(Library::stream_of(exec)),
          spectrum(Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::Fft::spectrum"),
                   static_cast<std::size_t>(grid.batch * grid.spectrum_size())),
          image(Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::Fft::image"),
                of_real ? static_cast<std::size_t>(grid.batch * grid.image_size()) : 0) {
      std::int64_t extents[3] = {};
      int rank = 0;
      for (int d = 0; d < 3; ++d)
        if (grid.n[d] > 1 || d == 2) extents[rank++] = grid.n[d];
      forward.emplace(exec, rank, extents, grid.batch,
                      of_real ? FftKind::real_forward : FftKind::forward);
      backward.emplace(exec, rank, extents, grid.batch,
                       of_real ? FftKind::real_backward : FftKind::backward);
    }
    T* entries() const {
      if constexpr (of_real)
        return image.data();
      else
        return spectrum.data();
    }

    const void* stream;
    Kokkos::View<Complex*, Space> spectrum;
    Kokkos::View<T*, Space> image;
    std::optional<Plan> forward, backward;
  };

 public:
  explicit DeviceFft(const FftGrid& grid) : grid_(grid) {}

  const FftGrid& grid() const { return grid_; }
  std::int64_t sums() const { return tiles().count; }
  static constexpr bool sums_planes = false, takes_images_side_by_side = false;

  /// As HostFft::run().
  template <bool Forward, bool Backward, typename Exec, typename Load, typename Middle,
            typename Store>
  void run(const Exec& exec, const Load& load, const Middle& middle, const Store& store,
           PartialSum* sums) const {
    static_assert(std::is_same_v<Exec, Device>,
                  "misfit: the Fourier operator lies in the memory of another device than exec");
    // Work of one stream is in order, so the memory may go to another call before it is done.
    const auto own =
        pool_.lease([&](const OnStream& on) { return on.stream == Library::stream_of(exec); },
                    [&] { return std::make_unique<OnStream>(exec, grid_); });
    T* const image = own->entries();
    Complex* const spectrum = own->spectrum.data();
    const auto images = range(exec, static_cast<std::size_t>(grid_.batch * grid_.image_size()));
    if constexpr (Forward) {
      Kokkos::parallel_for(
          "misfit::Fft::load::entries", images,
          KOKKOS_LAMBDA(const std::int64_t j) { image[j] = load(j); });
      (*own->forward)(image, spectrum);
    }
    const SpectrumEntry<Complex, Middle> entry{grid_, spectrum, middle};
    if (sums != nullptr)
      sum_tiles(exec, "misfit::Fft::spectrum::entries", tiles(), entry, sums);
    else
      for_indices(
          exec, "misfit::Fft::spectrum::entries", own->spectrum.size(),
          KOKKOS_LAMBDA(const std::int64_t j) {
            double value = 0, outside = 0;
            entry(j, value, outside);
          });
    if constexpr (Backward) {
      (*own->backward)(spectrum, image);
      Kokkos::parallel_for(
          "misfit::Fft::store::entries", images,
          KOKKOS_LAMBDA(const std::int64_t j) { store(j, image[j]); });
    }
  }

 private:
  Tiles tiles() const {
    return Tiles(static_cast<std::size_t>(grid_.batch * grid_.spectrum_size()));
  }

  FftGrid grid_;
  mutable Pool<OnStream> pool_;
};

}  // namespace misfit::detail
