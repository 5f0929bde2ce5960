// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/fourier/fftw_images.hpp>

#if defined(MISFIT_DEVICE_FORMS)

#include "fftw.hpp"

#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <mutex>

namespace misfit::detail {

template <typename R>
FftwImages<R>::FftwImages(int rank, const std::int64_t* extents, std::int64_t batch, FftKind kind) {
  using Library = Fftw<R>;
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
    plan_ = Library::many_real_forward(rank, n, many, reinterpret_cast<R*>(in.data()), nullptr, 1,
                                       image, b, nullptr, 1, spectrum, how);
  else if (kind == FftKind::real_backward)
    plan_ = Library::many_real_backward(rank, n, many, a, nullptr, 1, spectrum,
                                        reinterpret_cast<R*>(out.data()), nullptr, 1, image, how);
  else
    plan_ = Library::many_complex(rank, n, many, a, nullptr, 1, image, a, nullptr, 1, image,
                                  kind == FftKind::forward ? FFTW_FORWARD : FFTW_BACKWARD, how);
  if (plan_ == nullptr) throw Error("FFTW made no plan for whole images");
}

template <typename R>
FftwImages<R>::~FftwImages() {
  destroy_fftw_plan<R>(plan_);
}

template <typename R>
void FftwImages<R>::operator()(Complex* in, Complex* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}
template <typename R>
void FftwImages<R>::operator()(R* in, Complex* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}
template <typename R>
void FftwImages<R>::operator()(Complex* in, R* out) const {
  execute_fftw_plan<R>(plan_, in, out);
}

template class FftwImages<float>;
template class FftwImages<double>;

}  // namespace misfit::detail

#endif
