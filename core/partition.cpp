// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/number_text.hpp>
#include <misfit/error.hpp>
#include <misfit/partition.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>

namespace misfit {

namespace {

std::vector<int> balance(const std::vector<double>& costs, int ranks) {
  std::vector<int> order(costs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return costs[static_cast<std::size_t>(a)] > costs[static_cast<std::size_t>(b)];
  });
  std::vector<double> load(static_cast<std::size_t>(ranks), 0.0);
  std::vector<int> count(static_cast<std::size_t>(ranks), 0);
  std::vector<int> owner(costs.size());
  for (const int i : order) {
    // Among equal loads the rank with fewest operators, so that operators of no cost spread too.
    std::size_t best = 0;
    for (std::size_t r = 1; r < load.size(); ++r)
      if (std::pair(load[r], count[r]) < std::pair(load[best], count[best])) best = r;
    owner[static_cast<std::size_t>(i)] = static_cast<int>(best);
    load[best] += costs[static_cast<std::size_t>(i)];
    ++count[best];
  }
  return owner;
}

// In turn, one subset after the other.
std::vector<int> deal_by_subsets(int n, int subsets, int ranks) {
  std::vector<int> owner(static_cast<std::size_t>(n));
  int next = 0;
  for (int s = 0; s < std::min(n, subsets); ++s)
    for (std::int64_t i = s; i < n; i += subsets) {
      owner[static_cast<std::size_t>(i)] = next;
      next = (next + 1) % ranks;
    }
  return owner;
}

}  // namespace

Partition Partition::round_robin(int n) { return {Rule::round_robin, n}; }

Partition Partition::blocks(int n) { return {Rule::blocks, n}; }

Partition Partition::balanced(std::vector<double> costs) {
  Partition partition(Rule::balanced, static_cast<int>(costs.size()));
  partition.costs_ = std::move(costs);
  return partition;
}

Partition Partition::ordered_subsets(int n, int subsets) {
  Partition partition(Rule::ordered_subsets, n);
  partition.subsets_ = subsets;
  return partition;
}

Partition Partition::from_owners(std::vector<int> owners) {
  Partition partition(Rule::own, static_cast<int>(owners.size()));
  partition.owners_ = std::move(owners);
  return partition;
}

SplitPartition Partition::split(int n) { return SplitPartition(n); }

SplitPartition Partition::split(std::vector<double> costs, std::vector<std::size_t> rows) {
  return SplitPartition(std::move(costs), std::move(rows));
}

std::vector<int> Partition::owners(int ranks) const {
  if (n_ < 0) throw ArgumentError("n: the number of operators is " + std::to_string(n_));
  if (ranks < 1) throw ArgumentError("ranks: is " + std::to_string(ranks) + ", must be positive");
  switch (rule_) {
    case Rule::balanced:
      for (std::size_t i = 0; i < costs_.size(); ++i)
        if (!(costs_[i] >= 0) || !std::isfinite(costs_[i]))
          throw ArgumentError("costs: that of operator " + std::to_string(i) + " is " +
                              detail::number_text(costs_[i]));
      return balance(costs_, ranks);
    case Rule::own:
      for (std::size_t i = 0; i < owners_.size(); ++i)
        if (owners_[i] < 0 || owners_[i] >= ranks)
          throw ArgumentError("owners: operator " + std::to_string(i) + " belongs to rank " +
                              std::to_string(owners_[i]) + " of " + std::to_string(ranks));
      return owners_;
    case Rule::ordered_subsets:
      if (subsets_ < 1) throw ArgumentError("subsets: their number is " + std::to_string(subsets_));
      return deal_by_subsets(n_, subsets_, ranks);
    case Rule::round_robin:
    case Rule::blocks:
      break;
  }
  std::vector<int> owner(static_cast<std::size_t>(n_));
  const std::int64_t n = n_, p = ranks;
  for (std::int64_t i = 0; i < n; ++i)
    owner[static_cast<std::size_t>(i)] =
        static_cast<int>(rule_ == Rule::blocks ? ((i + 1) * p - 1) / n : i % p);
  return owner;
}

std::vector<int> Partition::local_indices(int rank, int ranks) const {
  if (rank < 0 || rank >= ranks)
    throw ArgumentError("rank: there is no rank " + std::to_string(rank) + " of " +
                        std::to_string(ranks));
  const auto owner = owners(ranks);
  std::vector<int> indices;
  for (int i = 0; i < n_; ++i)
    if (owner[static_cast<std::size_t>(i)] == rank) indices.push_back(i);
  return indices;
}

}  // namespace misfit
