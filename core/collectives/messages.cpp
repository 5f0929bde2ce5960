// SPDX-License-Identifier: BSD-3-Clause
#include "mpi.hpp"

#include <misfit/detail/collectives/messages.hpp>

#include <mpi.h>

#include <cstddef>

namespace misfit::detail {

std::size_t Messages::pieces(std::size_t bytes) { return (bytes + mpi_piece - 1) / mpi_piece; }

void Messages::receive(void* into, std::size_t bytes, int from) {
  const auto piece = [&](std::size_t first, int count) {
    requests_.push_back(MPI_REQUEST_NULL);
    return MPI_Irecv(static_cast<char*>(into) + first, count, MPI_BYTE, from, message_tag, comm_,
                     &requests_.back());
  };
  check_mpi(in_pieces(bytes, piece), "MPI_Irecv");
}

void Messages::send(const void* data, std::size_t bytes, int to) {
  const auto piece = [&](std::size_t first, int count) {
    requests_.push_back(MPI_REQUEST_NULL);
    return MPI_Isend(static_cast<const char*>(data) + first, count, MPI_BYTE, to, message_tag,
                     comm_, &requests_.back());
  };
  check_mpi(in_pieces(bytes, piece), "MPI_Isend");
}

void Messages::finish() {
  const int code = wait_for(requests_);
  requests_.clear();
  check_mpi(code, "MPI_Waitall");
}

}  // namespace misfit::detail
