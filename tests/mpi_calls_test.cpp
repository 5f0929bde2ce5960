// SPDX-License-Identifier: BSD-3-Clause

// What an evaluation asks of MPI, seen from between the program and the library.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <string>
#include <vector>

namespace {

using Calls = std::vector<std::string>;
Calls calls;  // NOLINT: the functions below are plain

}  // namespace

// The linker takes these instead of MPI's own. All that could move data or wait is here; misfit may
// call no other than the first four in an evaluation that goes well.
extern "C" {
int MPI_Allreduce(const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, MPI_Comm comm) {
  calls.emplace_back("Allreduce");
  return PMPI_Allreduce(in, out, n, t, op, comm);
}
int MPI_Iallreduce(const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, MPI_Comm comm,
                   MPI_Request* request) {
  calls.emplace_back("Iallreduce");
  return PMPI_Iallreduce(in, out, n, t, op, comm, request);
}
int MPI_Wait(MPI_Request* request, MPI_Status* status) {
  calls.emplace_back("Wait");
  return PMPI_Wait(request, status);
}
int MPI_Bcast(void* data, int n, MPI_Datatype t, int root, MPI_Comm comm) {
  calls.emplace_back("Bcast");
  return PMPI_Bcast(data, n, t, root, comm);
}
int MPI_Waitall(int n, MPI_Request requests[], MPI_Status statuses[]) {
  calls.emplace_back("Waitall");
  return PMPI_Waitall(n, requests, statuses);
}
int MPI_Test(MPI_Request* request, int* flag, MPI_Status* status) {
  calls.emplace_back("Test");
  return PMPI_Test(request, flag, status);
}
int MPI_Barrier(MPI_Comm comm) {
  calls.emplace_back("Barrier");
  return PMPI_Barrier(comm);
}
int MPI_Reduce(const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, int root,
               MPI_Comm comm) {
  calls.emplace_back("Reduce");
  return PMPI_Reduce(in, out, n, t, op, root, comm);
}
int MPI_Allgather(const void* in, int n, MPI_Datatype t, void* out, int m, MPI_Datatype u,
                  MPI_Comm comm) {
  calls.emplace_back("Allgather");
  return PMPI_Allgather(in, n, t, out, m, u, comm);
}
int MPI_Ibcast(void* data, int n, MPI_Datatype t, int root, MPI_Comm comm, MPI_Request* request) {
  calls.emplace_back("Ibcast");
  return PMPI_Ibcast(data, n, t, root, comm, request);
}
int MPI_Send(const void* data, int n, MPI_Datatype t, int to, int tag, MPI_Comm comm) {
  calls.emplace_back("Send");
  return PMPI_Send(data, n, t, to, tag, comm);
}
int MPI_Isend(const void* data, int n, MPI_Datatype t, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
  calls.emplace_back("Isend");
  return PMPI_Isend(data, n, t, to, tag, comm, request);
}
}

namespace {

using misfit::Scope;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::vector_of;

template <typename Call>
Calls calls_of(Call&& call) {
  calls.clear();
  call();
  return calls;
}

/// `expected` where there are several ranks; one alone has nobody to talk to.
Calls with_several_ranks(const Calls& expected) {
  return misfit::test::world_size() > 1 ? expected : Calls{};
}

bool on_one_node() {
  MPI_Comm node;
  int size = 0;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &size);
  MPI_Comm_free(&node);
  return size == misfit::test::world_size();
}

// The header and the gradient, both started before anybody waits.
const Calls together{"Iallreduce", "Allreduce", "Wait"};  // NOLINT: does not throw in practice
const Calls header{"Iallreduce", "Wait"};                 // NOLINT
// The header where no rank can have sent a gradient along.
const Calls header_alone{"Allreduce"};  // NOLINT

/// Three operators of 4 rows.
struct Problem {
  explicit Problem(std::size_t n) : unknowns(n) {}

  std::size_t unknowns;
  Exec exec{};
  misfit::DistributedOperator<MatrixOperator<double>> operators{
      MPI_COMM_WORLD, 3,
      [this](int i) { return MatrixOperator<double>(static_cast<std::size_t>(i), 4, unknowns); }};
  misfit::Measurements<Kokkos::View<double*>> y =
      operators.measurements([](int) { return vector_of<double>(3, 4); });
  misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.7}};
  Kokkos::View<double*> x = vector_of<double>(1, unknowns);
  Kokkos::View<double*> gradient{"gradient", unknowns};

  void fn(Scope scope = Scope::global) { fidelity.fn(exec, x, y, operators, scope); }
  void grad(Scope scope = Scope::global) { fidelity.grad(exec, x, y, operators, gradient, scope); }
  void fn_and_grad(Scope scope = Scope::global) {
    fidelity.fn_and_grad(exec, x, y, operators, gradient, scope);
  }
};

TEST(MpiCalls, small_gradient_is_sent_along_with_the_header) {
  Problem problem(5);
  EXPECT_EQ(calls_of([&] { problem.fn(); }), with_several_ranks(header_alone));
  problem.fn_and_grad();

  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_EQ(calls_of([&] { problem.fn_and_grad(); }), with_several_ranks(together));
    EXPECT_EQ(calls_of([&] { problem.grad(); }), with_several_ranks(together));
    EXPECT_EQ(calls_of([&] { problem.fn(); }), with_several_ranks(header));
    EXPECT_EQ(
        calls_of([&] { problem.operators.normal(problem.exec, problem.x, problem.gradient); }),
        with_several_ranks(together));
  }
}

TEST(MpiCalls, large_gradient_goes_through_the_memory_of_the_node) {
  Problem problem(1000);
  problem.fn_and_grad();
  if (!on_one_node()) {
    EXPECT_EQ(calls_of([&] { problem.fn_and_grad(); }), together);
    return;
  }

  EXPECT_EQ(calls_of([&] { problem.fn_and_grad(); }), with_several_ranks(header_alone));
  EXPECT_EQ(calls_of([&] { problem.grad(); }), with_several_ranks(header_alone));
  EXPECT_EQ(calls_of([&] { problem.fn(); }), with_several_ranks(header_alone));
}

TEST(MpiCalls, batch_of_more_signals_than_the_header_holds) {
  Problem problem(5);
  const auto x = batch_of<double>(1, 20, 5), gradient = batch_of<double>(1, 20, 5);
  const auto y = problem.operators.measurements([](int) { return batch_of<double>(3, 20, 4); });
  const auto evaluate = [&] {
    problem.fidelity.fn_and_grad(problem.exec, x, y, problem.operators, gradient);
  };
  evaluate();

  EXPECT_EQ(calls_of(evaluate),
            with_several_ranks({"Iallreduce", "Allreduce", "Wait", "Allreduce"}));
}

TEST(MpiCalls, local_evaluations_make_none) {
  Problem problem(5);
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_EQ(calls_of([&] { problem.fn(Scope::local); }), Calls{});
    EXPECT_EQ(calls_of([&] { problem.grad(Scope::local); }), Calls{});
    EXPECT_EQ(calls_of([&] { problem.fn_and_grad(Scope::local); }), Calls{});
    problem.fn_and_grad();
  }
}

}  // namespace
