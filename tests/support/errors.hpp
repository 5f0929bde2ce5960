// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

#include <string>
#include <vector>

namespace misfit::test {

inline int world_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

inline int world_size() {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

/// The sets of ranks on which a fault is planted in turn: the first, the last, all.
inline std::vector<std::vector<int>> fault_sets() {
  std::vector<std::vector<int>> sets{{0}, {world_size() - 1}, {}};
  for (int r = 0; r < world_size(); ++r) sets.back().push_back(r);
  return sets;
}

inline bool contains(const std::vector<int>& ranks, int rank) {
  for (const int r : ranks)
    if (r == rank) return true;
  return false;
}

/// Expects that `call` throws an E with the same text on every rank, and that the text has all of
/// `words`.
template <typename E, typename Call>
void expect_same_error(Call&& call, const std::vector<std::string>& words) {
  std::string text = "nothing was thrown";
  bool right_type = false;
  try {
    call();
  } catch (const E& error) {
    right_type = true;
    text = error.what();
  } catch (const std::exception& error) {
    text = std::string("another type: ") + error.what();
  }
  EXPECT_TRUE(right_type) << text;
  for (const auto& word : words)
    EXPECT_NE(text.find(word), std::string::npos) << word << " in: " << text;

  auto length = static_cast<int>(text.size());
  MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
  std::string first = text;
  first.resize(static_cast<std::size_t>(length));
  MPI_Bcast(first.data(), length, MPI_CHAR, 0, MPI_COMM_WORLD);
  EXPECT_EQ(text, first) << "differs from rank 0";
}

/// Expects that `call` throws an ArgumentError whose text has `words`. Not collective.
template <typename Call>
void expect_argument_error(const std::string& words, Call&& call) {
  try {
    call();
    FAIL() << "nothing thrown, expected: " << words;
  } catch (const ArgumentError& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

}  // namespace misfit::test
