// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/agreement.hpp>
#include <misfit/detail/node_sum.hpp>
#include <misfit/detail/payload.hpp>

#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>

namespace misfit::detail {

/// The round of messages behind every collective call: it agrees on errors and sums.
///
/// A header of fixed length carries whether the work failed, what must be equal on all ranks, and
/// the first values. A payload of the shape that the ranks agreed on last is sent along with it,
/// before anybody knows how the others fare. That shape changes only when all ranks agree on a
/// call, so all know it: a rank that has no such payload (its work failed, or it is in another
/// call) hears from the header that others wait for one, and gives zeros. So all ranks pass through
/// the same collectives whatever happens, and the next call finds them together.
///
/// Where all ranks share a node, payloads that are not tiny are summed through its memory instead,
/// after the header: a rank that waits there does not drive MPI, as those that have still to hear
/// the header need.
class Round {
 public:
  /// The values that the header has room for; more cost an all-reduce of their own.
  static constexpr std::size_t carried = 16;

  /// `comm` is borrowed, has more than one rank and returns its errors.
  explicit Round(MPI_Comm comm);
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;
  ~Round();

  /// Replaces `values` and `payload` by their sums over the ranks. Collective; blocks.
  ///
  /// If `thrown` is set on a rank, or if the ranks call different things, every rank throws the
  /// same error instead, and values and payload are lost.
  void run(const Call& call, const std::exception_ptr& thrown, const Place& place,
           std::span<double> values, const Payload& payload);

 private:
  // Says itself how it is reduced, so that MPI may cut a vector of them anywhere.
  struct Element {
    enum Kind : std::int64_t { largest, sum } kind;
    std::int64_t bits;
  };
  static_assert(sizeof(Element) == 2 * sizeof(std::int64_t));

  // What must be equal on all ranks beside the name: what the call says, and what it sums.
  static constexpr std::size_t fact_count = Call::max_facts + 3;
  using Facts = std::array<Fact, fact_count>;
  // What one rank called, in bytes.
  struct Record {
    char name[64];
    std::int64_t facts[fact_count];
  };

  // Where in the header. The name and each fact v take two elements: the largest v and the largest
  // −v, for the smallest. (Integers all: a largest of floating point would lose a NaN.)
  static constexpr std::size_t failed = 0, sent = 1, on_device = 2, name = 3, facts = 5,
                               first_value = facts + 2 * fact_count, length = first_value + carried;
  using Header = std::array<Element, length>;

  static void reduce(void* in, void* inout, int* count, MPI_Datatype* type);
  void set_both(std::size_t at, std::int64_t v);
  bool all_equal() const;

  int sum_by_mpi(const Payload& payload) const;
  void sum_agreed(const Payload& payload);
  [[noreturn]] void throw_failure(const Call& call, const std::exception_ptr& thrown,
                                  const Place& place, int root) const;
  [[noreturn]] void throw_difference(const Call& call, const Facts& mine) const;

  MPI_Comm comm_;
  int rank_ = 0;
  int size_ = 1;
  MPI_Datatype type_ = MPI_DATATYPE_NULL;
  MPI_Op op_ = MPI_OP_NULL;
  Header mine_{}, all_{};
  Payload expected_;  // the shape that is sent along; none while its count is 0
  std::unique_ptr<NodeSum> node_sum_;
  bool node_sum_tried_ = false;
};

}  // namespace misfit::detail
