// SPDX-License-Identifier: BSD-3-Clause

// MISFIT_TIMEOUT: where a rank does not come to a collective call, those that wait for it throw one
// error, which names it; and so does the rank itself, should it come too late.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/communicator.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace misfit::test {
double seconds_before_a_message = 0;  // NOLINT: the function below is plain
}

// The linker takes this instead of MPI's own: a rank is held up when all have come.
extern "C" int MPI_Isend(const void* data, int n, MPI_Datatype t, int to, int tag, MPI_Comm comm,
                         MPI_Request* request) {
  std::this_thread::sleep_for(
      std::chrono::duration<double>(std::exchange(misfit::test::seconds_before_a_message, 0)));
  return PMPI_Isend(data, n, t, to, tag, comm, request);
}

namespace {

using misfit::Communicator;
using misfit::DistributedDataFidelity;
using misfit::DistributedOperator;
using misfit::L2;
using misfit::TimeoutError;
using misfit::test::contains;
using misfit::test::Exec;
using misfit::test::expect_same_error;
using misfit::test::MatrixOperator;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

constexpr std::size_t unknowns = 500;  // more than travel with the agreement
constexpr double seconds = 0.4;

/// While it lives, communicators are made with a time limit of this text.
struct Limit {
  explicit Limit(const char* text = "0.4") { setenv("MISFIT_TIMEOUT", text, 1); }
  ~Limit() { unsetenv("MISFIT_TIMEOUT"); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
};

/// "rank 2", "ranks 0, 1", "ranks 1-3".
std::string text_of(const std::vector<int>& ranks) {
  const std::string first = std::to_string(ranks.front()), last = std::to_string(ranks.back());
  if (ranks.size() == 1) return "rank " + first;
  return "ranks " + first + (ranks.size() == 2 ? ", " : "-") + last;
}

/// One rank, or all others.
std::vector<std::vector<int>> missing_sets() {
  std::vector<std::vector<int>> sets{{0}, {world_size() - 1}, {}, {}};
  for (int rank = 0; rank + 1 < world_size(); ++rank) {
    sets[2].push_back(rank);
    sets[3].push_back(rank + 1);
  }
  return sets;
}

std::string thrown_by(const std::function<void()>& call, const std::vector<int>& missing) {
  try {
    call();
  } catch (const TimeoutError& error) {
    EXPECT_EQ(error.rank(), missing.front());
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another type: ") + error.what();
  }
  return "nothing was thrown";
}

/// All but the ranks that are `missing` make the call; later these, too; then all again.
void expect_timeout(const std::string& name, const std::vector<int>& missing,
                    const std::function<void()>& call) {
  SCOPED_TRACE(name + ", " + text_of(missing));
  const bool here = !contains(missing, world_rank());
  const std::string text = name + ": " + text_of(missing) + " did not arrive within 0.4 s";
  MPI_Barrier(MPI_COMM_WORLD);
  if (here) {
    const double start = MPI_Wtime();
    EXPECT_EQ(thrown_by(call, missing), text);
    const double passed = MPI_Wtime() - start;
    EXPECT_GE(passed, 0.9 * seconds);
    EXPECT_LE(passed, seconds + 1);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const std::string late = text + "; this is rank " + std::to_string(world_rank()) +
                           ", and the others went on without it";
  const int turns = name != "Communicator" ? 2 : here ? 0 : 1;  // it would be another one
  const double start = MPI_Wtime();
  for (int turn = 0; turn < turns; ++turn) EXPECT_EQ(thrown_by(call, missing), here ? text : late);
  EXPECT_LE(MPI_Wtime() - start, 0.5 * seconds);  // at once
}

class Timeout : public testing::Test {
 protected:
  void SetUp() override {
    if (world_size() == 1) GTEST_SKIP() << "one rank waits for nobody";
  }

  const Exec exec{};
  const int n = world_size() + 1;
  const Limit limit;
};

TEST_F(Timeout, calls_of_a_fidelity) {
  using Sum = misfit::Sum;
  using Reduction = misfit::Reduction;
  const DistributedDataFidelity<L2> fidelity(L2{0.7}),
      reproducible(L2{0.7}, Reduction::sum, Sum::reproducible);
  const auto x = vector_of<double>(1, unknowns), g = vector_of<double>(2, unknowns);
  const std::vector<std::string> names{"fn", "grad", "prox", "fn_and_grad"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    const DistributedOperator operators(MPI_COMM_WORLD, n, [](int i) {
      return MatrixOperator<double>(static_cast<std::size_t>(i), 4, unknowns);
    });
    const auto y = operators.measurements([](int) { return vector_of<double>(3, 4); });
    const double right = fidelity.fn_and_grad(exec, x, y, operators, g);
    EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, operators, g), right);  // and nobody is missed
    const std::vector<std::function<void()>> calls{
        [&] { fidelity.fn(exec, x, y, operators); },
        [&] { fidelity.grad(exec, x, y, operators, g); },
        [&] { fidelity.prox(exec, 0.3, x, y, operators, g); },
        [&] { reproducible.fn_and_grad(exec, x, y, operators, g); }};
    expect_timeout(names[k], missing_sets()[k % 4], calls[k]);
  }
}

TEST_F(Timeout, rank_that_is_held_up_after_all_have_come_is_waited_for) {
  const Communicator communicator(MPI_COMM_WORLD);
  for (int turn = 0; turn < 2; ++turn) {
    double value = world_rank();
    MPI_Barrier(MPI_COMM_WORLD);
    if (world_rank() == 0) misfit::test::seconds_before_a_message = 3 * seconds;
    communicator.sum(&value, 1);
    EXPECT_EQ(value, 0.5 * world_size() * (world_size() - 1));
  }
}

TEST_F(Timeout, calls_of_a_stack) {
  const std::vector<std::string> names{"measurements", "check_adjoint", "norm_squared"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    const DistributedOperator operators(MPI_COMM_WORLD, n, [](int i) {
      return MatrixOperator<double>(static_cast<std::size_t>(i), 4, unknowns);
    });
    const auto make = [](int) { return vector_of<double>(3, 4); };
    const std::vector<std::function<void()>> calls{[&] { operators.measurements(make); },
                                                   [&] { misfit::check_adjoint(exec, operators); },
                                                   [&] { operators.norm_squared<double>(exec); }};
    expect_timeout(names[k], missing_sets()[k % 4], calls[k]);
  }
}

TEST_F(Timeout, calls_of_a_communicator) {
  const auto view = vector_of<double>(1, unknowns);
  const std::vector<std::string> names{"sum", "sum", "broadcast", "read"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    const Communicator comm(MPI_COMM_WORLD);
    double number = 1;
    std::int64_t integer = 1;
    const std::vector<std::function<void()>> calls{
        [&] { comm.sum(&number, 1); }, [&] { comm.sum(&integer, 1); },
        [&] { comm.broadcast(exec, view, 0); }, [&] { comm.agree("read", [] {}); }};
    expect_timeout(names[k], missing_sets()[k % 4], calls[k]);
  }
}

/// The identity, on one rank so slow that others wait for it in vain.
struct Slow {
  bool here;

