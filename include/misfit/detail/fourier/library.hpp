// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one place that names FFT libraries: FFTW for kernels that run on a CPU, cuFFT for CUDA. A
// library for another device (rocFFT for HIP) gets a class like CufftPlan here, and its own
// specialisation of FftLibrary.
//
// FFTW's plans are estimated, not measured: a measurement would choose other sums from run to run
// and from rank to rank, and with them other last bits. Estimates are good for the only thing asked
// of FFTW here: one line of entries, one behind the other.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <fftw3.h>
#if defined(KOKKOS_ENABLE_CUDA)
#include <cufft.h>
#endif

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <type_traits>

namespace misfit::detail {

/// Of complex entries with e^{−2πi…} or e^{+2πi…}; of real entries to the n/2 + 1 first of their
/// spectrum, and back. None is normalised.
enum class FftKind { forward, backward, real_forward, real_backward };

/// The functions of FFTW in one precision.
template <typename R>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Complex = fftw_complex;
  static constexpr auto complex = &fftw_plan_dft_1d;
  static constexpr auto real_forward = &fftw_plan_dft_r2c_1d;
  static constexpr auto real_backward = &fftw_plan_dft_c2r_1d;
  static constexpr auto execute = &fftw_execute_dft;
  static constexpr auto execute_real_forward = &fftw_execute_dft_r2c;
  static constexpr auto execute_real_backward = &fftw_execute_dft_c2r;
  static constexpr auto destroy = &fftw_destroy_plan;
};

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  using Complex = fftwf_complex;
  static constexpr auto complex = &fftwf_plan_dft_1d;
  static constexpr auto real_forward = &fftwf_plan_dft_r2c_1d;
  static constexpr auto real_backward = &fftwf_plan_dft_c2r_1d;
  static constexpr auto execute = &fftwf_execute_dft;
  static constexpr auto execute_real_forward = &fftwf_execute_dft_r2c;
  static constexpr auto execute_real_backward = &fftwf_execute_dft_c2r;
  static constexpr auto destroy = &fftwf_destroy_plan;
};

/// How the memory of all lines is aligned, in bytes: plans rely on it.
inline constexpr std::size_t fft_alignment = 64;

/// FFTW's planner is for one thread at a time. (A program that plans with FFTW itself, in another
/// thread, calls fftw_make_planner_thread_safe first.)
inline std::mutex& fftw_planner() {
  static std::mutex mutex;
  return mutex;
}

/// A plan of FFTW for one line of n entries, out of place; made once per (n, precision, kind) as
/// long as somebody holds it. Any number of threads may use one.
template <typename R>
class FftwLine {
  using Library = Fftw<R>;

 public:
  /// Throws ArgumentError if the line is too long for FFTW.
  static std::shared_ptr<const FftwLine> of(std::int64_t n, FftKind kind) {
    static std::map<std::tuple<std::int64_t, FftKind>, std::weak_ptr<const FftwLine>> plans;
    const std::lock_guard lock(fftw_planner());
    auto& known = plans[{n, kind}];
    auto plan = known.lock();
    if (!plan) known = plan = std::shared_ptr<const FftwLine>(new FftwLine(n, kind));
    return plan;
  }

  FftwLine(const FftwLine&) = delete;
  FftwLine& operator=(const FftwLine&) = delete;
  ~FftwLine() {
    // Not under the lock of of(), which never drops the last owner of a plan.
    const std::lock_guard lock(fftw_planner());
    Library::destroy(plan_);
  }

  /// Transforms `in` to `out`: lines of R or Kokkos::complex<R>, aligned and apart. Leaves `in` as
  /// it is, but for FftKind::real_backward.
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
  using Complex = Kokkos::complex<R>;

  FftwLine(std::int64_t length, FftKind kind) {
    if (length > std::numeric_limits<int>::max())
      throw ArgumentError("Fourier transform: " + std::to_string(length) +
                          " entries in one dimension are too many");
    const int n = static_cast<int>(length);
    // Planning wants to see how lines are aligned, and does not touch them.
    const Kokkos::View<Complex*, Kokkos::HostSpace> in("misfit::FftwLine::in", n),
        out("misfit::FftwLine::out", n);
    const unsigned how = FFTW_ESTIMATE;
    if (kind == FftKind::real_forward)
      plan_ = Library::real_forward(n, reinterpret_cast<R*>(in.data()), as_fftw(out.data()), how);
    else if (kind == FftKind::real_backward)
      plan_ = Library::real_backward(n, as_fftw(in.data()), reinterpret_cast<R*>(out.data()), how);
    else
      plan_ = Library::complex(n, as_fftw(in.data()), as_fftw(out.data()),
                               kind == FftKind::forward ? FFTW_FORWARD : FFTW_BACKWARD, how);
    if (plan_ == nullptr) throw Error("FFTW made no plan for " + std::to_string(n) + " entries");
  }

