// SPDX-License-Identifier: BSD-3-Clause
// expect: there is no FFT library for this device
#include <misfit/detail/fourier/passes.hpp>

struct Device {};  // stands for one that is neither a CPU nor CUDA's
struct DeviceMemory {
  using execution_space = Device;
};

template <>
inline constexpr bool misfit::detail::on_host<Device> = false;

using Transform = misfit::detail::Fft<Kokkos::complex<float>, DeviceMemory>;
