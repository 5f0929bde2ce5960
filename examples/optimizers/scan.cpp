// SPDX-License-Identifier: BSD-3-Clause
#include "scan.hpp"

#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace {

/// μ of a pixel, from 0 to 1: a head of ellipses, the smaller the farther from the middle slice.
double phantom(double z, double y, double x) {
  struct Ellipse {
    double value, y, x, height, width;
  };
  constexpr Ellipse ellipses[] = {{0.9, 0, 0, 0.90, 0.70},        {-0.5, 0, 0, 0.82, 0.62},
                                  {-0.3, 0.05, 0.22, 0.35, 0.12}, {-0.3, 0.05, -0.22, 0.40, 0.15},
                                  {0.25, -0.45, 0, 0.16, 0.22},   {0.30, 0.55, 0.1, 0.06, 0.06},
                                  {0.30, 0.55, -0.2, 0.05, 0.05}};
  const double scale = std::sqrt(1 - 0.5 * z * z);
  double sum = 0;
  for (const Ellipse& e : ellipses) {
    const double v = (y / scale - e.y) / e.height, u = (x / scale - e.x) / e.width;
    if (v * v + u * u < 1) sum += e.value;
  }
  return sum;
}

/// What this rank has of the phantom.
Scan::Image slab_of_phantom(const misfit::Shape& shape, const misfit::Slabs& slabs) {
  const Scan::Image image("truth", slabs.owned_size());
  const auto host = Kokkos::create_mirror_view(image);
  const auto place = [](std::size_t j, std::size_t n) {
    return (2 * static_cast<double>(j) + 1) / static_cast<double>(n) - 1;
  };
  for (std::size_t j = 0; j < host.extent(0); ++j) {
    const std::size_t z = slabs.owned().begin + j / (shape[1] * shape[2]);
    host(j) = phantom(place(z, shape[0]), place(j / shape[2] % shape[1], shape[1]),
                      place(j % shape[2], shape[2]));
  }
  Kokkos::deep_copy(image, host);
  return image;
}

/// −log(counts / N₀) / μ, with counts drawn by a generator of each slice's own, so that they are
/// the same at every number of ranks.
Scan::Data measured(const Scan::Data& projections, const misfit::Rows& slices, int i) {
  const auto y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), projections);
  const std::size_t size = slices.size() == 0 ? 0 : y.extent(0) / slices.size();
  for (std::size_t z = 0; z < slices.size(); ++z) {
    std::mt19937_64 random((slices.begin + z) * Scan::operators + static_cast<std::size_t>(i));
    for (std::size_t k = z * size; k < (z + 1) * size; ++k) {
      std::poisson_distribution<long> counts(Scan::photons * std::exp(-Scan::attenuation * y(k)));
      const auto count = static_cast<double>(std::max(counts(random), 1L));
      y(k) = -std::log(count / Scan::photons) / Scan::attenuation;
    }
  }
  return Kokkos::create_mirror_view_and_copy(Scan::Data::memory_space(), y);
}

misfit::DistributedOperator<misfit::Radon<>> projections_of(Volume volume,
                                                            const misfit::Slabs& slabs,
                                                            int angles) {
  const auto projection = [&](int i) {
    std::vector<double> some;
    for (int k = i; k < angles; k += Scan::operators) some.push_back(std::numbers::pi * k / angles);
    return misfit::Radon(slabs.shape(), some);
  };
  if (volume == Volume::slabs) return {slabs, Scan::operators, projection};
  return {MPI_COMM_WORLD, misfit::Partition::ordered_subsets(Scan::operators, Scan::subsets),
          projection};
}

}  // namespace

Scan::Scan(Volume volume, std::size_t slices, std::size_t pixels, int angles)
    : shape{slices, pixels, pixels},
      slabs(volume == Volume::slabs ? MPI_COMM_WORLD : MPI_COMM_SELF, shape),
      projections(projections_of(volume, slabs, angles)),
      y(projections.allocate_measurements<double>()),
      fidelity(misfit::LogPoisson{photons, attenuation}),
      step(0) {
  projections.forward(exec, slab_of_phantom(shape, slabs), y, misfit::Scope::local);
  exec.fence();
  for (std::size_t k = 0; k < y.size(); ++k)
    y[k] = measured(y[k], slabs.owned(), projections.local_indices()[k]);
  const double largest = photons * attenuation * attenuation;  // second derivative of the distance
  step = 1 / (largest * projections.norm_squared_bound<double>(exec) + weight);
}

double Scan::objective(const Image& x) const {
  const misfit::DistributedDataFidelity likelihood(misfit::LogPoisson{photons, attenuation});
  return likelihood.fn(exec, x, y, projections) + weight / 2 * slabs.dot(exec, x, x);
}
