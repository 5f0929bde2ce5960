// SPDX-License-Identifier: BSD-3-Clause
#include "slab_images.hpp"

#include "volume.hpp"

#include <misfit/halo.hpp>
#include <misfit/rows.hpp>

#include <algorithm>
#include <cstddef>

namespace brain {
namespace {

/// The mean of this rank's rows of all acquisitions.
std::vector<float> mean_of(const Exec& exec, const misfit::Measurements<Signal>& y) {
  std::vector<float> mean(y.size() == 0 ? 0 : y[0].extent(0), 0.0F);
  for (std::size_t k = 0; k < y.size(); ++k) {
    const auto values = to_host(exec, y[k]);
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += values[j];
  }
  for (float& value : mean) value /= static_cast<float>(y.size());
  return mean;
}

/// A slab whose even rows are `planes`, and whose odd rows are 0.
std::vector<float> on_even_rows(const misfit::Rows& owned, std::size_t plane,
                                const std::vector<float>& planes) {
  std::vector<float> slab(owned.size() * plane, 0.0F);
  auto from = planes.begin();
  for (std::size_t z = owned.begin + owned.begin % 2; z < owned.end; z += 2, from += plane)
    std::copy_n(from, plane, slab.begin() + (z - owned.begin) * plane);
  return slab;
}

/// Sets the odd rows of an image of `rows` rows to the mean of their neighbours, which are even.
/// `extended` is this rank's slab with `before` ghost rows before it.
Signal between_even_rows(const Exec& exec, const misfit::Slabs& slabs, const Signal& extended,
                         std::size_t before) {
  const std::size_t begin = slabs.owned().begin, rows = slabs.shape()[0],
                    plane = slabs.shape().size() / rows;
  Signal slab("brain::start", slabs.owned_size());
  Kokkos::parallel_for(
      "brain::between_even_rows", Kokkos::RangePolicy<Exec>(exec, 0, slab.extent(0)),
      KOKKOS_LAMBDA(const std::size_t j) {
        const std::size_t z = begin + j / plane, here = j + before * plane;
        if (z % 2 == 0)
          slab(j) = extended(here);
        else
          slab(j) =
              (extended(here - plane) + extended(z + 1 < rows ? here + plane : here - plane)) / 2;
      });
  return slab;
}

}  // namespace

Signal scattered(const Exec& exec, const misfit::Slabs& slabs, const std::vector<float>& values) {
  const Signal whole = to_device(exec, values, "brain::whole");
  Signal owned("brain::slab", slabs.owned_size());
  slabs.scatter(exec, whole, owned);
  return owned;
}

std::vector<float> gathered(const Exec& exec, const misfit::Slabs& slabs, const Signal& owned) {
  const Signal whole("brain::whole", slabs.space().rank() == 0 ? slabs.shape().size() : 0);
  slabs.gather(exec, owned, whole);
  return to_host(exec, whole);
}

Signal upsampled_mean(const Exec& exec, const misfit::Slabs& slabs,
                      const misfit::Measurements<Signal>& y) {
  const misfit::Shape &shape = slabs.shape(), sampled = acquisition_shape(shape);
  const auto planes =
      upsampled_planes({sampled[1], sampled[2]}, mean_of(exec, y), {shape[1], shape[2]});
  const Signal even =
      to_device(exec, on_even_rows(slabs.owned(), shape[1] * shape[2], planes), "brain::even_rows");
  const misfit::Halo halo(slabs, {.before = 1, .after = 1});
  const Signal extended("brain::extended", halo.extended_size());
  halo.exchange(exec, even, extended);
  return between_even_rows(exec, slabs, extended, halo.before());
}

}  // namespace brain
