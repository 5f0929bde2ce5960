// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/communicator.hpp>

#include <mpi.h>
#if defined(OPEN_MPI)
#include <mpi-ext.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace misfit {

namespace {

// MPI 3 counts in int; longer collectives are cut into pieces of this many entries.
constexpr std::size_t piece = std::size_t{1} << 30;

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw MpiError(code,
                 std::string(call) + ": " + std::string(text, static_cast<std::size_t>(length)));
}

template <typename T>
void sum_in_pieces(MPI_Comm comm, T* values, std::size_t count, MPI_Datatype type) {
  for (std::size_t done = 0; done < count; done += piece) {
    const auto n = static_cast<int>(std::min(piece, count - done));
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, values + done, n, type, MPI_SUM, comm), "MPI_Allreduce");
  }
}

// A failure in bytes, all of one size so that one broadcast carries it.
struct Message {
  int kind, rank, operator_index, code;
  char text[2032];
};

// What one rank called, in bytes.
struct Record {
  char name[64];
  std::int64_t facts[detail::Call::max_facts];
};

Record record_of(const detail::Call& call) {
  Record record{};
  std::strncpy(record.name, call.name, sizeof(record.name) - 1);
  for (std::size_t k = 0; k < detail::Call::max_facts; ++k) record.facts[k] = call.facts[k].value;
  return record;
}

[[noreturn]] void throw_difference(const Communicator& comm, const detail::Call& call) {
  const Record mine = record_of(call);
  std::vector<Record> all(static_cast<std::size_t>(comm.size()));
  check_mpi(MPI_Allgather(&mine, sizeof(Record), MPI_BYTE, all.data(), sizeof(Record), MPI_BYTE,
                          comm.native()),
            "MPI_Allgather");
  detail::Failure failure;
  failure.kind = detail::Failure::Kind::argument;
  for (int rank = 1; rank < comm.size() && failure.rank < 0; ++rank) {
    const Record& first = all.front();
    const Record& other = all[static_cast<std::size_t>(rank)];
    const auto on_rank = " on rank " + std::to_string(rank);
    if (std::strcmp(first.name, other.name) != 0) {
      failure.rank = rank;
      failure.text = "collective calls in different order: rank " + std::to_string(rank) +
                     " calls " + other.name + ", rank 0 calls " + first.name;
      break;
    }
    for (std::size_t k = 0; k < detail::Call::max_facts; ++k) {
      if (first.facts[k] == other.facts[k]) continue;
      // Every rank reports by its own names of the facts; they are the same, for the call is.
      failure.rank = rank;
      failure.text = std::string(first.name) + ": rank " + std::to_string(rank) + ": " +
                     call.facts[k].name + " is " + std::to_string(other.facts[k]) + on_rank +
                     " and " + std::to_string(first.facts[k]) + " on rank 0";
      break;
    }
  }
  detail::rethrow(failure);
}

}  // namespace

Communicator::Communicator(MPI_Comm parent) {
  int initialized = 0, finalized = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (initialized == 0 || finalized != 0)
    throw ArgumentError(
        "Communicator: MPI is not running; make a misfit::Session or call MPI_Init");
  if (parent == MPI_COMM_NULL) throw ArgumentError("Communicator: parent is MPI_COMM_NULL");
  int inter = 0;
  check_mpi(MPI_Comm_test_inter(parent, &inter), "MPI_Comm_test_inter");
  if (inter != 0) throw ArgumentError("Communicator: parent is an intercommunicator");
  check_mpi(MPI_Comm_dup(parent, &comm_), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check_mpi(MPI_Comm_rank(comm_, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(comm_, &size_), "MPI_Comm_size");
}

Communicator::Communicator(Communicator&& other) noexcept
    : comm_(std::exchange(other.comm_, MPI_COMM_NULL)),
      rank_(other.rank_),
      size_(other.size_),
      staging_(std::move(other.staging_)) {}

Communicator& Communicator::operator=(Communicator&& other) noexcept {
  std::swap(comm_, other.comm_);
  std::swap(rank_, other.rank_);
  std::swap(size_, other.size_);
  std::swap(staging_, other.staging_);
  return *this;
}

Communicator::~Communicator() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (comm_ != MPI_COMM_NULL && finalized == 0) MPI_Comm_free(&comm_);
}

void Communicator::sum(float* values, std::size_t count) const {
  sum_in_pieces(comm_, values, count, MPI_FLOAT);
}

void Communicator::sum(double* values, std::size_t count) const {
  sum_in_pieces(comm_, values, count, MPI_DOUBLE);
}

void Communicator::sum(std::int64_t* values, std::size_t count) const {
  sum_in_pieces(comm_, values, count, MPI_INT64_T);
}

void Communicator::broadcast_bytes(void* data, std::size_t count, int root) const {
  for (std::size_t done = 0; done < count; done += piece) {
    const auto n = static_cast<int>(std::min(piece, count - done));
    check_mpi(MPI_Bcast(static_cast<char*>(data) + done, n, MPI_BYTE, root, comm_), "MPI_Bcast");
  }
}

// One all-reduce with MAX over integers: a MAX over floating point would lose a NaN, and (v, -v)
// gives the largest and the smallest v at once.
void Communicator::agree(const detail::Call& call, const std::exception_ptr& thrown,
                         const detail::Place& place) const {
  constexpr std::size_t facts = detail::Call::max_facts;
  std::array<std::int64_t, 3 + 2 * facts> words{};
  const auto name = detail::fingerprint(call.name, std::strlen(call.name));
  words[0] = thrown ? size_ - rank_ : 0;
  words[1] = name;
  words[2] = -name;
  for (std::size_t k = 0; k < facts; ++k) {
    words[3 + 2 * k] = call.facts[k].value;
    words[4 + 2 * k] = -call.facts[k].value;
  }
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, words.data(), static_cast<int>(words.size()), MPI_INT64_T,
                          MPI_MAX, comm_),
            "MPI_Allreduce");

  if (words[0] > 0) {
    const int root = size_ - static_cast<int>(words[0]);
    Message message{};
    if (rank_ == root) {
      const auto failure = detail::describe(call, thrown, rank_, place);
      message.kind = static_cast<int>(failure.kind);
      message.rank = failure.rank;
      message.operator_index = failure.operator_index;
      message.code = failure.code;
      std::strncpy(message.text, failure.text.c_str(), sizeof(message.text) - 1);
    }
    broadcast_bytes(&message, sizeof(message), root);
    detail::rethrow({static_cast<detail::Failure::Kind>(message.kind), message.rank,
                     message.operator_index, message.code, message.text});
  }
  for (std::size_t k = 1; k < words.size(); k += 2)
    if (words[k] != -words[k + 1]) throw_difference(*this, call);
}

bool gpu_aware_mpi() {
  static const bool aware = [] {
    if (const char* said = std::getenv("MISFIT_GPU_AWARE_MPI")) return std::string(said) == "1";
#if defined(MPIX_CUDA_AWARE_SUPPORT)
    return MPIX_Query_cuda_support() == 1;
#else
    return false;
#endif
  }();
  return aware;
}

}  // namespace misfit
