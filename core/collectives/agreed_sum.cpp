// SPDX-License-Identifier: BSD-3-Clause
#include "agreed_sum.hpp"

#include "mpi.hpp"

#include <misfit/error.hpp>

#include <mpi.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace misfit::detail {

AgreedSum::AgreedSum(MPI_Comm comm, int rank, int size, std::chrono::nanoseconds limit)
    : comm_(comm),
      rank_(rank),
      size_(size),
      tree_(size),
      nodes_(size),
      values_scratch_(
          std::max<std::size_t>(8192, 2 * sizeof(double) * static_cast<std::size_t>(size))) {
  if (limit.count() > 0) arrival_.emplace(comm, rank, size, limit);
}

void AgreedSum::run(const Call& call, const std::exception_ptr& thrown, const ErrorContext& context,
                    std::span<double> values, const ReductionBuffer& buffer) {
  if (arrival_) arrival_->wait_for_all(call.name);
  Facts own;
  std::copy(call.facts.begin(), call.facts.end(), own.begin());
  own[Call::max_facts] = {"the number of values", static_cast<std::int64_t>(values.size())};
  own[Call::max_facts + 1] = {"the number of sums", static_cast<std::int64_t>(buffer.count)};
  own[Call::max_facts + 2] = {"the bytes of a sum", static_cast<std::int64_t>(buffer.number)};
  Header& header = mine_.header;
  header.lowest_failed = thrown ? rank_ : size_;
  header.differ = 0;
  header.on_device = buffer.on_host() ? 0 : 1;
  header.called[0] = fingerprint(call.name, std::strlen(call.name));
  for (std::size_t k = 0; k < fact_count; ++k) header.called[k + 1] = own[k].value;

  const std::size_t values_along = values.size() <= max_values_along ? values.size() : 0;
  const ReductionBuffer buffer_along =
      buffer.bytes() < ReductionBuffer::alone ? buffer : ReductionBuffer{};
  std::byte* const numbers = mine_.along.data() + values_along * sizeof(double);
  if (!thrown) {
    if (values_along > 0)
      std::memcpy(mine_.along.data(), values.data(), values_along * sizeof(double));
    if (buffer_along.count > 0) std::memcpy(numbers, buffer.data, buffer_along.bytes());
  }

  agree(call.name, values_along, buffer_along);
  if (header.lowest_failed < size_) throw_failure(call, thrown, context);
  if (header.differ != 0) throw_difference(call, own);

  if (values_along > 0)
    std::memcpy(values.data(), mine_.along.data(), values_along * sizeof(double));
  if (buffer_along.count > 0) std::memcpy(buffer.data, numbers, buffer_along.bytes());
  if (values_along < values.size()) sum_values(values);
  if (buffer_along.count < buffer.count) rank_sum().sum(buffer, header.on_device == 0);
}

// Units meet in fours, level by level, or in twos at the last: each tells the others what it knows.
// Where one of them has two ranks and the other one, that one sends to both. A rank that failed, or
// knows of one, sends the header alone.
void AgreedSum::agree(const char* call, std::size_t values, const ReductionBuffer& buffer) {
  const std::size_t along = values * sizeof(double) + buffer.bytes();
  const int unit = tree_.unit_of(rank_), width = tree_.width(unit);
  const int position = rank_ - tree_.first_rank(unit);
  std::array<MPI_Request, 3 * most_that_meet> requests{};
  std::size_t number = 0;
  const auto receive = [&](int from, Message& into) {
    check_mpi(
        MPI_Irecv(&into, sizeof(Message), MPI_BYTE, from, message_tag, comm_, &requests[number++]),
        "MPI_Irecv");
  };
  const auto send = [&](int to) {
    const std::size_t bytes = sizeof(Header) + (mine_.header.good(size_) ? along : 0);
    check_mpi(MPI_Isend(&mine_, static_cast<int>(bytes), MPI_BYTE, to, message_tag, comm_,
                        &requests[number++]),
              "MPI_Isend");
  };
  const auto finish = [&] {
    if (arrival_)
      arrival_->finish(call, {requests.data(), number});
    else
      check_mpi(wait_for({requests.data(), number}), "MPI_Waitall");
    number = 0;
  };

  if (width == 2) {
    receive(rank_ ^ 1, theirs_[0]);
    send(rank_ ^ 1);
    finish();
    add(theirs_[0], mine_, values, buffer);
  }
  for (int level = 0; level < tree_.levels; level += 2) {
    const std::size_t others = level + 1 < tree_.levels ? 3 : 1;
    const auto other = [&](std::size_t k) { return unit ^ (static_cast<int>(k + 1) << level); };
    for (std::size_t k = 0; k < others; ++k)
      receive(tree_.first_rank(other(k)) + position % tree_.width(other(k)), theirs_[k]);
    for (std::size_t k = 0; k < others; ++k)
      for (int t = position; t < tree_.width(other(k)); t += width)
        send(tree_.first_rank(other(k)) + t);
    finish();
    add(theirs_[0], mine_, values, buffer);
    if (others == 1) continue;
    add(theirs_[2], theirs_[1], values, buffer);
    add(theirs_[1], mine_, values, buffer);
  }
}

