// SPDX-License-Identifier: BSD-3-Clause

// Default sums: the same bits in every call, on all ranks, whatever was called before, and whether
// or not the ranks find memory that they share.

#include "scorecard/bits.hpp"
#include "scorecard/check.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using misfit::test::Bits;
using misfit::test::Check;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::vector_of;

/// While it lives, no file of this process grows: posix_fallocate() of shared memory fails.
class NoFiles {
 public:
  NoFiles() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit small{0, limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  NoFiles(const NoFiles&) = delete;
  NoFiles& operator=(const NoFiles&) = delete;
  ~NoFiles() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit limit_{};
};

/// Operators of a rank's own, whose shares are such that every order of adding rounds otherwise.
class Problem {
 public:
  Problem(std::size_t unknowns, int ranks)
      : operators_(MPI_COMM_WORLD, misfit::Partition::round_robin(2 * ranks + 1),
                   [=](int i) {
                     return MatrixOperator<double>(static_cast<std::size_t>(i), 3, unknowns);
                   }),
        y_(operators_.measurements(
            [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), 3); })),
        x_(vector_of<double>(1, unknowns)),
        gradient_("gradient", unknowns) {}

  /// A call: 0 to 2. The hash of what it gives on this rank.
  std::uint64_t call(int which) const {
    const Exec exec;
    Bits bits;
    if (which == 0) bits.add(fidelity_.fn(exec, x_, y_, operators_));
    if (which == 1) fidelity_.grad(exec, x_, y_, operators_, gradient_);
    if (which == 2) bits.add(fidelity_.fn_and_grad(exec, x_, y_, operators_, gradient_));
    if (which > 0) bits.add(gradient_);
    return bits.hash();
  }
  /// One that fails on rank `bad`.
  void fail(int bad) const {
    const int rank = operators_.communicator().rank();
    const auto wrong = vector_of<double>(1, rank == bad ? 5 : 3);
    const std::vector<Kokkos::View<double*>> all(operators_.local_indices().size(), wrong);
    try {
      fidelity_.grad(Exec{}, x_, all, operators_, gradient_);
      throw std::logic_error("a wrong size was not refused");
    } catch (const misfit::ArgumentError&) {
    }
  }

 private:
  misfit::DistributedOperator<MatrixOperator<double>> operators_;
  misfit::Measurements<Kokkos::View<double*>> y_;
  misfit::DistributedDataFidelity<misfit::L2> fidelity_{misfit::L2{0.7}};
  Kokkos::View<double*> x_, gradient_;
};

// A gradient that travels with the agreement, one that follows it, and one in several pieces.
constexpr std::array<std::size_t, 3> sizes{41, 1237, 70001};
constexpr int calls = 3;

/// Sums of the program's own, added by order of arrival.
std::uint64_t sum_by_arrival(int rank, int ranks) {
  double sum = vector_of<double>(static_cast<std::size_t>(rank), 1)(0);
  const double own = sum;
  std::vector<MPI_Request> requests;
  for (int other = 0; other < ranks; ++other)
    if (other != rank)
      MPI_Isend(&own, 1, MPI_DOUBLE, other, 1, MPI_COMM_WORLD,
                &requests.emplace_back(MPI_REQUEST_NULL));
  for (int k = 1; k < ranks; ++k) {
    double value = 0;
    MPI_Recv(&value, 1, MPI_DOUBLE, MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    sum += value;
  }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  Bits bits;
  bits.add(sum);
  return bits.hash();
}

class Repeats {
 public:
  explicit Repeats(Check& check) : check_(check), random_(check.seed()) {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }

  void run() {
    make_first();
    if (rank_ == 0)
      for (std::size_t k = 0; k < first_.size(); ++k)
        misfit::test::print_hash(std::to_string(ranks_) + " ranks, " +
                                     std::to_string(sizes[k / calls]) + " unknowns, call " +
                                     std::to_string(k % calls),
                                 first_[k]);
    const int turns = check_.at_most(full_turns_, 60);
    for (int turn = 0; turn < turns; ++turn) repeat(turn);
  }

 private:
  int drawn(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  // All calls once, with new objects, and what rank 0 gets.
  void make_first() {
    for (const std::size_t size : sizes) {
      const Problem problem(size, ranks_);
      for (int which = 0; which < calls; ++which) first_.push_back(problem.call(which));
    }
    auto of_rank_0 = first_;
    MPI_Bcast(of_rank_0.data(), static_cast<int>(of_rank_0.size()), MPI_UINT64_T, 0,
              MPI_COMM_WORLD);
    for (std::size_t k = 0; k < first_.size(); ++k)
      check_.tried(first_[k] == of_rank_0[k], "ranks differ in call " + std::to_string(k));
  }

  // Now and then new objects, which may find no shared memory on some ranks; then other calls; then
  // the one that is compared.
  void repeat(int turn) {
    if (turn % 12 == 0) make_problems();
    for (int k = drawn(3); k > 0; --k) {
      const Problem& other = *problems_[static_cast<std::size_t>(drawn(sizes.size()))];
      if (const int what = drawn(calls + 1); what < calls)
        other.call(what);
      else
        other.fail(drawn(ranks_));
    }
    const auto k = static_cast<std::size_t>(drawn(static_cast<int>(sizes.size()) * calls));
    const bool held = check_.canary()
                          ? sum_by_arrival(rank_, ranks_) == arrival_
                          : problems_[k / calls]->call(static_cast<int>(k % calls)) == first_[k];
    check_.tried(held, "turn " + std::to_string(turn) + ": " + memory_ + ": call " +
                           std::to_string(k) + " has other bits");
  }

  void make_problems() {
    if (check_.canary()) arrival_ = sum_by_arrival(rank_, ranks_);
    const int way = drawn(4), bad = drawn(ranks_);
    const bool here = way == 1 || (way > 1 && rank_ == bad);
    memory_ = way == 0   ? "all share memory"
              : way == 1 ? "nobody shares memory"
              : way == 2 ? "no shared memory for rank " + std::to_string(bad)
                         : "MISFIT_NODE_SUM=0 for rank " + std::to_string(bad);
    std::optional<NoFiles> none;
    if (here && way == 2) none.emplace();
    const char* const given = std::getenv("MISFIT_NODE_SUM");
    const std::string before = given ? given : "1";
    if (here && way != 2) setenv("MISFIT_NODE_SUM", "0", 1);
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      problems_[k].emplace(sizes[k], ranks_);
      problems_[k]->call(1);  // which looks for that memory
    }
    setenv("MISFIT_NODE_SUM", before.c_str(), 1);
  }

  static constexpr int full_turns_ = 300;

  Check& check_;
  std::mt19937_64 random_;  // the same on all ranks
  int rank_ = 0, ranks_ = 1;
  std::vector<std::uint64_t> first_;
  std::array<std::optional<Problem>, sizes.size()> problems_;
  std::string memory_;
  std::uint64_t arrival_ = 0;
};

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  Repeats(check).run();
  return check.finish();
}
