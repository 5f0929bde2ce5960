// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/fourier/fft_library.hpp>

#if defined(KOKKOS_ENABLE_HIP)

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <rocfft/rocfft.h>

#include <cstddef>
#include <string>
#include <type_traits>

namespace misfit::detail {
namespace {

/// Throws Error unless a call of rocFFT succeeded.
void check_rocfft(rocfft_status status, const char* call) {
  if (status != rocfft_status_success)
    throw Error(std::string(call) + " failed with code " +
                std::to_string(static_cast<int>(status)));
}

rocfft_transform_type type_of(FftKind kind) {
  if (kind == FftKind::forward) return rocfft_transform_type_complex_forward;
  if (kind == FftKind::backward) return rocfft_transform_type_complex_inverse;
  if (kind == FftKind::real_forward) return rocfft_transform_type_real_forward;
  return rocfft_transform_type_real_inverse;
}

/// Once in a program; what it holds is left to the end of the program.
void set_up_rocfft() {
  static const rocfft_status status = rocfft_setup();
  check_rocfft(status, "rocfft_setup");
}

}  // namespace

/// Of rocFFT; each is nullptr until it is made.
template <typename R>
struct RocfftPlan<R>::Handles {
  Handles() = default;
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    if (info != nullptr) rocfft_execution_info_destroy(info);
    if (plan != nullptr) rocfft_plan_destroy(plan);
  }

  void execute(void* in, void* out) const {
    check_rocfft(rocfft_execute(plan, &in, &out, info), "rocfft_execute");
  }

  rocfft_plan plan = nullptr;
  rocfft_execution_info info = nullptr;
  Kokkos::View<char*, typename Hip::memory_space> work;
};

template <typename R>
RocfftPlan<R>::RocfftPlan(const Hip& exec, int rank, const std::int64_t* n, std::int64_t batch,
                          FftKind kind)
    : handles_(std::make_unique<Handles>()) {
  set_up_rocfft();
  const auto dimensions = static_cast<std::size_t>(rank);
  std::size_t lengths[3] = {};  // the innermost first
  for (int d = 0; d < rank; ++d) lengths[d] = static_cast<std::size_t>(n[rank - 1 - d]);
  const bool of_complex = kind == FftKind::forward || kind == FftKind::backward;
  constexpr bool single = std::is_same_v<R, float>;
  check_rocfft(
      rocfft_plan_create(&handles_->plan,
                         of_complex ? rocfft_placement_inplace : rocfft_placement_notinplace,
                         type_of(kind), single ? rocfft_precision_single : rocfft_precision_double,
                         dimensions, lengths, static_cast<std::size_t>(batch), nullptr),
      "rocfft_plan_create");
  check_rocfft(rocfft_execution_info_create(&handles_->info), "rocfft_execution_info_create");
  check_rocfft(rocfft_execution_info_set_stream(handles_->info, exec.hip_stream()),
               "rocfft_execution_info_set_stream");

  // Without memory of its own a plan would allocate in every call.
  std::size_t bytes = 0;
  check_rocfft(rocfft_plan_get_work_buffer_size(handles_->plan, &bytes),
               "rocfft_plan_get_work_buffer_size");
  if (bytes == 0) return;
  handles_->work = Kokkos::View<char*, typename Hip::memory_space>(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::RocfftPlan::work"), bytes);
  check_rocfft(rocfft_execution_info_set_work_buffer(handles_->info, handles_->work.data(), bytes),
               "rocfft_execution_info_set_work_buffer");
}

template <typename R>
RocfftPlan<R>::~RocfftPlan() = default;

template <typename R>
void RocfftPlan<R>::operator()(Complex* in, Complex* out) const {
  handles_->execute(in, out);
}

template <typename R>
void RocfftPlan<R>::operator()(R* in, Complex* out) const {
  handles_->execute(in, out);
}

template <typename R>
void RocfftPlan<R>::operator()(Complex* in, R* out) const {
  handles_->execute(in, out);
}

template class RocfftPlan<float>;
template class RocfftPlan<double>;

}  // namespace misfit::detail

#endif
