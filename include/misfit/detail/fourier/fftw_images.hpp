// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// FFTW in the place of a GPU's library, where a CPU runs the forms of a GPU.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/fourier/fft_library.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

#if defined(MISFIT_DEVICE_FORMS)

namespace misfit::detail {

/// What CufftPlan is, on a CPU: complex transforms are in place, real ones are not.
template <typename R>
class FftwImages {
  using Complex = Kokkos::complex<R>;

 public:
  template <typename Exec>
  FftwImages(const Exec&, int rank, const std::int64_t* extents, std::int64_t batch, FftKind kind)
      : FftwImages(rank, extents, batch, kind) {}
  FftwImages(const FftwImages&) = delete;
  FftwImages& operator=(const FftwImages&) = delete;
  ~FftwImages();

  void operator()(Complex* in, Complex* out) const;
  void operator()(R* in, Complex* out) const;
  void operator()(Complex* in, R* out) const;

 private:
  FftwImages(int rank, const std::int64_t* extents, std::int64_t batch, FftKind kind);

  void* plan_;
};

extern template class FftwImages<float>;
extern template class FftwImages<double>;

template <typename Device>
  requires on_host<Device>
struct FftLibrary<Device> {
  template <typename R>
  using Plan = FftwImages<R>;
  static const void* stream_of(const Device&) { return nullptr; }
};

}  // namespace misfit::detail

#endif
