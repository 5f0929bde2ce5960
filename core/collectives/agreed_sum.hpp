// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "arrival.hpp"
#include "rank_nodes.hpp"
#include "rank_sum.hpp"
#include "rank_tree.hpp"

#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/node_sum.hpp>
#include <misfit/detail/collectives/reduction_buffer.hpp>

#include <mpi.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace misfit::detail {

/// The round of messages behind every collective call: it agrees on errors and sums.
///
/// A header says whether the work failed and what must be equal on all ranks; values, and a buffer
/// that is small, travel with it. What is long follows when all know that all have it, by RankSum.
///
/// Nothing is kept from one round to the next. What travels with the header is summed in the order
/// of one RankTree of all ranks, what follows in that of the ranks of each node, then of the nodes.
/// So the same call on the same ranks and nodes gives the same bits.
class AgreedSum : public Kept {
 public:
  /// More values follow the header.
  static constexpr std::size_t max_values_along = 512;

  /// `comm` is borrowed, has more than one rank and returns its errors. Ranks wait `limit` for each
  /// other, or for ever if it is 0.
  AgreedSum(MPI_Comm comm, int rank, int size, std::chrono::nanoseconds limit);
  AgreedSum(const AgreedSum&) = delete;
  AgreedSum& operator=(const AgreedSum&) = delete;

  /// Replaces `values` and `buffer` by their sums over the ranks. Collective; blocks.
  ///
  /// If `thrown` is set on a rank, or if the ranks call different things, every rank throws the
  /// same error instead, and values and buffer are lost. (Without memory for its text a rank throws
  /// bad_alloc, when the others need nothing more of it.) A TimeoutError is of the ranks that wait.
  void run(const Call& call, const std::exception_ptr& thrown, const ErrorContext& context,
           std::span<double> values, const ReductionBuffer& buffer);

  /// Whether ranks were waited for in vain. Neither this object nor its communicator are ever freed
  /// then.
  bool given_up() const noexcept { return arrival_ && arrival_->given_up(); }

  /// Whether 2^k ranks are added in pairs of neighbours, then in pairs of these, and so on,
  /// whatever the length. Collective; blocks.
  bool sums_in_pairs() { return rank_sum().in_pairs(); }

 private:
  // What must be equal on all ranks beside the name: what the call says, and what it sums.
  static constexpr std::size_t fact_count = Call::max_facts + 3;
  using Facts = std::array<Fact, fact_count>;
  // What one rank called: a fingerprint of the name, then the facts.
  using Called = std::array<std::int64_t, 1 + fact_count>;

  struct Header {
    std::int32_t lowest_failed;  // the number of ranks where none failed
    std::int16_t differ, on_device;
    Called called;

    bool good(int ranks) const { return lowest_failed == ranks && differ == 0; }
  };
  // Sent from the header on, as far as it is filled: with the values, then the numbers of a small
  // buffer.
  struct Message {
    Header header;
    alignas(double)
        std::array<std::byte, max_values_along * sizeof(double) + ReductionBuffer::alone> along;
  };
  static_assert(sizeof(Header) % alignof(double) == 0);  // no gap between them

  // Units of the tree that meet at once.
  static constexpr std::size_t most_that_meet = 4;

  void agree(const char* call, std::size_t values, const ReductionBuffer& buffer);
  void add(const Message& from, Message& to, std::size_t values,
           const ReductionBuffer& buffer) const;
  RankSum& rank_sum();
  void sum_values(std::span<double> values);
  [[noreturn]] void throw_failure(const Call& call, const std::exception_ptr& thrown,
                                  const ErrorContext& context);
  [[noreturn]] void throw_difference(const Call& call, const Facts& facts);
  std::string text_of(int root, const char* text);

  MPI_Comm comm_;
  int rank_, size_;
  RankTree tree_;
  std::optional<Arrival> arrival_;
  Message mine_{};
  std::array<Message, most_that_meet - 1> theirs_{};
  RankNodes nodes_;
  std::vector<std::byte> values_scratch_;
  // Found, and made, when something long is summed for the first time.
  std::optional<NodeSum> node_sum_;
  std::optional<RankSum> rank_sum_;
};

}  // namespace misfit::detail
