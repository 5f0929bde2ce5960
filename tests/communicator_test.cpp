// SPDX-License-Identifier: BSD-3-Clause
#include "support/errors.hpp"

#include <misfit/communicator.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::CallbackError;
using misfit::Communicator;
using misfit::DomainError;
using misfit::detail::Place;
using misfit::test::contains;
using misfit::test::expect_same_error;
using misfit::test::fault_sets;

TEST(Communicator, is_a_duplicate_with_its_own_error_handler) {
  const Communicator comm(MPI_COMM_WORLD);

  int relation = MPI_UNEQUAL;
  MPI_Comm_compare(comm.native(), MPI_COMM_WORLD, &relation);
  EXPECT_EQ(relation, MPI_CONGRUENT);
  MPI_Errhandler handler;
  MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler);
  EXPECT_EQ(handler, MPI_ERRORS_ARE_FATAL);
  EXPECT_EQ(comm.rank(), misfit::test::world_rank());
  EXPECT_EQ(comm.size(), misfit::test::world_size());
}

TEST(Communicator, moves_and_frees) {
  if (misfit::test::world_size() > 1) return;  // each rank does the same by itself
  // Open MPI has some 65000 communicators: a leak of one a turn would end this test.
  for (int turn = 0; turn < 70000; ++turn) {
    Communicator a(MPI_COMM_SELF);
    Communicator b(std::move(a));
    ASSERT_EQ(a.native(), MPI_COMM_NULL);
    ASSERT_NE(b.native(), MPI_COMM_NULL);
    if (turn % 100 == 0) {
      Communicator c(MPI_COMM_SELF);
      c = std::move(b);
    }
  }
}

TEST(Communicator, refuses_what_is_no_intracommunicator) {
  EXPECT_THROW(Communicator(MPI_COMM_NULL), ArgumentError);
  if (misfit::test::world_size() < 2) return;
  const int rank = misfit::test::world_rank();
  MPI_Comm half, inter;
  MPI_Comm_split(MPI_COMM_WORLD, rank == 0 ? 0 : 1, rank, &half);
  MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, rank == 0 ? 1 : 0, 0, &inter);
  EXPECT_THROW(Communicator{inter}, ArgumentError);
  MPI_Comm_free(&inter);
  MPI_Comm_free(&half);
}

template <typename T>
class CollectiveTest : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(CollectiveTest, Scalars);

TYPED_TEST(CollectiveTest, all_reduce_sum_and_broadcast) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const Communicator comm(MPI_COMM_WORLD);
  for (const std::size_t n : {0, 1, 1000}) {
    Kokkos::View<T*> view("view", n);
    const auto host = Kokkos::create_mirror_view(view);
    for (std::size_t j = 0; j < n; ++j)
      host(j) =
          misfit::detail::make_scalar<T>(comm.rank() + 1.0, -2.0 * static_cast<double>(j % 8));
    Kokkos::deep_copy(view, host);

    comm.all_reduce_sum(exec, view);

    Kokkos::deep_copy(host, view);
    const double sum = comm.size() * (comm.size() + 1) / 2.0;
    for (std::size_t j = 0; j < n; ++j)
      EXPECT_EQ(host(j), (misfit::detail::make_scalar<T>(
                             sum, -2.0 * static_cast<double>(j % 8) * comm.size())));

    Kokkos::deep_copy(view, T(static_cast<misfit::detail::Real<T>>(comm.rank())));
    comm.broadcast(exec, view, comm.size() - 1);
    Kokkos::deep_copy(host, view);
    for (std::size_t j = 0; j < n; ++j)
      EXPECT_EQ(host(j), T(static_cast<misfit::detail::Real<T>>(comm.size() - 1)));
  }
}

