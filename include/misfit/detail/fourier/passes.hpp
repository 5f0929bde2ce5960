// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the Fourier operators do to single entries, beside the transforms.

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/fourier/device_fft.hpp>
#include <misfit/detail/fourier/host_fft.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>
#include <type_traits>

namespace misfit::detail {

template <typename T, typename Device>
struct FftOn {
  static_assert(in_cpu_form<Device> || HasFftLibrary<Device>,
                "misfit: there is no FFT library for this device; misfit knows FFTW for CPUs, "
                "cuFFT for CUDA and rocFFT for HIP. Build with MISFIT_ENABLE_FOURIER=OFF, or keep "
                "the images of "
                "Fourier operators in Kokkos::HostSpace");
  using type = DeviceFft<T, Device>;
};
template <typename T, typename Device>
  requires in_cpu_form<Device>
struct FftOn<T, Device> {
  using type = HostFft<T>;
};

/// Transforms of images of T in `Space`.
template <typename T, typename Space>
using Fft = typename FftOn<T, typename Space::execution_space>::type;

/// Stands for a View of which every entry is 1: no mask, or no coil map.
template <typename R, typename Space = Kokkos::DefaultExecutionSpace::memory_space>
struct Ones {
  using memory_space = Space;
  using const_type = Ones;
  using non_const_value_type = R;
  KOKKOS_FORCEINLINE_FUNCTION R operator[](std::int64_t) const { return R(1); }
  KOKKOS_FORCEINLINE_FUNCTION Ones operator+(std::int64_t) const { return {}; }
};

template <typename V>
inline constexpr bool is_ones = false;
template <typename R, typename Space>
inline constexpr bool is_ones<Ones<R, Space>> = true;

/// Where the entries of a View lie: a copy of the View itself, in every row of a pass, would count
/// references. Of Ones: Ones.
template <typename V>
auto entries_of(const V& view) {
  if constexpr (is_ones<V>)
    return view;
  else
    return view.data();
}

template <typename T>
T* entries_of(T* entries) {
  return entries;
}

/// Asks a CPU for `count` entries. Beyond the end it does no harm.
template <typename Entries>
void prefetch_entries(const Entries& from, std::int64_t count) {
  if constexpr (std::is_pointer_v<Entries>)
    prefetch(from, static_cast<std::size_t>(count) * sizeof(*from));
}

/// c_j x_j.
template <typename C, typename X>
struct LoadTimes {
  KOKKOS_FORCEINLINE_FUNCTION auto operator()(std::int64_t j) const { return c[j] * x[j]; }
  void prefetch(std::int64_t j, std::int64_t count) const {
    prefetch_entries(c + j, count);
    prefetch_entries(x + j, count);
  }
  C c;
  X x;
};
template <typename C, typename X>
auto load_times(const C& c, const X& x) {
  return LoadTimes<decltype(entries_of(c)), decltype(entries_of(x))>{entries_of(c), entries_of(x)};
}

/// x_j += conj(c_j) v.
template <typename C, typename X>
struct AddTimes {
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, const T& v) const {
    x[j] += conj(c[j]) * v;
  }
  void prefetch(std::int64_t j, std::int64_t count) const {
    prefetch_entries(c + j, count);
    prefetch_entries(x + j, count);
  }
  C c;
  X x;
};
template <typename C, typename X>
auto add_times(const C& c, const X& x) {
  return AddTimes<decltype(entries_of(c)), decltype(entries_of(x))>{entries_of(c), entries_of(x)};
}

/// x_j = start + conj(c_j) v, where `start` is 0, or NaN.
template <typename C, typename X>
struct SetTimes {
  using R = Real<std::remove_pointer_t<X>>;
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, const T& v) const {
    x[j] = start + conj(c[j]) * v;
  }
  SetTimes from(double sum) const { return {c, x, static_cast<R>(sum)}; }
  void prefetch(std::int64_t j, std::int64_t count) const {
    prefetch_entries(c + j, count);
    prefetch_entries(x + j, count);
  }
  C c;
  X x;
  R start = 0;
};
template <typename C, typename X>
auto set_times(const C& c, const X& x) {
  return SetTimes<decltype(entries_of(c)), decltype(entries_of(x))>{entries_of(c), entries_of(x)};
}

/// x_j = v.
template <typename T>
struct Put {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, const T& v) const { x[j] = v; }
  void prefetch(std::int64_t j, std::int64_t count) const { prefetch_entries(x + j, count); }
  T* x;
};

/// Where a transform goes in one direction only.
struct Nothing {
  KOKKOS_FORCEINLINE_FUNCTION float operator()(std::int64_t) const { return 0; }
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t, const T&) const {}
};

}  // namespace misfit::detail
