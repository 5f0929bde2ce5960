// SPDX-License-Identifier: BSD-3-Clause
#include "collectives/recorded_calls.hpp"

#include <mpi.h>

#include <map>

namespace misfit::test {

// NOLINTBEGIN: the functions below are plain
Calls calls;
double bytes_sent = 0;
std::map<int, double> bytes_sent_to;
// NOLINTEND

}  // namespace misfit::test

// The linker takes these instead of MPI's own. All that could move data or wait is here; misfit may
// call no other than Irecv, Isend and Waitall in an evaluation that goes well.
extern "C" {
int MPI_Allreduce(const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, MPI_Comm comm) {
  misfit::test::calls.emplace_back("Allreduce");
  return PMPI_Allreduce(in, out, n, t, op, comm);
}
int MPI_Iallreduce(const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, MPI_Comm comm,
                   MPI_Request* request) {
  misfit::test::calls.emplace_back("Iallreduce");
  return PMPI_Iallreduce(in, out, n, t, op, comm, request);
}
int MPI_Wait(MPI_Request* request, MPI_Status* status) {
  misfit::test::calls.emplace_back("Wait");
  return PMPI_Wait(request, status);
}
int MPI_Bcast(void* data, int n, MPI_Datatype t, int root, MPI_Comm comm) {
  misfit::test::calls.emplace_back("Bcast");
  return PMPI_Bcast(data, n, t, root, comm);
}
int MPI_Waitall(int n, MPI_Request requests[], MPI_Status statuses[]) {
  misfit::test::calls.emplace_back("Waitall");
  return PMPI_Waitall(n, requests, statuses);
}
int MPI_Irecv(void* data, int n, MPI_Datatype t, int from, int tag, MPI_Comm comm,
              MPI_Request* request) {
  misfit::test::calls.emplace_back("Irecv");
  return PMPI_Irecv(data, n, t, from, tag, comm, request);
}
int MPI_Sendrecv(const void* in, int n, MPI_Datatype t, int to, int tag, void* out, int m,
                 MPI_Datatype u, int from, int other_tag, MPI_Comm comm, MPI_Status* status) {
  misfit::test::calls.emplace_back("Sendrecv");
  return PMPI_Sendrecv(in, n, t, to, tag, out, m, u, from, other_tag, comm, status);
}
int MPI_Test(MPI_Request* request, int* flag, MPI_Status* status) {
  misfit::test::calls.emplace_back("Test");
  return PMPI_Test(request, flag, status);
}
int MPI_Barrier(MPI_Comm comm) {
  misfit::test::calls.emplace_back("Barrier");
  return PMPI_Barrier(comm);
}
int MPI_Reduce(const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, int root,
               MPI_Comm comm) {
  misfit::test::calls.emplace_back("Reduce");
  return PMPI_Reduce(in, out, n, t, op, root, comm);
}
int MPI_Allgather(const void* in, int n, MPI_Datatype t, void* out, int m, MPI_Datatype u,
                  MPI_Comm comm) {
  misfit::test::calls.emplace_back("Allgather");
  return PMPI_Allgather(in, n, t, out, m, u, comm);
}
int MPI_Ibcast(void* data, int n, MPI_Datatype t, int root, MPI_Comm comm, MPI_Request* request) {
  misfit::test::calls.emplace_back("Ibcast");
  return PMPI_Ibcast(data, n, t, root, comm, request);
}
int MPI_Send(const void* data, int n, MPI_Datatype t, int to, int tag, MPI_Comm comm) {
  misfit::test::calls.emplace_back("Send");
  return PMPI_Send(data, n, t, to, tag, comm);
}
int MPI_Isend(const void* data, int n, MPI_Datatype t, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
  misfit::test::calls.emplace_back("Isend");
  int size = 0;
  PMPI_Type_size(t, &size);
  misfit::test::bytes_sent += static_cast<double>(n) * size;
  misfit::test::bytes_sent_to[to] += static_cast<double>(n) * size;
  return PMPI_Isend(data, n, t, to, tag, comm, request);
}

// Under MPICH misfit calls it until all are complete, in the place of Waitall.
int MPI_Testall(int n, MPI_Request requests[], int* flag, MPI_Status statuses[]) {
  const int code = PMPI_Testall(n, requests, flag, statuses);
#if defined(MPICH_VERSION)
  if (*flag != 0) misfit::test::calls.emplace_back("Waitall");
#else
  misfit::test::calls.emplace_back("Testall");
#endif
  return code;
}

// Those that misfit does not call in an evaluation without MISFIT_TIMEOUT. (Probing neither moves
// data nor waits.)
#define MISFIT_RECORD(name, parameters, arguments) \
  int MPI_##name parameters {                      \
    misfit::test::calls.emplace_back(#name);       \
    return PMPI_##name arguments;                  \
  }

MISFIT_RECORD(Recv,
              (void* data, int n, MPI_Datatype t, int from, int tag, MPI_Comm comm, MPI_Status* s),
              (data, n, t, from, tag, comm, s))
MISFIT_RECORD(Ssend, (const void* data, int n, MPI_Datatype t, int to, int tag, MPI_Comm comm),
              (data, n, t, to, tag, comm))
MISFIT_RECORD(Issend,
              (const void* data, int n, MPI_Datatype t, int to, int tag, MPI_Comm comm,
               MPI_Request* r),
              (data, n, t, to, tag, comm, r))
MISFIT_RECORD(Probe, (int from, int tag, MPI_Comm comm, MPI_Status* s), (from, tag, comm, s))
MISFIT_RECORD(Waitany, (int n, MPI_Request r[], int* index, MPI_Status* s), (n, r, index, s))
MISFIT_RECORD(Waitsome, (int n, MPI_Request r[], int* count, int indices[], MPI_Status s[]),
              (n, r, count, indices, s))
MISFIT_RECORD(Testany, (int n, MPI_Request r[], int* index, int* flag, MPI_Status* s),
              (n, r, index, flag, s))
MISFIT_RECORD(Ibarrier, (MPI_Comm comm, MPI_Request* r), (comm, r))
MISFIT_RECORD(Gather,
              (const void* in, int n, MPI_Datatype t, void* out, int m, MPI_Datatype u, int root,
               MPI_Comm comm),
              (in, n, t, out, m, u, root, comm))
MISFIT_RECORD(Gatherv,
              (const void* in, int n, MPI_Datatype t, void* out, const int m[], const int at[],
               MPI_Datatype u, int root, MPI_Comm comm),
              (in, n, t, out, m, at, u, root, comm))
MISFIT_RECORD(Allgatherv,
              (const void* in, int n, MPI_Datatype t, void* out, const int m[], const int at[],
               MPI_Datatype u, MPI_Comm comm),
              (in, n, t, out, m, at, u, comm))
MISFIT_RECORD(Scatter,
              (const void* in, int n, MPI_Datatype t, void* out, int m, MPI_Datatype u, int root,
               MPI_Comm comm),
              (in, n, t, out, m, u, root, comm))
MISFIT_RECORD(Scatterv,
              (const void* in, const int n[], const int at[], MPI_Datatype t, void* out, int m,
               MPI_Datatype u, int root, MPI_Comm comm),
              (in, n, at, t, out, m, u, root, comm))
MISFIT_RECORD(Alltoall,
              (const void* in, int n, MPI_Datatype t, void* out, int m, MPI_Datatype u,
               MPI_Comm comm),
              (in, n, t, out, m, u, comm))
MISFIT_RECORD(Alltoallv,
              (const void* in, const int n[], const int at[], MPI_Datatype t, void* out,
               const int m[], const int to[], MPI_Datatype u, MPI_Comm comm),
              (in, n, at, t, out, m, to, u, comm))
MISFIT_RECORD(Scan, (const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, MPI_Comm comm),
              (in, out, n, t, op, comm))
MISFIT_RECORD(Exscan, (const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, MPI_Comm comm),
              (in, out, n, t, op, comm))
MISFIT_RECORD(Reduce_scatter,
              (const void* in, void* out, const int n[], MPI_Datatype t, MPI_Op op, MPI_Comm comm),
              (in, out, n, t, op, comm))
MISFIT_RECORD(Reduce_scatter_block,
              (const void* in, void* out, int n, MPI_Datatype t, MPI_Op op, MPI_Comm comm),
              (in, out, n, t, op, comm))
#undef MISFIT_RECORD
}
