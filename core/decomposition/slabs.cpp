// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/internals.hpp>
#include <misfit/error.hpp>
#include <misfit/slabs.hpp>

#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
  agree(space_, options);
}

Slabs::Slabs(const Ensemble& ensemble, const Shape& shape, const SlabsOptions& options)
    : space_(detail::Internals::of(ensemble).another_space()),
      internals_{{shape, options.dimension, space_.size()},
                 detail::Internals::of(ensemble).duplicate()} {
  agree(ensemble.communicator(), options);
}

void Slabs::agree(const Communicator& all, const SlabsOptions& options) {
  const Shape& image = shape();
  const auto rank = static_cast<std::size_t>(space_.rank());
  std::shared_ptr<std::vector<std::int64_t>> first;
  detail::Internals::of(all).together(
      {"Slabs",
       {{"the fingerprint of the shape", fingerprint_of(image)},
        {"the dimension", static_cast<std::int64_t>(dimension())},
        {"whether a rank says its rows", options.rows ? 1 : 0}}},
      [&](detail::ErrorContext&) {
        if (dimension() >= image.rank())
          throw ArgumentError("dimension: is " + std::to_string(dimension()) + ", an image of " +
                              image.text() + " has dimensions 0 to " +
                              std::to_string(image.rank() - 1));
        if (!options.rows) return;
        if (*options.rows > image[dimension()])
          throw ArgumentError("rows: " + std::to_string(*options.rows) + ", the image has " +
                              std::to_string(image[dimension()]));
        first = std::make_shared<std::vector<std::int64_t>>(internals_.cut.ranks + 1);
        (*first)[rank + 1] = static_cast<std::int64_t>(*options.rows);
      });
  if (!first) return;

  space_.sum(first->data(), first->size());
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  std::partial_sum(
      first->begin(), first->end(), first->begin(),
      [](std::int64_t sum, std::int64_t more) { return more > most - sum ? most : sum + more; });
  detail::Internals::of(all).together(
      {"Slabs",
       {{"the fingerprint of the rows of a member",
         detail::fingerprint(first->data(), first->size() * sizeof(std::int64_t))}}},
      [&](detail::ErrorContext&) {
        if (first->back() != static_cast<std::int64_t>(image[dimension()]))
          throw ArgumentError("rows: the ranks own " + std::to_string(first->back()) +
                              " together, the image has " + std::to_string(image[dimension()]));
      });
  internals_.cut.first = std::move(first);
}

Rows Slabs::rows(int rank) const {
  if (rank < 0 || rank >= internals_.cut.ranks)
    throw ArgumentError("rank: there is no rank " + std::to_string(rank) + " of " +
                        std::to_string(internals_.cut.ranks));
  return internals_.cut.rows_of(rank);
}

}  // namespace misfit
