// SPDX-License-Identifier: BSD-3-Clause
#include "io/checkpoint_test.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace {

using misfit::Shape;
using misfit::test::CheckpointTest;
using misfit::test::Cut;
using misfit::test::entry;
using misfit::test::FirstRanks;
using misfit::test::Held;
using misfit::test::world_rank;
using misfit::test::world_size;

/// How many entries are not those of the image, `more` further on.
template <typename V>
int wrong_entries(const Held& held, const V& view, std::size_t more) {
  int wrong = 0;
  for (std::size_t j = 0; j < held.size; ++j)
    wrong += view(j) != entry<typename V::non_const_value_type>(held.index(j) + more);
  return wrong;
}

/// x and z, and numbers, written by the first ranks and read by others, in any two forms.
template <typename T>
void expect_round_trip(const std::string& path, const Shape& shape, int writers, const Cut& written,
                       int readers, const Cut& read) {
  const misfit::test::Host exec;
  const auto text = std::to_string(writers) + " to " + std::to_string(readers) + " ranks";
  if (const FirstRanks ranks(writers); ranks) {
    const Held held(ranks.comm(), shape, written, path);
    Kokkos::View<T*, Kokkos::HostSpace> x("x", held.size), z("z", held.size);
    for (std::size_t j = 0; j < held.size; ++j) {
      x(j) = entry<T>(held.index(j));
      z(j) = entry<T>(held.index(j) + 5);
    }
    const int iteration = 40 + writers;
    const double t = 1.1 * writers;
    held.checkpoint->write(exec, {{"x", x}, {"iteration", iteration}, {"t", t}, {"z", z}});
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (const FirstRanks ranks(readers); ranks) {
    const Held held(ranks.comm(), shape, read, path);
    Kokkos::View<T*, Kokkos::HostSpace> x("x", held.size), z("z", held.size);
    int iteration = 0;
    double t = 0;
    held.checkpoint->read(exec, {{"x", x}, {"z", z}, {"iteration", iteration}, {"t", t}});
    EXPECT_EQ(wrong_entries(held, x, 0), 0) << text;
    EXPECT_EQ(wrong_entries(held, z, 5), 0) << text;
    EXPECT_EQ(iteration, 40 + writers) << text;
    EXPECT_EQ(t, 1.1 * writers) << text;
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

// Each pair of numbers of ranks with each form once, and all of them with all forms.
TEST_F(CheckpointTest, is_read_by_any_number_of_ranks_in_any_form) {
  const Cut forms[] = {Cut(), Cut(0), Cut(1), Cut(2)};
  for (int writers = 1; writers <= world_size(); ++writers)
    for (int readers = 1; readers <= world_size(); ++readers)
      for (int form = 0; form < 4; ++form)
        for (int other = 0; other < 4; ++other)
          if (writers + readers == 2 * world_size() || other == (form + writers + readers) % 4)
            expect_round_trip<double>(path, {2, 5, 4}, writers, forms[form], readers, forms[other]);
}

TEST_F(CheckpointTest, is_of_any_scalar_type) {
  const int ranks = world_size();
  for (const Cut& cut : {Cut(), Cut(0)}) {
    expect_round_trip<float>(path, {7, 3}, ranks, cut, 1, {});
    expect_round_trip<Kokkos::complex<float>>(path, {7, 3}, ranks, cut, 1, cut);
    expect_round_trip<Kokkos::complex<double>>(path, {21}, 1, cut, ranks, {});
  }
}

// 10 MiB, so that each vector goes in several pieces.
TEST_F(CheckpointTest, is_written_and_read_in_pieces) {
  const Shape shape{3, 701, 640};
  const int ranks = world_size();
  expect_round_trip<double>(path, shape, ranks, Cut(1), ranks, Cut(0));
  expect_round_trip<double>(path, shape, ranks, Cut(2), 1, Cut());
  expect_round_trip<double>(path, shape, 1, Cut(), ranks, Cut(2));
}

template <typename Layout>
void expect_batches(const std::string& path, const Cut& cut) {
  using Batch = Kokkos::View<float**, Layout, Kokkos::HostSpace>;
  const misfit::test::Host exec;
  const Held held(MPI_COMM_WORLD, {6, 5}, cut, path);
  const Batch x("x", 3, held.size), again("again", 3, held.size);
  for (std::size_t b = 0; b < 3; ++b)
    for (std::size_t j = 0; j < held.size; ++j) x(b, j) = entry<float>(held.index(j) + 100 * b);
  held.checkpoint->write(exec, {{"x", typename Batch::const_type(x)}});
  held.checkpoint->read(exec, {{"x", again}});
  for (std::size_t b = 0; b < 3; ++b)
    for (std::size_t j = 0; j < held.size; ++j) EXPECT_EQ(again(b, j), x(b, j)) << b << " " << j;
}

TEST_F(CheckpointTest, has_batches_of_any_layout) {
  for (const Cut& cut : {Cut(), Cut(0), Cut(1)}) {
    expect_batches<Kokkos::LayoutRight>(path, cut);
    expect_batches<Kokkos::LayoutLeft>(path, cut);
  }
  const Kokkos::View<double**, Kokkos::LayoutRight, Kokkos::HostSpace> matrix("matrix", 9, 2);
  const misfit::io::Checkpoint checkpoint(world, path);
  for (std::size_t j = 0; j < 9; ++j) matrix(j, 1) = static_cast<double>(j);
  checkpoint.write(exec, {{"column", Kokkos::subview(matrix, Kokkos::ALL, 1)}});
  checkpoint.read(exec, {{"column", Kokkos::subview(matrix, Kokkos::ALL, 0)}});
  for (std::size_t j = 0; j < 9; ++j) EXPECT_EQ(matrix(j, 0), static_cast<double>(j));
}

TEST_F(CheckpointTest, has_numbers_of_all_types) {
  const misfit::io::Checkpoint checkpoint(world, path);
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::size_t count = 1234567890123;
  unsigned one = world_rank() + 1;  // rank 0's is kept
  double infinite = HUGE_VAL, no_number = std::nan("");
  float third = 1.0F / 3;
  const misfit::io::SolverState state{{"least", least}, {"count", count},       {"one", one},
                                      {"third", third}, {"infinite", infinite}, {"nan", no_number}};
  checkpoint.write(exec, state);
  least = 0, count = 0, one = 0, third = 0, infinite = 0, no_number = 0;
  checkpoint.read(exec, state);
  EXPECT_EQ(least, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(count, 1234567890123U);
  EXPECT_EQ(one, 1U);
  EXPECT_EQ(third, 1.0F / 3);
  EXPECT_EQ(infinite, HUGE_VAL);
  EXPECT_TRUE(std::isnan(no_number));
}

TEST_F(CheckpointTest, takes_the_place_of_the_one_before_and_leaves_nothing_else) {
  const misfit::io::Checkpoint checkpoint(world, path);
  EXPECT_FALSE(checkpoint.exists());
  if (world_rank() == 0) misfit::test::write_bytes(path + ".part", "of a program that was killed");
  for (int k = 0; k < 3; ++k) checkpoint.write(exec, {{"k", k}});
  EXPECT_TRUE(checkpoint.exists());
  int k = 0;
  checkpoint.read(exec, {{"k", k}});
  EXPECT_EQ(k, 2);
  if (world_rank() == 0) {
    EXPECT_EQ(folder.names(), std::vector<std::string>{"state.h5"});
  }
}

TEST_F(CheckpointTest, follows_a_link) {
  if (world_rank() == 0) std::filesystem::create_symlink("state.h5", folder / "link.h5");
  const auto link = path.substr(0, path.rfind('/')) + "/link.h5";
  double t = 2;
  misfit::io::Checkpoint(world, path).write(exec, {{"t", t}});
  t = 3;
  misfit::io::Checkpoint(world, link).write(exec, {{"t", t}});
  if (world_rank() == 0) {
    EXPECT_EQ(folder.names(), (std::vector<std::string>{"link.h5", "state.h5"}));
  }
  double read = 0;
  misfit::io::Checkpoint(world, path).read(exec, {{"t", read}});
  EXPECT_EQ(read, 3);
}

TEST_F(CheckpointTest, follows_a_link_to_what_is_not_there_yet) {
  if (world_rank() == 0) {
    std::filesystem::create_directory(folder / "far");
    std::filesystem::create_symlink("far/state.h5", folder / "near.h5");
    std::filesystem::create_symlink("near.h5", folder / "link.h5");
  }
  const auto link = path.substr(0, path.rfind('/')) + "/link.h5";
  for (const double t : {2.0, 3.0}) misfit::io::Checkpoint(world, link).write(exec, {{"t", t}});
  if (world_rank() == 0) {
    EXPECT_EQ(folder.names(), (std::vector<std::string>{"far", "link.h5", "near.h5"}));
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "near.h5"));
    EXPECT_TRUE(std::filesystem::is_regular_file(folder / "far/state.h5"));
  }
  double read = 0;
  misfit::io::Checkpoint(world, link).read(exec, {{"t", read}});
  EXPECT_EQ(read, 3);
}

TEST_F(CheckpointTest, leaves_alone_what_a_link_in_the_place_of_its_part_leads_to) {
  if (world_rank() == 0) {
    misfit::test::write_bytes(folder / "precious.txt", "words");
    std::filesystem::create_symlink("precious.txt", path + ".part");
  }
  const double t = 2;
  misfit::io::Checkpoint(world, path).write(exec, {{"t", t}});
  if (world_rank() == 0) {
    EXPECT_EQ(folder.names(), (std::vector<std::string>{"precious.txt", "state.h5"}));
    EXPECT_FALSE(std::filesystem::is_symlink(path));
    EXPECT_EQ(misfit::test::bytes_of(folder / "precious.txt"), "words");
  }
}

}  // namespace
