// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// FFTW in both precisions.

#include <misfit/detail/base/scalar.hpp>

#include <Kokkos_Core.hpp>
#include <fftw3.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <string>

namespace misfit::detail {

/// The functions of FFTW in one precision.
template <typename R>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Complex = fftw_complex;
  using Dimension = fftw_iodim64;
  static constexpr auto complex = &fftw_plan_guru64_dft;
  static constexpr auto real_forward = &fftw_plan_dft_r2c_1d;
  static constexpr auto real_backward = &fftw_plan_dft_c2r_1d;
  static constexpr auto many_complex = &fftw_plan_many_dft;
  static constexpr auto many_real_forward = &fftw_plan_many_dft_r2c;
  static constexpr auto many_real_backward = &fftw_plan_many_dft_c2r;
  static constexpr auto execute = &fftw_execute_dft;
  static constexpr auto execute_real_forward = &fftw_execute_dft_r2c;
  static constexpr auto execute_real_backward = &fftw_execute_dft_c2r;
  static constexpr auto destroy = &fftw_destroy_plan;
  static constexpr auto wisdom = &fftw_export_wisdom_to_string;
  static constexpr auto learn = &fftw_import_wisdom_from_string;
  static constexpr auto forget = &fftw_forget_wisdom;
};

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  using Complex = fftwf_complex;
  using Dimension = fftwf_iodim64;
  static constexpr auto complex = &fftwf_plan_guru64_dft;
  static constexpr auto real_forward = &fftwf_plan_dft_r2c_1d;
  static constexpr auto real_backward = &fftwf_plan_dft_c2r_1d;
  static constexpr auto many_complex = &fftwf_plan_many_dft;
  static constexpr auto many_real_forward = &fftwf_plan_many_dft_r2c;
  static constexpr auto many_real_backward = &fftwf_plan_many_dft_c2r;
  static constexpr auto execute = &fftwf_execute_dft;
  static constexpr auto execute_real_forward = &fftwf_execute_dft_r2c;
  static constexpr auto execute_real_backward = &fftwf_execute_dft_c2r;
  static constexpr auto destroy = &fftwf_destroy_plan;
  static constexpr auto wisdom = &fftwf_export_wisdom_to_string;
  static constexpr auto learn = &fftwf_import_wisdom_from_string;
  static constexpr auto forget = &fftwf_forget_wisdom;
};

/// FFTW's planner is for one thread at a time. (A program that plans with FFTW itself, in another
/// thread, calls fftw_make_planner_thread_safe first.)
inline std::mutex& fftw_planner() {
  static std::mutex mutex;
  return mutex;
}

/// What FFTW has learnt so far. For the holder of the planner.
template <typename R>
std::string fftw_wisdom() {
  const std::unique_ptr<char, void (*)(void*)> text(Fftw<R>::wisdom(), &std::free);
  if (!text) throw std::bad_alloc();
  return text.get();
}

template <typename R>
typename Fftw<R>::Complex* as_fftw(Kokkos::complex<R>* entries) {
  return reinterpret_cast<typename Fftw<R>::Complex*>(entries);
}

template <typename R>
void destroy_fftw_plan(void* plan) {
  const std::lock_guard lock(fftw_planner());
  Fftw<R>::destroy(static_cast<typename Fftw<R>::Plan>(plan));
}

/// Transforms R or Kokkos::complex<R>.
template <typename R, typename In, typename Out>
void execute_fftw_plan(void* of, In* in, Out* out) {
  const auto plan = static_cast<typename Fftw<R>::Plan>(of);
  if constexpr (!is_complex<In>)
    Fftw<R>::execute_real_forward(plan, in, as_fftw(out));
  else if constexpr (!is_complex<Out>)
    Fftw<R>::execute_real_backward(plan, as_fftw(in), out);
  else
    Fftw<R>::execute(plan, as_fftw(in), as_fftw(out));
}

}  // namespace misfit::detail
