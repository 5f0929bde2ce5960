// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/rows.hpp>
#include <misfit/split_partition.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace misfit::detail {

/// How many rows operator `i` has, for a factory of parts. Throws ArgumentError if that is not
/// known.
std::size_t known_rows(const SplitPartition& partition, int i);

/// The rows that an operator of `range_size` entries gives where it was made for `rows` of `all`,
/// along the first dimension of the measurement. Throws ArgumentError if rows would be no whole
/// numbers of entries.
MeasurementRows rows_of_parts(const Rows& rows, std::size_t range_size, std::size_t all);

/// The sizes of operators that ranks have parts of, and whether all ranks see the same.
class SplitSizes {
 public:
  explicit SplitSizes(int n = 0);

  /// This rank was told operator `i`, and has `rows` of its measurement, maybe none.
  void add(int i, std::size_t domain_size, const MeasurementRows& rows);
  /// The same where its measurement has no entries.
  void add_domain(int i, std::size_t domain_size);

  /// Throws ArgumentError on all ranks unless all domains have one size, and all rows of every
  /// operator are on one rank each. Collective.
  void agree(const CollectiveCalls& calls);
  std::size_t domain_size() const { return domain_size_; }
  std::size_t largest_range_size() const { return largest_range_size_; }

 private:
  // Of one operator, as this rank sees it, and summed over those ranks that see it.
  struct Seen {
    std::int64_t ranks = 0, domain_size = 0, rows = 0, range_size = 0, own_rows = 0, ends = 0;
  };
  void require_same(const Seen& own, const Seen& sum) const;

  std::vector<Seen> seen_;
  std::size_t domain_size_ = 0, largest_range_size_ = 0;
};

}  // namespace misfit::detail
