// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/decomposition/halo_plan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

namespace {

/// The slab of a rank with its halo; `first` may be below 0, `last` above the number of rows.
struct Extended {
  std::int64_t first, last, owned_begin, owned_end;
};

Extended extended_slab(const ImageCut& cut, int rank, const HaloWidth& width) {
  const auto n = static_cast<std::int64_t>(cut.rows());
  const Rows own = cut.rows_of(rank);
  Extended slab{static_cast<std::int64_t>(own.begin), static_cast<std::int64_t>(own.end),
                static_cast<std::int64_t>(own.begin), static_cast<std::int64_t>(own.end)};
  if (own.empty()) return slab;
  slab.first -= static_cast<std::int64_t>(width.before);
  slab.last += static_cast<std::int64_t>(width.after);
  if (!width.circular) {
    slab.first = std::max<std::int64_t>(slab.first, 0);
    slab.last = std::min(slab.last, n);
  }
  return slab;
}

/// Appends to `parts` the rows of the halo of `slab` between `begin` and `end` that lie in `own`,
/// in turns around an image of n rows.
void add_parts(const Extended& slab, std::int64_t begin, std::int64_t end, const Rows& own,
               std::int64_t n, std::vector<HaloRows>& parts) {
  if (begin >= end || own.empty()) return;
  const std::int64_t first_turn = begin >= 0 ? begin / n : -((n - 1 - begin) / n);
  for (std::int64_t turn = first_turn; turn * n < end; ++turn) {
    const std::int64_t from = std::max(begin, turn * n + static_cast<std::int64_t>(own.begin));
    const std::int64_t to = std::min(end, turn * n + static_cast<std::int64_t>(own.end));
    if (from >= to) continue;
    const auto owned = from - turn * n - static_cast<std::int64_t>(own.begin);
    parts.push_back({static_cast<std::size_t>(owned), static_cast<std::size_t>(from - slab.first),
                     static_cast<std::size_t>(to - from)});
  }
}

/// What the rank of `slab` needs of the rows of `own`.
std::vector<HaloRows> needed(const Extended& slab, const Rows& own, std::size_t rows) {
  const auto n = static_cast<std::int64_t>(rows);
  std::vector<HaloRows> parts;
  add_parts(slab, slab.first, slab.owned_begin, own, n, parts);
  add_parts(slab, slab.owned_end, slab.last, own, n, parts);
  return parts;
}

}  // namespace

std::size_t HaloMessage::rows() const {
  std::size_t sum = 0;
  for (const HaloRows& part : parts) sum += part.count;
  return sum;
}

HaloPlan::HaloPlan(const ImageCut& cut, int rank, const HaloWidth& width) {
  const Rows own = cut.rows_of(rank);
  const Extended slab = extended_slab(cut, rank, width);
  owned_ = own.size();
  before_ = static_cast<std::size_t>(slab.owned_begin - slab.first);
  after_ = static_cast<std::size_t>(slab.last - slab.owned_end);
  for (int r = 0; r < cut.ranks; ++r) {
    if (auto parts = needed(slab, cut.rows_of(r), cut.rows()); !parts.empty())
      receives_.push_back({r, std::move(parts)});
    if (auto parts = needed(extended_slab(cut, r, width), own, cut.rows()); !parts.empty())
      sends_.push_back({r, std::move(parts)});
  }
}

}  // namespace misfit::detail
