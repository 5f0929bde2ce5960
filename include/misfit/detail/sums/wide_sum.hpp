// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Sums over entries, in double. A sum that is one chain of additions runs at a third of the memory
// bandwidth of a CPU; here entries go to independent lanes in turn, lanes are added to the sum of a
// tile, and tiles in their order. The shape of all that follows from the number of entries alone,
// so the bits do not depend on the number of threads; and it is blocked summation, whose error
// grows slower than that of a chain (N. J. Higham, "The accuracy of floating point summation",
// 1993).

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/partial_sum.hpp>

#include <Kokkos_Core.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// What stands for `entry` at j and in the lanes behind: entry.word_at(j), if it has that.
template <typename Entry>
KOKKOS_FORCEINLINE_FUNCTION decltype(auto) word_at(const Entry& entry, std::int64_t j) {
  if constexpr (requires { entry.word_at(j); })
    return entry.word_at(j);
  else
    return (entry);
}

/// The sum over begin ≤ j < end of what entry(j, value, outside) adds to its two numbers, by one
/// thread of a CPU. What `entry` writes besides must not be read for another j.
template <typename Entry>
[[gnu::flatten]] PartialSum sum_in_lanes(std::int64_t begin, std::int64_t end, const Entry& entry) {
  std::int64_t j = begin;
  if (end - begin < lanes) {
    PartialSum sum;
    for (; j < end; ++j) entry(j, sum.value, sum.outside);
    return sum;
  }
  double value[lanes] = {}, outside[lanes] = {};
  for (; j + lanes <= end; j += lanes) {
    const auto& here = word_at(entry, j);
    for_lanes<lanes>([&](int l) { here(j + l, value[l], outside[l]); });
  }
  for (; j < end; ++j) entry(j, value[0], outside[0]);
  return {sum_of_lanes<lanes>(value), sum_of_lanes<lanes>(outside)};
}

/// How n entries are cut: into tiles of equal size, few enough that their sums fit on a stack.
struct Tiles {
  static constexpr std::int64_t most = 1024;

  explicit Tiles(std::size_t n)
      : entries(static_cast<std::int64_t>(n)),
        size(entries <= most * 4096 ? 4096 : (entries / most / lanes + 1) * lanes),
        count((entries + size - 1) / size) {}

  KOKKOS_INLINE_FUNCTION std::int64_t begin(std::int64_t t) const { return t * size; }
  KOKKOS_INLINE_FUNCTION std::int64_t end(std::int64_t t) const {
    return (t + 1) * size < entries ? (t + 1) * size : entries;
  }

  std::int64_t entries, size, count;
};

/// On a GPU: what `sum_in_lanes` is on a CPU, by the threads of one team.
template <typename Member, typename Entry>
KOKKOS_INLINE_FUNCTION void sum_by_team(const Member& member, std::int64_t begin, std::int64_t end,
                                        const Entry& entry, PartialSum& result) {
  PartialSum sum;
  Kokkos::parallel_reduce(
      Kokkos::TeamThreadRange(member, begin, end),
      [&](const std::int64_t j, PartialSum& partial) { entry(j, partial.value, partial.outside); },
      sum);
  Kokkos::single(Kokkos::PerTeam(member), [&] { result = sum; });
}

/// Sets results[t] to the sum over tile t. Asynchronous on `exec`; to be followed by sum_up().
template <typename Exec, typename Entry>
void sum_tiles(const Exec& exec, const char* label, const Tiles& tiles, const Entry& entry,
               PartialSum* results) {
  if constexpr (in_cpu_form<Exec>)
    for_indices(exec, label, static_cast<std::size_t>(tiles.count), [=](const std::int64_t t) {
      results[t] = sum_in_lanes(tiles.begin(t), tiles.end(t), entry);
    });
  else
    Kokkos::parallel_for(
        label, Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(tiles.count), team_size<Exec>),
        KOKKOS_LAMBDA(const typename Kokkos::TeamPolicy<Exec>::member_type& member) {
          const std::int64_t t = member.league_rank();
          sum_by_team(member, tiles.begin(t), tiles.end(t), entry, results[t]);
        });
}

/// The sum of `count` partial sums in their order, in host memory.
PartialSum sum_up(const PartialSum* partial_sums, std::int64_t count);

/// The sum over j < n of what entry(j, value, outside) adds. Blocks.
///
/// On a GPU Kokkos's own tree, whose shape depends on the device and on n.
template <typename Exec, typename Entry>
PartialSum wide_partial_sum(const Exec& exec, const char* label, std::size_t n,
                            const Entry& entry) {
  if constexpr (in_cpu_form<Exec>) {
    const Tiles tiles(n);
    std::array<PartialSum, Tiles::most> results;
    sum_tiles(exec, label, tiles, entry, results.data());
    fence(exec, "misfit: the sum is returned");
    return sum_up(results.data(), tiles.count);
  } else {
    PartialSum sum;
    Kokkos::parallel_reduce(
        label, range(exec, n),
        KOKKOS_LAMBDA(const std::int64_t j, PartialSum& partial) {
          entry(j, partial.value, partial.outside);
        },
        sum);
    return sum;
  }
}

/// The sum over j < n of term(j). Blocks.
template <typename Exec, typename Term>
double wide_sum(const Exec& exec, const char* label, std::size_t n, const Term& term) {
  return wide_partial_sum(
             exec, label, n,
             KOKKOS_LAMBDA(const std::int64_t j, double& value, double&) { value += term(j); })
      .value;
}

}  // namespace misfit::detail
