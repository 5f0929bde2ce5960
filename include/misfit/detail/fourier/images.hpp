// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// FFTW in the place of a GPU's library, where a CPU runs the forms of a GPU.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/library.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <fftw3.h>

#include <cstdint>
#include <mutex>

#if defined(MISFIT_DEVICE_FORMS)

namespace misfit::detail {

/// FFTW's planners for whole images.
template <typename R>
struct FftwMany;
template <>
struct FftwMany<double> {
  static constexpr auto complex = &fftw_plan_many_dft;
  static constexpr auto real_forward = &fftw_plan_many_dft_r2c;
  static constexpr auto real_backward = &fftw_plan_many_dft_c2r;
};
template <>
struct FftwMany<float> {
  static constexpr auto complex = &fftwf_plan_many_dft;
  static constexpr auto real_forward = &fftwf_plan_many_dft_r2c;
  static constexpr auto real_backward = &fftwf_plan_many_dft_c2r;
};

/// What CufftPlan is, on a CPU: complex transforms are in place, real ones are not.
template <typename R>
class FftwImages {
  using Library = Fftw<R>;
  using Complex = Kokkos::complex<R>;

 public:
  template <typename Exec>
  FftwImages(const Exec&, int rank, const std::int64_t* extents, std::int64_t batch, FftKind kind) {
    int n[3] = {1, 1, 1};
    for (int d = 0; d < rank; ++d) n[d] = static_cast<int>(extents[d]);
    const int last = n[rank - 1], lines = n[0] * n[1] * n[2] / last, many = static_cast<int>(batch);
    const int image = lines * last, spectrum = lines * (last / 2 + 1);
    // The planner does not touch them.
    const Kokkos::View<Complex*, Kokkos::HostSpace> in("misfit::FftwImages::in", image * many),
        out("misfit::FftwImages::out", image * many);
    auto* const a = as_fftw(in.data());
    auto* const b = as_fftw(out.data());
    constexpr unsigned how = FFTW_ESTIMATE | FFTW_UNALIGNED;
    const std::lock_guard lock(fftw_planner());
    if (kind == FftKind::real_forward)
      plan_ = FftwMany<R>::real_forward(rank, n, many, reinterpret_cast<R*>(in.data()), nullptr, 1,
                                        image, b, nullptr, 1, spectrum, how);
    else if (kind == FftKind::real_backward)
      plan_ = FftwMany<R>::real_backward(rank, n, many, a, nullptr, 1, spectrum,
                                         reinterpret_cast<R*>(out.data()), nullptr, 1, image, how);
    else
      plan_ = FftwMany<R>::complex(rank, n, many, a, nullptr, 1, image, a, nullptr, 1, image,
                                   kind == FftKind::forward ? FFTW_FORWARD : FFTW_BACKWARD, how);
    if (plan_ == nullptr) throw Error("FFTW made no plan for whole images");
  }
  FftwImages(const FftwImages&) = delete;
  FftwImages& operator=(const FftwImages&) = delete;
  ~FftwImages() {
    const std::lock_guard lock(fftw_planner());
    Library::destroy(plan_);
  }

  template <typename In, typename Out>
  void operator()(In* in, Out* out) const {
    if constexpr (!is_complex<In>)
      Library::execute_real_forward(plan_, in, as_fftw(out));
    else if constexpr (!is_complex<Out>)
      Library::execute_real_backward(plan_, as_fftw(in), out);
    else
      Library::execute(plan_, as_fftw(in), as_fftw(out));
  }

 private:
  static typename Library::Complex* as_fftw(Complex* entries) {
    return reinterpret_cast<typename Library::Complex*>(entries);
  }

  typename Library::Plan plan_;
};

template <typename Device>
  requires on_host<Device>
struct FftLibrary<Device> {
  template <typename R>
  using Plan = FftwImages<R>;
  static const void* stream_of(const Device&) { return nullptr; }
};

}  // namespace misfit::detail

#endif
