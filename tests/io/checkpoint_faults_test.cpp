// SPDX-License-Identifier: BSD-3-Clause
#include "io/checkpoint_test.hpp"
#include "io/leaks_of_hdf5.hpp"

#include <misfit/error.hpp>

#include <fcntl.h>
#include <hdf5.h>
#include <sys/file.h>
#include <unistd.h>

namespace {

using misfit::ArgumentError;
using misfit::FileError;
using misfit::io::Checkpoint;
using misfit::io::SolverState;
using misfit::test::bytes_of;
using misfit::test::CheckpointTest;
using misfit::test::expect_same_error;
using misfit::test::world_rank;
using misfit::test::world_size;
using misfit::test::write_bytes;
using Vector = Kokkos::View<double*, Kokkos::HostSpace>;

class CheckpointFaultTest : public CheckpointTest {
 protected:
  /// A state that reads as it was written.
  void write_first() {
    Kokkos::deep_copy(x, 7.0);
    iteration = 3;
    checkpoint.write(exec, state);
  }
  void expect_first() {
    Kokkos::deep_copy(x, 0.0);
    iteration = 0;
    checkpoint.read(exec, state);
    for (std::size_t j = 0; j < x.size(); ++j) ASSERT_EQ(x(j), 7.0);
    EXPECT_EQ(iteration, 3);
  }
  void on_rank_0(const std::function<void()>& call) {
    if (world_rank() == 0) call();
    MPI_Barrier(world);
  }
  void expect_unreadable(const SolverState& other, const std::vector<std::string>& words) {
    auto all = words;
    all.emplace_back("Checkpoint::read: rank 0: " + path + ": ");
    expect_same_error<FileError>([&] { checkpoint.read(exec, other); }, all);
  }

  const Checkpoint checkpoint{world, path};
  const Vector x{"x", 1000};
  int iteration = 0;
  const SolverState state{{"x", x}, {"iteration", iteration}};
};

TEST_F(CheckpointFaultTest, what_is_no_checkpoint) {
  expect_unreadable(state, {"cannot be opened: No such file"});
  on_rank_0([&] { write_bytes(path, "nothing"); });
  expect_unreadable(state, {"is no HDF5 file"});
  on_rank_0([&] { H5Fclose(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)); });
  expect_unreadable(state, {"is no checkpoint of misfit"});
  on_rank_0([&] {
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
  });
  EXPECT_TRUE(checkpoint.exists());
  expect_unreadable(state, {"is a directory, not a file"});
  expect_same_error<FileError>([&] { checkpoint.write(exec, state); },
                               {"Checkpoint::write: rank 0: ", "is a directory, not a file"});
  const Checkpoint nowhere(world, path + "/nowhere/state.h5");
  EXPECT_FALSE(nowhere.exists());
  expect_same_error<FileError>([&] { nowhere.write(exec, state); },
                               {"/nowhere/state.h5: cannot be written: No such file or directory"});
}

TEST_F(CheckpointFaultTest, of_another_problem) {
  write_first();
  const Vector y("y", 1000), shorter("shorter", 999);
  const Kokkos::View<float*, Kokkos::HostSpace> in_float("x", 1000);
  const Kokkos::View<Kokkos::complex<double>*, Kokkos::HostSpace> in_complex("x", 1000);
  const Kokkos::View<double**, Kokkos::HostSpace> batch("x", 1, 1000);
  double t = 0;
  expect_unreadable({{"y", y}, {"iteration", iteration}}, {"has no vector \"y\""});
  expect_unreadable({{"x", x}, {"t", t}}, {"has no number \"t\""});
  expect_unreadable({{"x", x}}, {"has a number \"iteration\", the state has none"});
  expect_unreadable({{"iteration", iteration}}, {"has a vector \"x\", the state has none"});
  expect_unreadable({{"x", shorter}, {"iteration", iteration}},
                    {"\"x\" has the shape 1000 there, here 999"});
  expect_unreadable({{"x", batch}, {"iteration", iteration}},
                    {"\"x\" has the shape 1000 there, here 1 x 1000"});
  expect_unreadable({{"x", in_float}, {"iteration", iteration}},
                    {"\"x\" has entries of type double there, here float"});
  expect_unreadable({{"x", in_complex}, {"iteration", iteration}},
                    {"double there, here complex<double>"});
  expect_unreadable({{"x", x}, {"iteration", t}}, {"\"iteration\" is no real number there"});

  const misfit::Slabs rows(world, {20, 50}), columns(world, {50, 20}), few(world, {7, 50});
  const auto of = [](const misfit::Slabs& slabs) { return Vector("x", slabs.owned_size()); };
  Checkpoint(rows, path).write(exec, {{"x", of(rows)}});
  expect_same_error<FileError>([&] { Checkpoint(columns, path).read(exec, {{"x", of(columns)}}); },
                               {"\"x\" has the shape 20 x 50 there, here 50 x 20"});
  expect_same_error<FileError>([&] { Checkpoint(few, path).read(exec, {{"x", of(few)}}); },
                               {"\"x\" has the shape 20 x 50 there, here 7 x 50"});
  checkpoint.write(exec, {{"x", shorter}});
  expect_same_error<FileError>([&] { Checkpoint(rows, path).read(exec, {{"x", of(rows)}}); },
                               {"\"x\" has the shape 999 there, here 20 x 50"});
}

