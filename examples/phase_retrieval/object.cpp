// SPDX-License-Identifier: BSD-3-Clause
#include "object.hpp"

#include "../support/images.hpp"
#include "../support/resized.hpp"
#include "../support/volume.hpp"

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <random>

namespace phase_retrieval {

HostImage read_object(const std::string& path, int volume_named) {
  const misfit::io::NiftiFile file(path);
  const std::size_t which = examples::volume_of(file, path, volume_named);
  const auto volume = file.shape();
  const auto slice = [&](std::size_t z) {
    return examples::resized(file.read(which, {z, z + 1}), {volume[1], volume[2]}, shape);
  };
  const auto magnitude = slice(volume[0] / 2), phase = slice(volume[0] / 3);
  const float largest_magnitude = examples::largest_of(magnitude);
  const float largest = std::max(largest_magnitude, examples::largest_of(phase));
  if (!(largest_magnitude > 0) || !std::isfinite(largest))
    throw misfit::FileError(path + ": the slices are empty, or not finite");
  HostImage x("object", shape.size());
  for (std::size_t j = 0; j < shape.size(); ++j)
    x(j) = std::abs(magnitude(j)) / largest *
           Kokkos::exp(Complex(0, std::numbers::pi_v<float> * phase(j) / largest));
  return x;
}

Image mask(int i) {
  const Complex turns[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  HostImage values("mask", shape.size());
  std::mt19937_64 random(static_cast<unsigned>(i) + 1);
  for (std::size_t j = 0; j < shape.size(); ++j) values(j) = turns[random() >> 62];
  return examples::on_device(values);
}

Image random_image() {
  HostImage values("start", shape.size());
  std::mt19937_64 random(0);
  std::normal_distribution<float> normal;
  for (std::size_t j = 0; j < shape.size(); ++j)
    values(j) = Complex(normal(random), normal(random));
  return examples::on_device(values);
}

double error(const HostImage& x, const HostImage& truth) {
  double xx = 0, tt = 0;
  Kokkos::complex<double> xt = 0;
  for (std::size_t j = 0; j < x.extent(0); ++j) {
    const Kokkos::complex<double> a(x(j)), b(truth(j));
    xx += (Kokkos::conj(a) * a).real();
    tt += (Kokkos::conj(b) * b).real();
    xt += Kokkos::conj(a) * b;
  }
  return std::sqrt(std::max(0.0, xx + tt - 2 * Kokkos::abs(xt)) / tt);
}

}  // namespace phase_retrieval
