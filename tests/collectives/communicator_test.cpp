// SPDX-License-Identifier: BSD-3-Clause
#include "../core/collectives/mpi.hpp"
#include "support/errors.hpp"

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::Communicator;

TEST(Communicator, is_a_duplicate_with_its_own_error_handler) {
  const Communicator comm(MPI_COMM_WORLD);

  int relation = MPI_UNEQUAL;
  MPI_Comm_compare(comm.native(), MPI_COMM_WORLD, &relation);
  EXPECT_EQ(relation, MPI_CONGRUENT);
  MPI_Errhandler handler;
  MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler);
  EXPECT_EQ(handler, MPI_ERRORS_ARE_FATAL);
  MPI_Comm_get_errhandler(comm.native(), &handler);
  EXPECT_EQ(handler, MPI_ERRORS_RETURN);
  EXPECT_EQ(comm.rank(), misfit::test::world_rank());
  EXPECT_EQ(comm.size(), misfit::test::world_size());
}

TEST(Communicator, what_mpi_refuses_has_its_code_and_its_text) {
  const Communicator comm(MPI_COMM_SELF);
  int value = 0;
  const int code = MPI_Bcast(&value, 1, MPI_INT, 5, comm.native());  // there is no rank 5
  ASSERT_NE(code, MPI_SUCCESS);
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  try {
    misfit::detail::check_mpi(code, "MPI_Bcast");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const misfit::MpiError& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(std::string(error.what()), "MPI_Bcast: " + std::string(text));
  }
  EXPECT_NO_THROW(misfit::detail::check_mpi(MPI_SUCCESS, "MPI_Bcast"));
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

TEST(Communicator, one_that_was_moved_from_says_so) {
  const Kokkos::DefaultExecutionSpace exec;
  Communicator first(MPI_COMM_WORLD);
  const Communicator second(std::move(first));
  const Kokkos::View<double*> view("view", 3);
  double value = 1;
  const auto expect_refused = [](auto&& call) {
    misfit::test::expect_same_error<ArgumentError>(call, {"moved from"});
  };
  // NOLINTBEGIN(bugprone-use-after-move): on purpose
  expect_refused([&] { first.all_reduce_sum(exec, view); });
  expect_refused([&] { first.broadcast(exec, view, 0); });
  expect_refused([&] { first.sum(&value, 1); });
  expect_refused([&] { first.agree("test", [] {}); });
  // NOLINTEND(bugprone-use-after-move)
  EXPECT_EQ(second.size(), misfit::test::world_size());
}

TEST(Communicator, one_that_was_moved_from_by_assignment_says_so) {
  Communicator first(MPI_COMM_WORLD), second(MPI_COMM_WORLD);
  double value = 1;
  second = std::move(first);
  // NOLINTBEGIN(bugprone-use-after-move): on purpose
  misfit::test::expect_same_error<ArgumentError>([&] { first.sum(&value, 1); }, {"moved from"});
  // NOLINTEND(bugprone-use-after-move)
  second.sum(&value, 1);
  EXPECT_EQ(value, misfit::test::world_size());
}

TEST(Communicator, views_with_gaps_and_ranks_that_are_none_are_refused_on_all_ranks) {
  const Kokkos::DefaultExecutionSpace exec;
  const Communicator comm(MPI_COMM_WORLD);
  for (const auto& ranks : misfit::test::fault_sets()) {
    const bool bad = misfit::test::contains(ranks, comm.rank());
    const Kokkos::View<double**, Kokkos::LayoutRight> all("all", 2, 6);
    const auto view = Kokkos::subview(all, std::pair<std::size_t, std::size_t>(0, bad ? 2 : 1),
                                      std::pair<std::size_t, std::size_t>(0, bad ? 3 : 6));
    Kokkos::deep_copy(all, 1.0);
    const auto text = "rank " + std::to_string(ranks.front());

    misfit::test::expect_same_error<ArgumentError>([&] { comm.all_reduce_sum(exec, view); },
                                                   {text, "not contiguous"});
    misfit::test::expect_same_error<ArgumentError>([&] { comm.broadcast(exec, view, 0); },
                                                   {text, "not contiguous"});
    misfit::test::expect_same_error<ArgumentError>(
        [&] { comm.broadcast(exec, all, bad ? comm.size() : 0); }, {text, "there is no rank"});
    if (ranks.size() < static_cast<std::size_t>(comm.size())) {
      const Kokkos::View<float**, Kokkos::LayoutRight> halves("halves", 2, 6);
      misfit::test::expect_same_error<ArgumentError>(
          [&] { bad ? comm.broadcast(exec, halves, 0) : comm.broadcast(exec, all, 0); },
          {"the bytes of an entry"});
    }
    EXPECT_EQ(all(1, 5), 1.0);
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

}  // namespace