TEST_F(CheckpointFaultTest, that_is_cut_off_or_has_a_wrong_byte) {
  if (world_size() > 1) GTEST_SKIP() << "what one rank tells";
  [[maybe_unused]] const misfit::test::LeaksOfHdf5 allowed;
  const Checkpoint alone(MPI_COMM_SELF, path);
  const Vector few("few", 40);
  Kokkos::deep_copy(few, 1.5);
  int k = 77;
  const SolverState small{{"x", few}, {"k", k}};
  alone.write(exec, small);
  const auto whole = bytes_of(path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_bytes(path, whole.substr(0, size));
    EXPECT_THROW(alone.read(exec, small), FileError) << size << " bytes";
  }
  int noticed = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    write_bytes(path, bytes);
    Kokkos::deep_copy(few, 0.0);
    k = 0;
    try {
      alone.read(exec, small);
    } catch (const FileError&) {
      ++noticed;
      continue;
    }
    EXPECT_EQ(k, 77) << at;
    for (std::size_t j = 0; j < few.size(); ++j) ASSERT_EQ(few(j), 1.5) << at;
  }
  EXPECT_GT(noticed, 320 + 4);
  RecordProperty("noticed", noticed);
}

/// Numbers are set when all else is there, on all ranks or on none.
TEST_F(CheckpointFaultTest, leaves_numbers_as_they_were) {
  write_first();
  on_rank_0([&] {
    auto bytes = bytes_of(path);
    const double entry = 7;
    std::string pattern(reinterpret_cast<const char*>(&entry), sizeof(entry));
    const auto found = bytes.find(pattern + pattern);
    ASSERT_NE(found, std::string::npos);
    bytes[found + 8000 - 8] = static_cast<char>(bytes[found + 8000 - 8] ^ 1);
    write_bytes(path, bytes);
  });
  iteration = 5;
  expect_same_error<FileError>([&] { checkpoint.read(exec, state); }, {"\"x\""});
  EXPECT_EQ(iteration, 5);

  const std::int64_t large = std::int64_t{1} << 40, small = 1;
  const double huge = 1e300;
  checkpoint.write(exec, {{"a", small}, {"b", large}, {"c", huge}});
  std::int64_t a = 5, b = 6;
  double c = 7;
  int too_small = 8;
  float too_short = 9;
  expect_same_error<FileError>(
      [&] { checkpoint.read(exec, {{"a", a}, {"b", too_small}, {"c", c}}); },
      {"\"b\" is too large for its variable"});
  expect_same_error<FileError>(
      [&] { checkpoint.read(exec, {{"a", a}, {"b", b}, {"c", too_short}}); },
      {"\"c\" is too large for its variable"});
  EXPECT_EQ(a, 5);
  EXPECT_EQ(b, 6);
  EXPECT_EQ(c, 7);
  EXPECT_EQ(too_small, 8);
  EXPECT_EQ(too_short, 9);
}

TEST_F(CheckpointFaultTest, path_that_the_system_would_cut_off) {
  write_first();
  expect_same_error<ArgumentError>([&] { Checkpoint(world, path + std::string("\0x", 2)); },
                                   {"path: has a zero byte"});
  expect_first();
}

TEST_F(CheckpointFaultTest, no_space_left) {
  write_first();
  const Vector large("large", 200000);
  const SolverState more{{"x", large}, {"iteration", iteration}};
  for (const rlim_t limit : {0, 100, 3000, 700000, 1599999}) {
    const misfit::test::FullDisk full(limit);
    [[maybe_unused]] const misfit::test::LeaksOfHdf5 allowed;
    expect_same_error<FileError>(
        [&] { checkpoint.write(exec, more); },
        {"Checkpoint::write: rank 0: ", "/state.h5: cannot be written: File too large"});
  }
  if (world_rank() == 0) {
    EXPECT_EQ(folder.names(), std::vector<std::string>{"state.h5"});
  }
  expect_first();
  checkpoint.write(exec, more);
  write_first();
  expect_first();
}

