// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/internals.hpp>
#include <misfit/error.hpp>
#include <misfit/slabs.hpp>

#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace misfit {

namespace {

std::int64_t fingerprint_of(const Shape& shape) {
  std::array<std::size_t, Shape::max_rank> extents{};
  for (std::size_t d = 0; d < shape.rank(); ++d) extents[d] = shape[d];
  return detail::fingerprint(extents.data(), sizeof extents);
}

}  // namespace

Slabs::Slabs(MPI_Comm comm, const Shape& shape, const SlabsOptions& options)
    : space_(comm), internals_{{shape, options.dimension, space_.size()}, std::nullopt} {
  check(space_);
}

Slabs::Slabs(const Ensemble& ensemble, const Shape& shape, const SlabsOptions& options)
    : space_(ensemble.space().native()),
      internals_{{shape, options.dimension, space_.size()},
                 detail::Internals::of(ensemble).duplicate()} {
  check(ensemble.communicator());
}

void Slabs::check(const Communicator& all) const {
  const Shape& image = shape();
  detail::Internals::of(all).together(
      {"Slabs",
       {{"the fingerprint of the shape", fingerprint_of(image)},
        {"the dimension", static_cast<std::int64_t>(dimension())}}},
      [&](detail::ErrorContext&) {
        if (dimension() >= image.rank())
          throw ArgumentError("dimension: is " + std::to_string(dimension()) + ", an image of " +
                              image.text() + " has dimensions 0 to " +
                              std::to_string(image.rank() - 1));
      });
}

Rows Slabs::rows(int rank) const {
  if (rank < 0 || rank >= internals_.cut.ranks)
    throw ArgumentError("rank: there is no rank " + std::to_string(rank) + " of " +
                        std::to_string(internals_.cut.ranks));
  return internals_.cut.rows_of(rank);
}

}  // namespace misfit
