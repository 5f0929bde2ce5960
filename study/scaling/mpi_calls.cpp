// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/mpi_calls.hpp"

#include <mpi.h>

namespace misfit::bench {
namespace {

MpiCalls seen;  // NOLINT: the functions below are plain

/// Of a call that moves data or waits for it: its time.
class Timed {
 public:
  Timed() : start_(PMPI_Wtime()) {}
  Timed(int count, MPI_Datatype type) : Timed() {
    if (seen.count++ == 0) seen.first = start_;
    int size = 0;
    PMPI_Type_size(type, &size);
    seen.bytes += static_cast<double>(count) * size;
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;
  ~Timed() { seen.inside += PMPI_Wtime() - start_; }

 private:
  double start_;
};

}  // namespace

void watch_mpi_calls() { seen = {}; }
MpiCalls mpi_calls() { return seen; }

}  // namespace misfit::bench

using misfit::bench::Timed;

// The linker takes these instead of MPI's own.
extern "C" {
int MPI_Allreduce(const void* in, void* out, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
  const Timed timed(n, type);
  return PMPI_Allreduce(in, out, n, type, op, comm);
}
int MPI_Iallreduce(const void* in, void* out, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                   MPI_Request* request) {
  const Timed timed(n, type);
  return PMPI_Iallreduce(in, out, n, type, op, comm, request);
}
int MPI_Reduce_scatter_block(const void* in, void* out, int n, MPI_Datatype type, MPI_Op op,
                             MPI_Comm comm) {
  int ranks = 1;
  PMPI_Comm_size(comm, &ranks);
  const Timed timed(n * ranks, type);
  return PMPI_Reduce_scatter_block(in, out, n, type, op, comm);
}
int MPI_Allgather(const void* in, int n, MPI_Datatype type, void* out, int m, MPI_Datatype to,
                  MPI_Comm comm) {
  const Timed timed(m, to);
  return PMPI_Allgather(in, n, type, out, m, to, comm);
}
int MPI_Bcast(void* data, int n, MPI_Datatype type, int root, MPI_Comm comm) {
  const Timed timed(n, type);
  return PMPI_Bcast(data, n, type, root, comm);
}
int MPI_Send(const void* data, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
  const Timed timed(n, type);
  return PMPI_Send(data, n, type, to, tag, comm);
}
int MPI_Irecv(void* data, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request* request) {
  const Timed timed;
  return PMPI_Irecv(data, n, type, from, tag, comm, request);
}
int MPI_Waitall(int n, MPI_Request requests[], MPI_Status statuses[]) {
  const Timed timed;
  return PMPI_Waitall(n, requests, statuses);
}
int MPI_Isend(const void* data, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
  const Timed timed(n, type);
  return PMPI_Isend(data, n, type, to, tag, comm, request);
}
}
