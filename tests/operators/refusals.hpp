// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>

#include <mpi.h>
#include <support/errors.hpp>

#include <string>
#include <vector>

namespace misfit::test {

/// Expects an ArgumentError on all ranks where wrong() makes the operators of some of them, and
/// right() those of the others. It names the first rank concerned, and has all of `words`.
template <typename Right, typename Wrong>
void expect_refused_on_all_ranks(const Right& right, const Wrong& wrong,
                                 std::vector<std::string> words) {
  words.emplace_back();
  for (const auto& ranks : fault_sets()) {
    words.back() = "rank " + std::to_string(ranks.front());
    const bool here = contains(ranks, world_rank());
    expect_same_error<ArgumentError>(
        [&] {
          DistributedOperator(MPI_COMM_WORLD, 2 * world_size(),
                              [&](int) { return here ? wrong() : right(); });
        },
        words);
  }
}

}  // namespace misfit::test
