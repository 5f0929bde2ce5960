// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/fourier/fft_library.hpp>

#if defined(KOKKOS_ENABLE_CUDA)

#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <cufft.h>

#include <cstddef>
#include <string>
#include <type_traits>

namespace misfit::detail {
namespace {

/// Throws Error unless a call of cuFFT succeeded.
void check_cufft(cufftResult result, const char* call) {
  if (result != CUFFT_SUCCESS)
    throw Error(std::string(call) + " failed with code " +
                std::to_string(static_cast<int>(result)));
}

template <typename R>
constexpr bool single = std::is_same_v<R, float>;

template <typename R>
cufftType type_of(FftKind kind) {
  if (kind == FftKind::real_forward) return single<R> ? CUFFT_R2C : CUFFT_D2Z;
  if (kind == FftKind::real_backward) return single<R> ? CUFFT_C2R : CUFFT_Z2D;
  return single<R> ? CUFFT_C2C : CUFFT_Z2Z;
}

template <typename R>
auto* as_cufft(Kokkos::complex<R>* entries) {
  using Library = std::conditional_t<single<R>, cufftComplex, cufftDoubleComplex>;
  return reinterpret_cast<Library*>(entries);
}

}  // namespace

static_assert(std::is_same_v<cufftHandle, int>);

template <typename R>
CufftPlan<R>::CufftPlan(const Kokkos::Cuda& exec, int rank, const std::int64_t* n,
                        std::int64_t batch, FftKind kind)
    : backward_(kind == FftKind::backward) {
  long long extents[3];
  for (int d = 0; d < rank; ++d) extents[d] = n[d];
  check_cufft(cufftCreate(&plan_), "cufftCreate");
  std::size_t bytes = 0;
  const cufftResult made = cufftMakePlanMany64(plan_, rank, extents, nullptr, 1, 0, nullptr, 1, 0,
                                               type_of<R>(kind), batch, &bytes);
  const cufftResult set = made == CUFFT_SUCCESS ? cufftSetStream(plan_, exec.cuda_stream()) : made;
  if (set != CUFFT_SUCCESS) {
    cufftDestroy(plan_);
    check_cufft(set, "cufftMakePlanMany64");
  }
}

template <typename R>
CufftPlan<R>::~CufftPlan() {
  cufftDestroy(plan_);
}

template <typename R>
void CufftPlan<R>::operator()(Complex* in, Complex* out) const {
  const int direction = backward_ ? CUFFT_INVERSE : CUFFT_FORWARD;
  if constexpr (single<R>)
    check_cufft(cufftExecC2C(plan_, as_cufft(in), as_cufft(out), direction), "cufftExecC2C");
  else
    check_cufft(cufftExecZ2Z(plan_, as_cufft(in), as_cufft(out), direction), "cufftExecZ2Z");
}

template <typename R>
void CufftPlan<R>::operator()(R* in, Complex* out) const {
  if constexpr (single<R>)
    check_cufft(cufftExecR2C(plan_, in, as_cufft(out)), "cufftExecR2C");
  else
    check_cufft(cufftExecD2Z(plan_, in, as_cufft(out)), "cufftExecD2Z");
}

template <typename R>
void CufftPlan<R>::operator()(Complex* in, R* out) const {
  if constexpr (single<R>)
    check_cufft(cufftExecC2R(plan_, as_cufft(in), out), "cufftExecC2R");
  else
    check_cufft(cufftExecZ2D(plan_, as_cufft(in), out), "cufftExecZ2D");
}

template class CufftPlan<float>;
template class CufftPlan<double>;

}  // namespace misfit::detail

#endif
