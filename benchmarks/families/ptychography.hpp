// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "families/fourier.hpp"

#include <misfit/operators/ptychography.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace misfit::bench {

inline constexpr std::size_t most_probe_pixels = 64;  ///< along a side

/// Along a side of the probe for an object of side x side pixels.
inline std::size_t probe_side(std::size_t side) { return std::min(side, most_probe_pixels); }

/// A disk with smooth edges.
template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> disk_probe(std::size_t side) {
  Kokkos::View<T**, Kokkos::LayoutRight> probe("probe", side, side);
  const auto host = Kokkos::create_mirror_view(probe);
  const double middle = 0.5 * static_cast<double>(side - 1),
               radius = 0.3 * static_cast<double>(side);
  for (std::size_t r = 0; r < side; ++r)
    for (std::size_t c = 0; c < side; ++c) {
      const double away =
          std::hypot(static_cast<double>(r) - middle, static_cast<double>(c) - middle);
      host(r, c) = T(static_cast<detail::Real<T>>(1 / (1 + std::exp(away - radius))));
    }
  Kokkos::deep_copy(probe, host);
  return probe;
}

/// Positions `rows` of `all`, which fill a square grid over an object of side x side pixels line by
/// line.
inline std::vector<ScanPosition> positions_of(const Rows& rows, std::size_t all, std::size_t side) {
  const auto lines = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(all))));
  const std::size_t room = side - probe_side(side), last = std::max<std::size_t>(lines - 1, 1);
  std::vector<ScanPosition> positions;
  for (std::size_t p = rows.begin; p < rows.end; ++p)
    positions.push_back({static_cast<std::int64_t>(p / lines * room / last),
                         static_cast<std::int64_t>(p % lines * room / last)});
  return positions;
}

/// `count` operators with `positions` positions each, of a scan over an object of side x side
/// pixels; T is complex.
template <typename T>
struct Ptychographies : Problem<Ptychography<T>, T, detail::Real<T>> {
  using Base = Problem<Ptychography<T>, T, detail::Real<T>>;
  Ptychographies(int count, std::size_t side, std::size_t positions, MPI_Comm comm)
      : Base(comm, count,
             [=](int i) { return patterns(i, count, side, positions, {0, positions}); }),
        side(side) {}
  Ptychographies(DistributedOperator<Ptychography<T>> made, std::size_t side)
      : Base(std::move(made)), side(side) {}

  /// Those at the positions `rows` of operator i.
  static Ptychography<T> patterns(int i, int count, std::size_t side, std::size_t positions,
                                  const Rows& rows) {
    const std::size_t first = static_cast<std::size_t>(i) * positions;
    return Ptychography<T>(Shape{side, side}, disk_probe<T>(probe_side(side)),
                           positions_of({first + rows.begin, first + rows.end},
                                        positions * static_cast<std::size_t>(count), side));
  }

  /// Of the transforms of `count` operators with `positions` positions: one forward and, with a
  /// gradient, one back.
  double flops(Call call, double count, double positions) const {
    const std::size_t probe = probe_side(side);
    return (call == Call::fn ? 1 : 2) * count * positions * transform_flops(probe * probe, false);
  }

  std::size_t side;
};

}  // namespace misfit::bench