// What the sender of `from` knows is known to that of `to` too, and its numbers are added.
void AgreedSum::add(const Message& from, Message& to, std::size_t values,
                    const ReductionBuffer& buffer) const {
  Header& header = to.header;
  if (from.header.differ != 0 || from.header.called != header.called) header.differ = 1;
  header.lowest_failed = std::min(header.lowest_failed, from.header.lowest_failed);
  header.on_device = std::max(header.on_device, from.header.on_device);
  if (!header.good(size_)) return;

  const std::size_t at = values * sizeof(double);
  ReductionBuffer host;
  host.number = sizeof(double);
  host.add_to(to.along.data(), from.along.data(), values);
  host.number = buffer.number;
  host.add_to(to.along.data() + at, from.along.data() + at, buffer.count);
}

void AgreedSum::sum_values(std::span<double> values) {
  ReductionBuffer buffer = reduction_buffer_of(values.data(), values.size());
  buffer.scratch = values_scratch_;
  rank_sum().sum(buffer, true);
}

// Finds the nodes at the first long sum. Takes no memory of this process but that which nodes
// share, for nobody is left to agree with.
RankSum& AgreedSum::rank_sum() {
  if (rank_sum_) return *rank_sum_;
  nodes_.find(comm_);
  MPI_Comm node = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split(comm_, nodes_.node_of(rank_), rank_, &node), "MPI_Comm_split");
  node_sum_ = NodeSum::create(node, comm_);
  check_mpi(MPI_Comm_free(&node), "MPI_Comm_free");
  return rank_sum_.emplace(comm_, rank_, nodes_, node_sum_ ? &*node_sum_ : nullptr);
}

// The text that rank `root` gives, whatever its length, or none if this rank has no memory for it:
// all ranks take part in all messages.
std::string AgreedSum::text_of(int root, const char* text) {
  std::uint64_t length = rank_ == root ? std::strlen(text) : 0;
  check_mpi(MPI_Bcast(&length, 1, MPI_UINT64_T, root, comm_), "MPI_Bcast");
  std::string result;
  try {
    result.resize(length);
  } catch (const std::bad_alloc&) {
    result.clear();  // the error that is to be thrown says more
  }
  const std::span<std::byte> piece = theirs_[0].along;
  for (std::size_t first = 0; first < length; first += piece.size()) {
    const std::size_t n = std::min<std::size_t>(piece.size(), length - first);
    if (rank_ == root) std::memcpy(piece.data(), text + first, n);
    check_mpi(MPI_Bcast(piece.data(), static_cast<int>(n), MPI_BYTE, root, comm_), "MPI_Bcast");
    if (!result.empty()) std::memcpy(result.data() + first, piece.data(), n);
  }
  return result;
}

void AgreedSum::throw_failure(const Call& call, const std::exception_ptr& thrown,
                              const ErrorContext& context) {
  const int root = mine_.header.lowest_failed;
  Failure failure;
  if (rank_ == root) failure = describe(call, thrown, rank_, context);
  std::array<int, 3> numbers{static_cast<int>(failure.kind), failure.operator_index, failure.code};
  check_mpi(MPI_Bcast(numbers.data(), 3, MPI_INT, root, comm_), "MPI_Bcast");
  const std::string name = text_of(root, failure.call), what = text_of(root, failure.what);
  rethrow({static_cast<Failure::Kind>(numbers[0]), root, numbers[1], numbers[2], name.c_str(),
           what.c_str()});
}

// Names the lowest rank that calls something else than rank 0.
void AgreedSum::throw_difference(const Call& call, const Facts& facts) {
  const Called mine = mine_.header.called;
  const auto called_by = [&](int rank) {
    Called called = mine;
    check_mpi(MPI_Bcast(called.data(), sizeof(Called), MPI_BYTE, rank, comm_), "MPI_Bcast");
    return called;
  };
  const Called first = called_by(0);
  int rank = mine == first ? size_ : rank_;
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &rank, 1, MPI_INT, MPI_MIN, comm_), "MPI_Allreduce");
  const Called other = called_by(rank);
  const auto k = static_cast<std::size_t>(
      std::mismatch(other.begin(), other.end(), first.begin()).first - other.begin());

  const std::string name = text_of(0, call.name), its_name = text_of(rank, call.name);
  // A call of the same name may have fewer facts, the others of which have no name.
  const char* const fact = k == 0 ? "" : facts[k - 1].name;
  const std::string here = text_of(0, fact), there = text_of(rank, fact);

  // From here on nobody waits for this rank, which may be left without memory for the text.
  const auto rank_text = "rank " + std::to_string(rank);
  ArgumentError error(k == 0 ? "collective calls in different order: " + rank_text + " calls " +
                                   its_name + ", rank 0 calls " + name
                             : name + ": " + rank_text + ": " + (here.empty() ? there : here) +
                                   " is " + std::to_string(other[k]) + " on " + rank_text +
                                   " and " + std::to_string(first[k]) + " on rank 0");
  error.set_origin(rank, -1);
  throw error;
}

}  // namespace misfit::detail
