// SPDX-License-Identifier: BSD-3-Clause
#include "round.hpp"

#include "mpi.hpp"

#include <misfit/error.hpp>

#include <mpi.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <vector>

namespace misfit::detail {

namespace {

// A failure in bytes, all of one size so that one broadcast carries it.
struct Message {
  int kind, rank, operator_index, code;
  char text[2032];
};

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw MpiError(code,
                 std::string(call) + ": " + std::string(text, static_cast<std::size_t>(length)));
}

Round::Round(MPI_Comm comm) : comm_(comm) {
  check_mpi(MPI_Comm_rank(comm, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(comm, &size_), "MPI_Comm_size");
  check_mpi(MPI_Type_contiguous(2, MPI_INT64_T, &type_), "MPI_Type_contiguous");
  check_mpi(MPI_Type_commit(&type_), "MPI_Type_commit");
  check_mpi(MPI_Op_create(&Round::reduce, 1, &op_), "MPI_Op_create");
  for (std::size_t k = 0; k < length; ++k)
    mine_[k] = {k < first_value ? Element::largest : Element::sum, 0};
}

Round::~Round() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (finalized != 0) return;
  if (op_ != MPI_OP_NULL) MPI_Op_free(&op_);
  if (type_ != MPI_DATATYPE_NULL) MPI_Type_free(&type_);
}

void Round::reduce(void* in, void* inout, int* count, MPI_Datatype*) {
  const auto* other = static_cast<const Element*>(in);
  auto* result = static_cast<Element*>(inout);
  for (int k = 0; k < *count; ++k) {
    if (other[k].kind == Element::largest)
      result[k].bits = std::max(result[k].bits, other[k].bits);
    else
      result[k].bits = std::bit_cast<std::int64_t>(std::bit_cast<double>(result[k].bits) +
                                                   std::bit_cast<double>(other[k].bits));
  }
}

void Round::set_both(std::size_t at, std::int64_t v) {
  mine_[at].bits = v;
  mine_[at + 1].bits = -v;
}

bool Round::all_equal() const {
  for (std::size_t k = name; k < first_value; k += 2)
    if (all_[k].bits != -all_[k + 1].bits) return false;
  return true;
}

void Round::run(const Call& call, const std::exception_ptr& thrown, const Place& place,
                std::span<double> values, const Payload& payload) {
  const bool sends = !thrown && payload.count > 0 && payload.same_shape(expected_);
  Facts own;
  std::copy(call.facts.begin(), call.facts.end(), own.begin());
  own[Call::max_facts] = {"the number of values", static_cast<std::int64_t>(values.size())};
  own[Call::max_facts + 1] = {"the number of sums", static_cast<std::int64_t>(payload.count)};
  own[Call::max_facts + 2] = {"the bytes of a sum", static_cast<std::int64_t>(payload.number)};
  const std::size_t in_header = std::min(carried, values.size());

  mine_[failed].bits = thrown ? size_ - rank_ : 0;  // the largest is that of the lowest rank
  mine_[sent].bits = sends ? 1 : 0;
  mine_[on_device].bits = payload.on_host ? 0 : 1;
  set_both(name, fingerprint(call.name, std::strlen(call.name)));
  for (std::size_t k = 0; k < fact_count; ++k) set_both(facts + 2 * k, own[k].value);
  for (std::size_t k = 0; k < carried; ++k)
    mine_[first_value + k].bits = std::bit_cast<std::int64_t>(k < in_header ? values[k] : 0.0);

  // Two buffers: MPI_IN_PLACE has given wrong sums here (Open MPI 4.1.1). The blocking form takes
  // half the time: it serves while no rank can have anything to send along, which all know.
  int code = MPI_SUCCESS;
  if (expected_.count == 0) {
    code = MPI_Allreduce(mine_.data(), all_.data(), int{length}, type_, op_, comm_);
  } else {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Iallreduce(mine_.data(), all_.data(), int{length}, type_, op_, comm_, &request),
              "MPI_Iallreduce");
    if (sends) code = sum_by_mpi(payload);
    check_mpi(MPI_Wait(&request, MPI_STATUS_IGNORE), "MPI_Wait");
  }
  check_mpi(code, "MPI_Allreduce");
  if (!sends && all_[sent].bits == 1) {
    std::vector<char> zeros(expected_.bytes());
    check_mpi(sum_by_mpi({zeros.data(), expected_.count, expected_.number, true}), "MPI_Allreduce");
  }

