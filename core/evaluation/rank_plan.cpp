// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/reduction_buffer.hpp>
#include <misfit/detail/decomposition/halo_plan.hpp>
#include <misfit/detail/evaluation/rank_plan.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace misfit::detail {

namespace {

constexpr std::size_t fields = 11;

/// Rows in messages to, or from, other ranks.
std::size_t rows_of(const std::vector<HaloMessage>& messages, int rank) {
  std::size_t rows = 0;
  for (const HaloMessage& message : messages)
    if (message.rank != rank) rows += message.rows();
  return rows;
}

void write(const RankPlan& plan, std::int64_t* to) {
  for (const std::int64_t value : {plan.operators, static_cast<std::int64_t>(plan.rows.begin),
                                   static_cast<std::int64_t>(plan.rows.end), plan.unknowns,
                                   plan.ghosts, plan.measured, plan.messages, plan.message_bytes,
                                   plan.summed_bytes, plan.memory_bytes, plan.linearization_bytes})
    *to++ = value;
}

RankPlan read(const std::int64_t* from) {
  const Rows rows{static_cast<std::size_t>(from[1]), static_cast<std::size_t>(from[2])};
  return {from[0], rows, from[3], from[4], from[5], from[6], from[7], from[8], from[9], from[10]};
}

}  // namespace

RankPlan plan_of_rank(const RankSizes& sizes) {
  const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  RankPlan plan;
  plan.operators = count(sizes.operators);
  plan.unknowns = count(sizes.unknowns);
  plan.measured = count(sizes.measured);
  std::size_t entries = 2 * sizes.unknowns + sizes.measured + sizes.largest_measurement;
  const std::size_t gradient = sizes.unknowns * sizes.entry;
  if (sizes.summed_over > 1) plan.summed_bytes = count(gradient);
  if (sizes.slabs != nullptr) {
    const HaloPlan& halo = sizes.slabs->halo().plan();
    const std::size_t row = sizes.slabs->cut().lines() * sizes.slabs->cut().row();
    const std::size_t sent = row * rows_of(halo.sends(), sizes.place),
                      received = row * rows_of(halo.receives(), sizes.place);
    plan.rows = sizes.slabs->slab().owned;
    plan.ghosts = count(sizes.slabs->extended_size() - sizes.unknowns);
    plan.messages =
        std::count_if(halo.sends().begin(), halo.sends().end(),
                      [&](const HaloMessage& message) { return message.rank != sizes.place; });
    plan.message_bytes = count(sent * sizes.entry);
    if (plan.ghosts > 0) entries += 2 * sizes.slabs->extended_size();
    entries += 2 * std::max(sent, received);
  }
  plan.memory_bytes =
      count(entries * sizes.entry + ReductionBuffer::scratch_bytes(gradient, sizes.summed_over));
  plan.linearization_bytes =
      count((2 * sizes.measured + sizes.kept + 3 * sizes.largest_measurement) * sizes.entry);
  return plan;
}

DistributionPlan gathered_plan(const CollectiveCalls& calls, int operators,
                               const RankSizes& sizes) {
  const auto ranks = static_cast<std::size_t>(calls.size());
  std::vector<std::int64_t> table;
  DistributionPlan plan;
  plan.operators = operators;
  calls.together({"plan", {{"the bytes of an entry", static_cast<std::int64_t>(sizes.entry)}}},
                 [&](ErrorContext&) {
                   table.assign(ranks * fields, 0);
                   plan.ranks.resize(ranks);
                 });
  write(plan_of_rank(sizes), table.data() + static_cast<std::size_t>(calls.rank()) * fields);
  calls.sum(table.data(), table.size());
  for (std::size_t rank = 0; rank < ranks; ++rank)
    plan.ranks[rank] = read(table.data() + rank * fields);
  return plan;
}

}  // namespace misfit::detail