TEST(Agreement, what_one_rank_throws_all_throw) {
  const Communicator comm(MPI_COMM_WORLD);
  for (const auto& ranks : fault_sets()) {
    const auto name = "rank " + std::to_string(ranks.front()) + ", operator 7: ";
    const auto call_that_throws = [&](auto error) {
      return [&comm, &ranks, error] {
        comm.together({"some_call", {}}, [&](Place& place) {
          place.operator_index = 7;
          if (contains(ranks, comm.rank())) throw error;
        });
      };
    };
    expect_same_error<ArgumentError>(call_that_throws(ArgumentError("y: bad")),
                                     {"some_call", name + "y: bad"});
    expect_same_error<DomainError>(call_that_throws(DomainError("outside")), {name + "outside"});
    expect_same_error<misfit::FileError>(call_that_throws(misfit::FileError("k.hdr: is missing")),
                                         {name + "k.hdr: is missing"});
    expect_same_error<CallbackError>(call_that_throws(std::runtime_error("disk on fire")),
                                     {name, "disk on fire"});
    expect_same_error<CallbackError>(call_that_throws(42), {name, "no std::exception"});
    expect_same_error<misfit::MpiError>(call_that_throws(misfit::MpiError(5, "MPI_Foo")),
                                        {name, "MPI_Foo"});

    EXPECT_NO_THROW(comm.together({"some_call", {}}, [](Place&) {}));
  }
}

TEST(Agreement, together_returns_what_the_work_returns) {
  const Communicator comm(MPI_COMM_WORLD);

  const int rank = comm.together("some_call", [&] { return comm.rank(); });
  auto owner = comm.together("some_call", [&] { return std::make_unique<int>(comm.rank()); });
  bool done = false;
  comm.together("some_call", [&] { done = true; });

  EXPECT_EQ(rank, comm.rank());
  EXPECT_EQ(*owner, comm.rank());
  EXPECT_TRUE(done);
  static_assert(std::is_void_v<decltype(comm.together("some_call", [] {}))>);
}

TEST(Agreement, what_one_rank_throws_instead_of_returning) {
  const Communicator comm(MPI_COMM_WORLD);
  for (const auto& ranks : fault_sets()) {
    const auto fails = [&] {
      if (contains(ranks, comm.rank())) throw std::runtime_error("disk on fire");
    };
    const auto place = "some_call: rank " + std::to_string(ranks.front()) + ": threw: disk on fire";
    expect_same_error<CallbackError>([&] { comm.together("some_call", fails); }, {place});
    expect_same_error<CallbackError>(
        [&] {
          comm.together("some_call", [&] {
            fails();
            return 1;
          });
        },
        {place});
    EXPECT_EQ(comm.together("some_call", [] { return 7; }), 7);
  }
  if (comm.size() == 1) return;
  const char* const name = comm.rank() == 0 ? "one" : "other";
  expect_same_error<ArgumentError>([&] { comm.together(name, [] { return 1; }); },
                                   {"one", "other"});
}

TEST(Agreement, error_knows_rank_and_operator) {
  const Communicator comm(MPI_COMM_WORLD);
  const int last = comm.size() - 1;
  try {
    comm.together({"call", {}}, [&](Place& place) {
      place.operator_index = 3;
      if (comm.rank() == last) throw ArgumentError("no");
    });
    FAIL() << "nothing was thrown";
  } catch (const misfit::Error& error) {
    EXPECT_EQ(error.rank(), last);
    EXPECT_EQ(error.operator_index(), 3);
  }
}

TEST(Agreement, facts_that_differ_between_ranks) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  const int last = comm.size() - 1;
  expect_same_error<ArgumentError>(
      [&] {
        const std::int64_t n = comm.rank() == last ? 5 : -4;
        comm.together({"some_call", {{"one", 1}, {"the batch", n}}}, [](Place&) {});
      },
      {"some_call", "rank " + std::to_string(last), "the batch is 5", "-4 on rank 0"});
  EXPECT_NO_THROW(comm.together({"some_call", {{"one", 1}}}, [](Place&) {}));
}

TEST(Agreement, calls_in_different_order) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  const int last = comm.size() - 1;
  expect_same_error<ArgumentError>(
      [&] {
        comm.together({comm.rank() == last ? "grad" : "fn", {}}, [](Place&) {});
      },
      {"different order", "rank " + std::to_string(last) + " calls grad", "rank 0 calls fn"});
  EXPECT_NO_THROW(comm.together({"fn", {}}, [](Place&) {}));
}

}  // namespace