// In a folder of 3 MiB that is filled but for some, by CTest's checkpoint_full_disk.
TEST_F(CheckpointFaultTest, full_disk) {
  if (std::filesystem::space(folder / "").capacity > 4 << 20) GTEST_SKIP() << "no small disk";
  write_first();
  // Structures of HDF5's that take more than a page of memory.
  const Vector large("large", 240000), few("few", 3);
  SolverState much{{"large", large}, {"iteration", iteration}};
  for (int k = 0; k < 30; ++k) much.emplace_back("few" + std::to_string(k), few);
  int full = 0, written = 0;
  for (std::size_t room = 0; room < 2200000; room += 24576) {
    const auto free = std::filesystem::space(folder / "").free;
    ASSERT_GT(free, room);
    write_bytes(folder / "filler", std::string(free - room, 'f'));
    try {
      checkpoint.write(exec, much);
      ++written;
      std::filesystem::remove(folder / "filler");
    } catch (const FileError& error) {
      EXPECT_NE(std::string(error.what()).find("No space left on device"), std::string::npos)
          << error.what();
      ++full;
      std::filesystem::remove(folder / "filler");
      expect_first();
    }
    EXPECT_EQ(folder.names(), std::vector<std::string>{"state.h5"});
    write_first();
  }
  std::printf("written %d times, %d times there was no room\n", written, full);
  EXPECT_GT(full, 50);
  EXPECT_GT(written, 5);
}

TEST_F(CheckpointFaultTest, another_program_writes) {
  write_first();
  int other = -1;
  on_rank_0([&] {
    other = ::open((path + ".part").c_str(), O_RDWR | O_CREAT, 0666);
#if defined(F_OFD_SETLK)
    struct flock whole{};
    whole.l_type = F_WRLCK;
    ASSERT_EQ(::fcntl(other, F_OFD_SETLK, &whole), 0);
#else
    ASSERT_EQ(::flock(other, LOCK_EX), 0);
#endif
  });
  expect_same_error<FileError>([&] { checkpoint.write(exec, state); },
                               {"cannot be written: another program is writing it"});
  on_rank_0([&] { EXPECT_TRUE(std::filesystem::exists(path + ".part")); });
  on_rank_0([&] { ::close(other); });
  expect_first();
  write_first();
}

TEST_F(CheckpointFaultTest, states_that_ranks_cannot_agree_on) {
  write_first();
  const Vector mine("x", world_rank() == world_size() - 1 ? 999 : 1000);
  const std::string name = world_rank() == world_size() - 1 ? "y" : "x";
  if (world_size() > 1) {
    const auto differ = "the names, types or sizes of variables";
    expect_same_error<ArgumentError>([&] { checkpoint.write(exec, {{"x", mine}}); }, {differ});
    expect_same_error<ArgumentError>([&] { checkpoint.write(exec, {{name, x}}); }, {differ});
    expect_same_error<ArgumentError>(
        [&] { checkpoint.read(exec, {{name, x}, {"iteration", iteration}}); }, {differ});
    expect_same_error<ArgumentError>([&] { Checkpoint(world, path + name); }, {"the path"});
  }
  const misfit::Slabs slabs(world, {10, 100});
  const Checkpoint of_slabs(slabs, path);
  const Vector slab("x", slabs.owned_size() + (world_rank() == world_size() - 1 ? 1 : 0));
  expect_same_error<ArgumentError>(
      [&] { of_slabs.write(exec, {{"x", slab}}); },
      {"rank " + std::to_string(world_size() - 1), "\"x\": has ", " entries, must have "});
  const int constant = 1;
  std::size_t huge = ~std::size_t{0};
  expect_same_error<ArgumentError>([&] { checkpoint.read(exec, {{"k", constant}}); },
                                   {"\"k\": is const"});
  expect_same_error<ArgumentError>([&] { checkpoint.write(exec, {{"k", huge}}); },
                                   {"\"k\": is too large for an integer of 64 bits"});
  expect_same_error<ArgumentError>([&] { checkpoint.write(exec, {{"k", huge}, {"k", x}}); },
                                   {"\"k\" is there twice"});
  for (const auto* const bad : {"", ".", "a/b", "misfit_checkpoint"})
    expect_same_error<ArgumentError>([&] { checkpoint.write(exec, {{bad, x}}); },
                                     {"\" is no name for a variable"});
  expect_same_error<ArgumentError>([&] { Checkpoint(world, ""); }, {"path: is empty"});
  std::int64_t long_number = std::int64_t{1} << 40;
  checkpoint.write(exec, {{"k", long_number}});
  int number = 5;
  expect_same_error<FileError>([&] { checkpoint.read(exec, {{"k", number}}); },
                               {"\"k\" is too large for its variable"});
  EXPECT_EQ(number, 5);
}

}  // namespace
