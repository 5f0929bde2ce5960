// SPDX-License-Identifier: BSD-3-Clause
#include "acquisitions.hpp"

#include <misfit/geometry/padding.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/downsample.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace brain {
namespace {

using HostVector = Kokkos::View<float*, Kokkos::HostSpace>;

/// Direction i, (z, y, x), of eight on a spiral around the half sphere z > 0.
std::array<double, 3> direction(int i) {
  const double z = (i % count + 0.5) / count, radius = std::sqrt(1 - z * z);
  const double golden_angle = std::numbers::pi * (3 - std::sqrt(5.0));
  return {z, radius * std::sin(golden_angle * i), radius * std::cos(golden_angle * i)};
}

/// A number in (0, 1) that depends on `key` alone.
double uniform(std::uint64_t key) {
  key += 0x9e3779b97f4a7c15;
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9;
  key = (key ^ (key >> 27)) * 0x94d049bb133111eb;
  key ^= key >> 31;
  return (static_cast<double>(key >> 12) + 0.5) * 0x1p-52;
}

/// A standard normal number for voxel j of acquisition i.
double normal(int i, std::size_t j) {
  const std::uint64_t key = (static_cast<std::uint64_t>(i) << 48 | j) * 2;
  return std::sqrt(-2 * std::log(uniform(key))) * std::cos(2 * std::numbers::pi * uniform(key + 1));
}

Acquisition acquisition(int i, const misfit::Shape& shape) {
  return misfit::compose(misfit::Downsample(shape, 2),
                         misfit::Blur(shape, kernel(i), misfit::Padding::replicate));
}

}  // namespace

Kernel kernel(int i) {
  const auto d = direction(i % count);
  Kernel result("brain::kernel", taps, taps, taps);
  double sum = 0;
  for (int z = 0; z < taps; ++z)
    for (int y = 0; y < taps; ++y)
      for (int x = 0; x < taps; ++x) {
        const std::array<double, 3> r{z - taps / 2.0 + 0.5, y - taps / 2.0 + 0.5,
                                      x - taps / 2.0 + 0.5};
        const double along = r[0] * d[0] + r[1] * d[1] + r[2] * d[2];
        const double across2 = r[0] * r[0] + r[1] * r[1] + r[2] * r[2] - along * along;
        const double value = std::exp(
            -0.5 * (along * along / (long_axis * long_axis) + across2 / (short_axis * short_axis)));
        result(z, y, x) = static_cast<float>(value);
        sum += value;
      }
  for (std::size_t j = 0; j < result.size(); ++j) result.data()[j] /= static_cast<float>(sum);
  return result;
}

misfit::Shape acquisition_shape(const misfit::Shape& shape) {
  return misfit::Downsample(shape, 2).range_shape();
}

Acquisitions make_acquisitions(const misfit::Slabs& slabs, int n) {
  return Acquisitions(slabs, n, [&](int i) { return acquisition(i, slabs.shape()); });
}

misfit::Measurements<Signal> acquire(const Exec& exec, const misfit::Slabs& slabs,
                                     const Acquisitions& acquisitions, const Signal& x) {
  const misfit::Shape sampled = acquisition_shape(slabs.shape());
  // Entry o of an acquisition belongs to the slab that owns row 2 o.
  const std::size_t first = (slabs.owned().begin + 1) / 2 * sampled[1] * sampled[2];
  const auto exact = acquisitions.allocate_measurements<float>();
  acquisitions.forward(exec, x, exact, misfit::Scope::local);
  return acquisitions.measurements(exec, [&](int i, std::size_t k) {
    auto values = to_host(exec, exact[k]);
    for (std::size_t j = 0; j < values.size(); ++j)
      values[j] += static_cast<float>(noise * normal(i, first + j));
    return to_device(exec, values, "brain::acquisition");
  });
}

std::vector<float> to_host(const Exec& exec, const Signal& signal) {
  std::vector<float> values(signal.extent(0));
  Kokkos::deep_copy(exec, HostVector(values.data(), values.size()), signal);
  exec.fence();
  return values;
}

Signal to_device(const Exec& exec, const std::vector<float>& values, const std::string& label) {
  Signal signal(Kokkos::view_alloc(Kokkos::WithoutInitializing, label), values.size());
  Kokkos::deep_copy(exec, signal,
                    Kokkos::View<const float*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(
                        values.data(), values.size()));
  exec.fence();
  return signal;
}

}  // namespace brain
