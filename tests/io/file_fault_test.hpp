// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "io/folder.hpp"
#include "support/fault_test.hpp"

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace misfit::test {

/// Files that are wrong on the first, the last and all ranks: every rank gets the same FileError.
class FileFaultTest : public FaultTest {
 protected:
  const Folder folder;

  /// Expects that of `call()`, which throws, within Communicator::together and within factories of
  /// operators and measurements; the text has all of `words`.
  template <typename Call>
  void expect_file_error(Call&& call, const std::vector<std::string>& words) {
    const auto with = [&](const std::string& place) {
      auto all = words;
      all.push_back(place);
      return all;
    };
    for (const auto& ranks : fault_sets()) {
      const bool wrong = contains(ranks, world_rank());
      expect_same_error<FileError>(
          [&] {
            operators.communicator().agree("reading", [&] {
              if (wrong) call();
              return 1;
            });
          },
          with("reading: " + rank_text(ranks) + ": "));
      expect_same_error<FileError>(
          [&] {
            DistributedOperator(MPI_COMM_WORLD, n, [&](int i) {
              if (wrong) call();
              return make(i);
            });
          },
          with(place_text(ranks)));
      expect_same_error<FileError>(
          [&] {
            operators.measurements([&](int) {
              if (wrong) call();
              return vector_of<double>(1, rows);
            });
          },
          with(place_text(ranks)));
      expect_still_right();
    }
  }
};

}  // namespace misfit::test