  if (all_[failed].bits > 0)
    throw_failure(call, thrown, place, size_ - static_cast<int>(all_[failed].bits));
  if (!all_equal()) throw_difference(call, own);
  for (std::size_t k = 0; k < in_header; ++k)
    values[k] = std::bit_cast<double>(all_[first_value + k].bits);
  const auto rest = values.subspan(in_header);
  check_mpi(all_reduce_sum(comm_, rest.data(), rest.size()), "MPI_Allreduce");
  if (!sends && payload.count > 0) sum_agreed(payload);
}

void Round::sum_agreed(const Payload& payload) {
  const bool try_node = all_[on_device].bits == 0 && payload.bytes() >= NodeSum::worthwhile;
  if (try_node && !node_sum_tried_) {
    node_sum_ = NodeSum::create(comm_);
    node_sum_tried_ = true;
  }
  if (try_node && node_sum_) {
    if (payload.number == sizeof(float))
      node_sum_->sum(static_cast<float*>(payload.data), payload.count);
    else
      node_sum_->sum(static_cast<double*>(payload.data), payload.count);
    expected_ = {};
  } else {
    check_mpi(sum_by_mpi(payload), "MPI_Allreduce");
    expected_ = payload;
  }
}

int Round::sum_by_mpi(const Payload& payload) const {
  if (payload.number == sizeof(float))
    return all_reduce_sum(comm_, static_cast<float*>(payload.data), payload.count);
  return all_reduce_sum(comm_, static_cast<double*>(payload.data), payload.count);
}

void Round::throw_failure(const Call& call, const std::exception_ptr& thrown, const Place& place,
                          int root) const {
  Message message{};
  if (rank_ == root) {
    const auto failure = describe(call, thrown, rank_, place);
    message.kind = static_cast<int>(failure.kind);
    message.rank = failure.rank;
    message.operator_index = failure.operator_index;
    message.code = failure.code;
    std::strncpy(message.text, failure.text.c_str(), sizeof(message.text) - 1);
  }
  check_mpi(MPI_Bcast(&message, sizeof(message), MPI_BYTE, root, comm_), "MPI_Bcast");
  rethrow({static_cast<Failure::Kind>(message.kind), message.rank, message.operator_index,
           message.code, message.text});
}

void Round::throw_difference(const Call& call, const Facts& mine) const {
  Record record{};
  std::strncpy(record.name, call.name, sizeof(record.name) - 1);
  for (std::size_t k = 0; k < fact_count; ++k) record.facts[k] = mine[k].value;
  std::vector<Record> all(static_cast<std::size_t>(size_));
  check_mpi(
      MPI_Allgather(&record, sizeof(Record), MPI_BYTE, all.data(), sizeof(Record), MPI_BYTE, comm_),
      "MPI_Allgather");

  Failure failure;
  failure.kind = Failure::Kind::argument;
  const Record& first = all.front();
  for (int rank = 1; rank < size_ && failure.rank < 0; ++rank) {
    const Record& other = all[static_cast<std::size_t>(rank)];
    const auto rank_text = "rank " + std::to_string(rank);
    if (std::strcmp(first.name, other.name) != 0) {
      failure.rank = rank;
      failure.text = "collective calls in different order: " + rank_text + " calls " + other.name +
                     ", rank 0 calls " + first.name;
      break;
    }
    for (std::size_t k = 0; k < fact_count; ++k) {
      if (first.facts[k] == other.facts[k]) continue;
      // Every rank reports by its own names of the facts; they are the same, for the call is.
      failure.rank = rank;
      failure.text = std::string(first.name) + ": " + rank_text + ": " + mine[k].name + " is " +
                     std::to_string(other.facts[k]) + " on " + rank_text + " and " +
                     std::to_string(first.facts[k]) + " on rank 0";
      break;
    }
  }
  rethrow(failure);
}

}  // namespace misfit::detail