  static typename Library::Complex* as_fftw(Complex* line) {
    return reinterpret_cast<typename Library::Complex*>(line);
  }

  typename Library::Plan plan_;
};

/// The library for transforms of whole images on a device: Plan<R>, and what tells the streams of
/// two instances apart.
template <typename Device>
struct FftLibrary;

/// Whether there is one.
template <typename Device>
concept HasFftLibrary = requires(const Device& exec) { FftLibrary<Device>::stream_of(exec); };

#if defined(KOKKOS_ENABLE_CUDA)

/// Throws Error unless a call of cuFFT succeeded.
inline void check_cufft(cufftResult result, const char* call) {
  if (result != CUFFT_SUCCESS)
    throw Error(std::string(call) + " failed with code " +
                std::to_string(static_cast<int>(result)));
}

/// A plan of cuFFT for `batch` images, on one stream. For one thread at a time.
template <typename R>
class CufftPlan {
  static constexpr bool single = std::is_same_v<R, float>;
  using Library = std::conditional_t<single, cufftComplex, cufftDoubleComplex>;
  using LibraryReal = std::conditional_t<single, cufftReal, cufftDoubleReal>;

 public:
  /// `n` are the extents of `rank` dimensions, each image behind the one before.
  CufftPlan(const Kokkos::Cuda& exec, int rank, const std::int64_t* n, std::int64_t batch,
            FftKind kind)
      : backward_(kind == FftKind::backward) {
    long long extents[3];
    for (int d = 0; d < rank; ++d) extents[d] = n[d];
    check_cufft(cufftCreate(&plan_), "cufftCreate");
    std::size_t bytes = 0;
    const cufftResult made = cufftMakePlanMany64(plan_, rank, extents, nullptr, 1, 0, nullptr, 1, 0,
                                                 type_of(kind), batch, &bytes);
    const cufftResult set =
        made == CUFFT_SUCCESS ? cufftSetStream(plan_, exec.cuda_stream()) : made;
    if (set != CUFFT_SUCCESS) {
      cufftDestroy(plan_);
      check_cufft(set, "cufftMakePlanMany64");
    }
  }
  CufftPlan(const CufftPlan&) = delete;
  CufftPlan& operator=(const CufftPlan&) = delete;
  ~CufftPlan() { cufftDestroy(plan_); }

  /// Asynchronous on the stream. `in` may be `out`.
  template <typename In, typename Out>
  void operator()(In* in, Out* out) const {
    if constexpr (!is_complex<In>) {
      if constexpr (single)
        check_cufft(cufftExecR2C(plan_, in, as_cufft(out)), "cufftExecR2C");
      else
        check_cufft(cufftExecD2Z(plan_, in, as_cufft(out)), "cufftExecD2Z");
    } else if constexpr (!is_complex<Out>) {
      if constexpr (single)
        check_cufft(cufftExecC2R(plan_, as_cufft(in), out), "cufftExecC2R");
      else
        check_cufft(cufftExecZ2D(plan_, as_cufft(in), out), "cufftExecZ2D");
    } else {
      const int direction = backward_ ? CUFFT_INVERSE : CUFFT_FORWARD;
      if constexpr (single)
        check_cufft(cufftExecC2C(plan_, as_cufft(in), as_cufft(out), direction), "cufftExecC2C");
      else
        check_cufft(cufftExecZ2Z(plan_, as_cufft(in), as_cufft(out), direction), "cufftExecZ2Z");
    }
  }

 private:
  static cufftType type_of(FftKind kind) {
    if (kind == FftKind::real_forward) return single ? CUFFT_R2C : CUFFT_D2Z;
    if (kind == FftKind::real_backward) return single ? CUFFT_C2R : CUFFT_Z2D;
    return single ? CUFFT_C2C : CUFFT_Z2Z;
  }
  static Library* as_cufft(Kokkos::complex<R>* line) { return reinterpret_cast<Library*>(line); }

  cufftHandle plan_ = 0;
  bool backward_;
};

template <>
struct FftLibrary<Kokkos::Cuda> {
  template <typename R>
  using Plan = CufftPlan<R>;
  static const void* stream_of(const Kokkos::Cuda& exec) { return exec.cuda_stream(); }
};

#endif

}  // namespace misfit::detail