  std::size_t domain_size() const { return unknowns; }
  std::size_t range_size() const { return unknowns; }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    if (here) std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    Kokkos::deep_copy(exec, y, x);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    misfit::detail::axpby(exec, 1, y, 1, x);
  }
};

TEST_F(Timeout, rank_that_is_busy_in_its_own_operator) {
  const int last = world_size() - 1;
  const DistributedOperator operators(MPI_COMM_WORLD, n,
                                      [&](int) { return Slow{world_rank() == last}; });
  const auto x = vector_of<double>(1, unknowns);
  const auto y = operators.measurements([&](int) { return x; });
  const DistributedDataFidelity fidelity(L2{0.7});
  const std::string text = thrown_by([&] { fidelity.fn(exec, x, y, operators); }, {last});
  EXPECT_EQ(text.substr(0, text.find(';')),
            "fn: rank " + std::to_string(last) + " did not arrive within 0.4 s");
  EXPECT_EQ(text.find(';') != std::string::npos, world_rank() == last);
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_F(Timeout, rank_that_begins_to_wait_a_little_later_is_not_named) {
  if (world_size() == 2) GTEST_SKIP() << "one rank waits for another: there is no third";
  const int last = world_size() - 1;
  const Communicator communicator(MPI_COMM_WORLD);
  MPI_Barrier(MPI_COMM_WORLD);
  if (world_rank() == 1) std::this_thread::sleep_for(std::chrono::milliseconds(40));
  if (world_rank() != last) {
    EXPECT_EQ(thrown_by([&] { communicator.agree("read", [] {}); }, {last}),
              "read: rank " + std::to_string(last) + " did not arrive within 0.4 s");
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

// Of two agreements a call, the first holds.
TEST_F(Timeout, slabs) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, {20, 6});
  const DistributedOperator operators(
      slabs, 2, [](int) { return misfit::Blur({20, 6}, misfit::test::batch_of<double>(4, 3, 3)); });
  const auto y = operators.measurements([](int) { return vector_of<double>(2, 120); });
  const auto x = vector_of<double>(1, slabs.owned_size()),
             g = vector_of<double>(1, slabs.owned_size());
  const DistributedDataFidelity fidelity(L2{0.7});
  fidelity.fn_and_grad(exec, x, y, operators, g);
  expect_timeout("fn_and_grad", {0}, [&] { fidelity.fn_and_grad(exec, x, y, operators, g); });
}

TEST(TimeLimit, is_a_number_of_seconds_and_the_same_on_all_ranks) {
  const std::vector<std::string> wrong{"", "abc", "0", "-1", "3 s", "inf", "nan", "1e10", "0x3"};
  for (const auto& text : wrong) {
    const Limit limit(text.c_str());
    expect_same_error<misfit::ArgumentError>(
        [] { Communicator{MPI_COMM_WORLD}; },
        {"Communicator: rank 0: MISFIT_TIMEOUT: is no number of seconds > 0"});
  }
  if (world_size() == 1) return;
  const int last = world_size() - 1;
  for (const char* other : {"", "7"}) {  // a word that is no limit; another limit
    const Limit limit(world_rank() == last ? other : "30");
    expect_same_error<misfit::ArgumentError>(
        [] { Communicator{MPI_COMM_WORLD}; },
        {"Communicator: rank " + std::to_string(last) + ": MISFIT_TIMEOUT"});
  }
  std::optional<Limit> limit;
  if (world_rank() == last) limit.emplace("30");  // the others wait for ever
  expect_same_error<misfit::ArgumentError>(
      [] { Communicator{MPI_COMM_WORLD}; },
      {"Communicator: rank " + std::to_string(last) +
       ": MISFIT_TIMEOUT: is another on this rank than on rank 0"});
}

// The last, for MPI has not come to an end of what it was told to do. Of a communicator of this
// test's own.
TEST_F(Timeout, zz_constructor) {
  MPI_Comm parent = MPI_COMM_NULL;
  MPI_Comm_dup(MPI_COMM_WORLD, &parent);
  expect_timeout("Communicator", {world_size() - 1}, [&] {
    DistributedOperator(parent, n, [](int) { return MatrixOperator<double>(0, 4, unknowns); });
  });
}

}  // namespace
