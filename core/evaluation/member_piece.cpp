// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/member_piece.hpp>
#include <misfit/error.hpp>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace misfit::detail {

MemberPiece agree_on_pieces(const ProcessGrid& grid, bool has_none, std::size_t size) {
  const CollectiveCalls& all = Internals::of(grid.all());
  std::vector<std::int64_t> sizes;
  all.together({"DistributedOperator", {}}, [&](ErrorContext&) {
    sizes.assign(static_cast<std::size_t>(grid.space().size()), 0);
  });
  const auto own = static_cast<std::int64_t>(size);
  std::int64_t seen[2] = {has_none ? 0 : 1, has_none ? 0 : own};
  grid.across().sum(seen, 2);
  const std::int64_t piece = seen[0] > 0 ? seen[1] / seen[0] : 0;
  all.together({"DistributedOperator", {}}, [&](ErrorContext&) {
    if (!has_none && own * seen[0] != seen[1])
      throw ArgumentError("the piece of x of this rank has " + std::to_string(size) +
                          " entries, that of its fellows in other members another number; all "
                          "members cut x alike");
  });
  const auto place = static_cast<std::size_t>(grid.space().rank());
  sizes[place] = piece;
  grid.space().sum(sizes.data(), sizes.size());
  const auto sum = [&](std::size_t count) {
    return static_cast<std::size_t>(std::accumulate(
        sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(count), std::int64_t{0}));
  };
  return {static_cast<std::size_t>(piece), sum(place), sum(sizes.size())};
}

}  // namespace misfit::detail
