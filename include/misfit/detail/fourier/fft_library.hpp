// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What misfit asks of FFT libraries: of FFTW for kernels that run on a CPU, of cuFFT for CUDA, of
// rocFFT for HIP. core/fourier alone includes them. A library for another device gets a class like
// CufftPlan here, and its own specialisation of FftLibrary.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/fourier_planning.hpp>

#include <Kokkos_Core.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace misfit::detail {

/// Of complex entries with e^{−2πi…} or e^{+2πi…}; of real entries to the n/2 + 1 first of their
/// spectrum, and back. None is normalised.
enum class FftKind { forward, backward, real_forward, real_backward };

/// How the memory of all lines is aligned, in bytes: plans rely on it.
inline constexpr std::size_t fft_alignment = 64;

/// Lines that FFTW transforms in one call.
struct FftLineGroup {
  std::int64_t n;             ///< the entries of a line
  std::int64_t count = 1;     ///< lines
  std::int64_t stride = 1;    ///< from an entry to the next
  std::int64_t distance = 0;  ///< from a line to the next
  bool in_place = false;      ///< else `stride` and `distance` are 1 and 0
  friend auto operator<=>(const FftLineGroup&, const FftLineGroup&) = default;
};

/// A plan of FFTW for a group of lines; made once per (group, precision, kind, planning) as long as
/// somebody holds it. Any number of threads may use one.
template <typename R>
class FftwPlan {
  using Complex = Kokkos::complex<R>;

 public:
  /// Groups of several lines are complex. Throws ArgumentError if lines are too long for FFTW.
  static std::shared_ptr<const FftwPlan> of(const FftLineGroup& lines, FftKind kind,
                                            FourierPlanning planning);

  FftwPlan(const FftwPlan&) = delete;
  FftwPlan& operator=(const FftwPlan&) = delete;
  ~FftwPlan();

  /// Transforms `in` to `out`, aligned, the same or apart as the group says, of the kind that the
  /// plan is for. Leaves `in` apart as it is, but for FftKind::real_backward.
  void operator()(Complex* in, Complex* out) const;
  void operator()(R* in, Complex* out) const;
  void operator()(Complex* in, R* out) const;

 private:
  FftwPlan(const FftLineGroup& lines, FftKind kind, FourierPlanning planning);

  void* plan_;
};

extern template class FftwPlan<float>;
extern template class FftwPlan<double>;

/// The library for transforms of whole images on a device: Plan<R>, and what tells the streams of
/// two instances apart.
template <typename Device>
struct FftLibrary;

/// Whether there is one.
template <typename Device>
concept HasFftLibrary = requires(const Device& exec) { FftLibrary<Device>::stream_of(exec); };

#if defined(KOKKOS_ENABLE_CUDA)

/// A plan of cuFFT for `batch` images, on one stream. For one thread at a time.
template <typename R>
class CufftPlan {
  using Complex = Kokkos::complex<R>;

 public:
  /// `n` are the extents of `rank` dimensions, each image behind the one before.
  CufftPlan(const Kokkos::Cuda& exec, int rank, const std::int64_t* n, std::int64_t batch,
            FftKind kind);
  CufftPlan(const CufftPlan&) = delete;
  CufftPlan& operator=(const CufftPlan&) = delete;
  ~CufftPlan();

  /// Asynchronous on the stream. `in` may be `out`.
  void operator()(Complex* in, Complex* out) const;
  void operator()(R* in, Complex* out) const;
  void operator()(Complex* in, R* out) const;

 private:
  int plan_ = 0;  // a cufftHandle
  bool backward_;
};

extern template class CufftPlan<float>;
extern template class CufftPlan<double>;

template <>
struct FftLibrary<Kokkos::Cuda> {
  template <typename R>
  using Plan = CufftPlan<R>;
  static const void* stream_of(const Kokkos::Cuda& exec) { return exec.cuda_stream(); }
};

#endif
#if defined(KOKKOS_ENABLE_HIP)

/// What CufftPlan is, of rocFFT: complex transforms are in place, real ones are not.
template <typename R>
class RocfftPlan {
  using Complex = Kokkos::complex<R>;

 public:
  RocfftPlan(const Hip& exec, int rank, const std::int64_t* n, std::int64_t batch, FftKind kind);
  RocfftPlan(const RocfftPlan&) = delete;
  RocfftPlan& operator=(const RocfftPlan&) = delete;
  ~RocfftPlan();

  void operator()(Complex* in, Complex* out) const;
  void operator()(R* in, Complex* out) const;
  void operator()(Complex* in, R* out) const;

 private:
  struct Handles;

  std::unique_ptr<Handles> handles_;
};

extern template class RocfftPlan<float>;
extern template class RocfftPlan<double>;

template <>
struct FftLibrary<Hip> {
  template <typename R>
  using Plan = RocfftPlan<R>;
  static const void* stream_of(const Hip& exec) { return exec.hip_stream(); }
};

#endif

}  // namespace misfit::detail
