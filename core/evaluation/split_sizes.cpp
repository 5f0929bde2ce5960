// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/mixed.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/evaluation/split_sizes.hpp>
#include <misfit/error.hpp>
#include <misfit/shape.hpp>

#include <algorithm>
#include <string>

namespace misfit::detail {

namespace {

/// A random number for a row: of rows that follow each other, the sum over ranks of that behind
/// their last less that of their first is that of the ends of all. Of 40 bits, so that sums fit.
std::int64_t mark(std::size_t row) { return static_cast<std::int64_t>(mixed(row + 1) >> 24); }

}  // namespace

std::size_t known_rows(const SplitPartition& partition, int i) {
  const auto& rows = partition.rows();
  if (rows.empty())
    throw ArgumentError(
        "the factory takes rows: Partition::split(costs, rows) must be told how many there are");
  return rows[static_cast<std::size_t>(i)];
}

MeasurementRows rows_of_parts(const Rows& rows, std::size_t range_size, std::size_t all) {
  const std::size_t row = range_size / rows.size();
  if (row == 0 || row * rows.size() != range_size)
    throw ArgumentError("range size is " + std::to_string(range_size) +
                        ", which is no positive multiple of " + std::to_string(rows.size()) +
                        " rows");
  return {{all, row}, 0, rows};
}

SplitSizes::SplitSizes(int n) : seen_(static_cast<std::size_t>(n)) {}

void SplitSizes::add(int i, std::size_t domain_size, const MeasurementRows& rows) {
  seen_[static_cast<std::size_t>(i)] = {1,
                                        static_cast<std::int64_t>(domain_size),
                                        static_cast<std::int64_t>(rows.shape[rows.dimension]),
                                        static_cast<std::int64_t>(rows.shape.size()),
                                        static_cast<std::int64_t>(rows.rows.size()),
                                        mark(rows.rows.end) - mark(rows.rows.begin)};
}

void SplitSizes::add_domain(int i, std::size_t domain_size) {
  seen_[static_cast<std::size_t>(i)] = {1, static_cast<std::int64_t>(domain_size)};
}

void SplitSizes::require_same(const Seen& own, const Seen& sum) const {
  const auto differ = [](const char* what, std::int64_t here) {
    throw ArgumentError(std::string(what) + " is " + std::to_string(here) +
                        " on this rank, and another on other ranks that have a part of it");
  };
  if (own.range_size * sum.ranks != sum.range_size) differ("range size", own.range_size);
  if (own.rows * sum.ranks != sum.rows) differ("the number of rows", own.rows);
  if (sum.own_rows != own.rows)
    throw ArgumentError("all ranks together have " + std::to_string(sum.own_rows) + " of its " +
                        std::to_string(own.rows) + " rows");
  if (sum.ends != mark(static_cast<std::size_t>(own.rows)) - mark(0))
    throw ArgumentError("some of its " + std::to_string(own.rows) +
                        " rows are on two ranks, and some on none");
  if (own.domain_size * sum.ranks != sum.domain_size) differ("domain size", own.domain_size);
  if (own.domain_size != static_cast<std::int64_t>(domain_size_))
    throw ArgumentError("domain size is " + std::to_string(own.domain_size) +
                        ", that of other operators is " + std::to_string(domain_size_));
}

void SplitSizes::agree(const CollectiveCalls& calls) {
  std::vector<std::int64_t> sums;
  std::int64_t first = -1;
  calls.together({"DistributedOperator", {}}, [&](ErrorContext&) {
    for (const Seen& seen : seen_)
      sums.insert(sums.end(), {seen.ranks, seen.domain_size, seen.rows, seen.range_size,
                               seen.own_rows, seen.ends});
  });
  calls.sum(sums.data(), sums.size());
  calls.together({"DistributedOperator", {}}, [&](ErrorContext& context) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const std::int64_t* const s = &sums[6 * i];
      const Seen sum{s[0], s[1], s[2], s[3], s[4], s[5]};
      if (sum.ranks == 0) continue;
      if (first < 0) domain_size_ = static_cast<std::size_t>(first = sum.domain_size / sum.ranks);
      largest_range_size_ =
          std::max(largest_range_size_, static_cast<std::size_t>(sum.range_size / sum.ranks));
      context.operator_index = static_cast<int>(i);
      if (seen_[i].ranks > 0) require_same(seen_[i], sum);
    }
  });
}

}  // namespace misfit::detail
