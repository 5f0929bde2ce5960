// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/io/host_vector.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace examples {

/// `image` where kernels can reach it: itself, where that is host memory.
template <typename T>
Kokkos::View<T*> on_device(const misfit::io::HostVector<T>& image) {
  return Kokkos::create_mirror_view_and_copy(typename Kokkos::View<T*>::memory_space(), image);
}

/// `image` in host memory: itself, where it is there.
template <misfit::KokkosView Image>
misfit::io::HostVector<typename Image::non_const_value_type> on_host(const Image& image) {
  return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), image);
}

inline float magnitude(float x) { return std::abs(x); }
inline float magnitude(const Kokkos::complex<float>& x) { return Kokkos::abs(x); }

/// The largest |x_j|; infinite if one is not finite.
template <typename T>
float largest_of(const misfit::io::HostVector<T>& x) {
  float largest = 0;
  for (std::size_t j = 0; j < x.extent(0); ++j) {
    const float entry = magnitude(x(j));
    if (!std::isfinite(entry)) return std::numeric_limits<float>::infinity();
    largest = std::max(largest, entry);
  }
  return largest;
}

/// |x|, summed in double.
template <typename T>
double norm(const misfit::io::HostVector<T>& x) {
  double squares = 0;
  for (std::size_t j = 0; j < x.extent(0); ++j)
    squares += std::pow(static_cast<double>(magnitude(x(j))), 2);
  return std::sqrt(squares);
}

}  // namespace examples
