// SPDX-License-Identifier: BSD-3-Clause

// Objects that are made, used and destroyed, with failures between them, leave nothing: no memory,
// no communicator, no open file, no shared memory.

#include "scorecard/check.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <malloc.h>
#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>

namespace {

long communicators = 0;  // that were made and not freed

int counted(int code, const MPI_Comm* made) {
  if (code == MPI_SUCCESS && *made != MPI_COMM_NULL) ++communicators;
  return code;
}

}  // namespace

// The linker takes these instead of MPI's own.
extern "C" {
int MPI_Comm_dup(MPI_Comm comm, MPI_Comm* made) { return counted(PMPI_Comm_dup(comm, made), made); }
int MPI_Comm_idup(MPI_Comm comm, MPI_Comm* made, MPI_Request* request) {
  const int code = PMPI_Comm_idup(comm, made, request);
  if (code == MPI_SUCCESS) ++communicators;
  return code;
}
int MPI_Comm_split(MPI_Comm comm, int color, int key, MPI_Comm* made) {
  return counted(PMPI_Comm_split(comm, color, key, made), made);
}
int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm* made) {
  return counted(PMPI_Comm_split_type(comm, type, key, info, made), made);
}
int MPI_Comm_create(MPI_Comm comm, MPI_Group group, MPI_Comm* made) {
  return counted(PMPI_Comm_create(comm, group, made), made);
}
int MPI_Comm_free(MPI_Comm* comm) {
  --communicators;
  return PMPI_Comm_free(comm);
}
}

namespace {

using misfit::DistributedOperator;
using misfit::test::batch_of;
using misfit::test::Check;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::vector_of;

/// What a process holds.
struct Held {
  std::int64_t bytes = 0, allocated = 0, files = 0, communicators = 0;

  static Held now() {
    Held held;
    std::int64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> pages;
    held.bytes = pages * ::sysconf(_SC_PAGESIZE);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    held.allocated = static_cast<std::int64_t>(::mallinfo2().uordblks);
#endif
    held.files = count("/proc/self/fd", "");
    held.communicators = ::communicators;
    return held;
  }
  static std::int64_t count(const char* folder, const std::string& prefix) {
    std::int64_t number = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
      number += entry.path().filename().string().starts_with(prefix) ? 1 : 0;
    return number;
  }
};

/// f and ∇f on whatever `operators` are made of.
template <typename Operators>
void evaluate(const Operators& operators, std::size_t unknowns, std::size_t measured,
              misfit::Sum sum = misfit::Sum::run_to_run) {
  const auto y = operators.measurements(
      [=](int i) { return vector_of<double>(static_cast<std::size_t>(30 + i), measured); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::sum, sum);
  const auto x = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> gradient("gradient", unknowns);
  fidelity.fn_and_grad(Exec{}, x, y, operators, gradient);
}

/// `size` unknowns; operator `bad`, if there is one, cannot be made.
void with_matrices(std::size_t size, int bad, misfit::Sum sum) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [=](int i) {
    if (i == bad) throw std::runtime_error("planted");
    return MatrixOperator<double>(static_cast<std::size_t>(i), 3, size);
  });
  evaluate(operators, size, 3, sum);
}

void with_slabs(const misfit::Slabs& slabs) {
  const DistributedOperator operators(slabs, 2, [](int i) {
    return misfit::Blur(misfit::Shape{7, 5}, batch_of<double>(static_cast<std::size_t>(i), 3, 3));
  });
  evaluate(operators, slabs.owned_size(), 35);
}

/// A cycle of kind 0 … kinds − 1, in which nothing fails, or rank `bad` does.
constexpr int kinds = 8;
void cycle(int kind, int bad) {
  using misfit::Sum;
  switch (kind) {
    case 0:
      return with_matrices(31, -1, Sum::run_to_run);
    case 1:
      return with_matrices(31, -1, Sum::reproducible);
    case 2:
      return with_matrices(1031, -1, Sum::run_to_run);
    case 3:
      return with_slabs(misfit::Slabs(MPI_COMM_WORLD, {7, 5}));
    case 4: {
      const misfit::Ensemble ensemble(MPI_COMM_WORLD);
      return with_slabs(misfit::Slabs(ensemble, {7, 5}));
    }
    case 5:
      return with_matrices(31, bad, Sum::run_to_run);
    case 6: {
      const misfit::Communicator communicator(MPI_COMM_WORLD);
      return communicator.agree("work", [&] {
        if (communicator.rank() == bad) throw std::runtime_error("planted");
      });
    }
    default: {
      const misfit::Communicator communicator(MPI_COMM_WORLD);
      const auto view = vector_of<double>(1, communicator.rank() == bad ? 5 : 4);
      return communicator.all_reduce_sum(Exec{}, view);
    }
  }
}

class Cycles {
 public:
  explicit Cycles(Check& check) : check_(check), random_(check.seed()) {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }

  void run() {
    const int cycles = check_.at_most(200000, 3000);
    // Until MPI and the allocator have what they keep.
    repeat(std::max(cycles / 10, 3000));
    const Held before = Held::now();
    repeat(cycles);
    const Held after = Held::now();
    const auto grown = after.bytes - before.bytes;
    check_.figure(static_cast<double>(std::max<std::int64_t>(0, grown)) / 1024);
    check_.tried(grown <= std::int64_t{1} << 20,
                 "memory has grown by " + std::to_string(grown) + " bytes");
    const auto kept = after.allocated - before.allocated;
    check_.tried(kept <= std::int64_t{1} << 16,
                 "the allocator has given out " + std::to_string(kept) + " bytes more");
    check_.tried(after.files == before.files, "files are open");
    check_.tried(after.communicators == before.communicators, "communicators were not freed");
    check_.tried(Held::count("/dev/shm", "misfit-" + std::to_string(::getpid())) == 0,
                 "shared memory is left");
  }

 private:
  void repeat(int cycles) {
    std::array<std::int64_t, 2> done{};
    for (int number = 0; number < cycles; ++number) {
      const auto kind = static_cast<int>(random_() % kinds);
      const int bad = static_cast<int>(random_() % static_cast<unsigned>(ranks_));
      bool failed = false;
      try {
        cycle(kind, bad);
      } catch (const misfit::Error&) {
        failed = true;
      }
      // Those that fail are the last kinds, on every rank.
      const bool held = failed == (kind >= 5 && (kind < 7 || ranks_ > 1));
      if (!held) check_.tell("kind " + std::to_string(kind) + ": another end than it must have");
      ++done[0];
      done[1] += held ? 1 : 0;
      if (check_.canary() && kind == 5) leak();
      if (rank_ == 0 && number % 20000 == 0) std::fprintf(stderr, "cycle %d\n", number);
    }
    // Ranks have one cycle together.
    if (rank_ == 0) check_.tried_here(done[0], done[1]);
  }

  // What a program forgets that fails.
  static void leak() {
    [[maybe_unused]] Kokkos::View<double*>* volatile forgotten =
        new Kokkos::View<double*>("leak", 32);
  }

  Check& check_;
  std::mt19937_64 random_;  // the same on all ranks
  int rank_ = 0, ranks_ = 1;
};

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  Cycles(check).run();
  return check.finish();
}
