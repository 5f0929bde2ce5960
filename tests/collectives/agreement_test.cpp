// SPDX-License-Identifier: BSD-3-Clause

// What goes wrong on one rank is the same error on all; calls that differ too.

#include "support/errors.hpp"

#include <misfit/communicator.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::CallbackError;
using misfit::Communicator;
using misfit::DomainError;
using misfit::detail::ErrorContext;
using misfit::test::contains;
using misfit::test::expect_same_error;
using misfit::test::fault_sets;

TEST(Agreement, what_one_rank_throws_all_throw) {
  const Communicator comm(MPI_COMM_WORLD);
  for (const auto& ranks : fault_sets()) {
    const auto name = "rank " + std::to_string(ranks.front()) + ", operator 7: ";
    const auto call_that_throws = [&](auto error) {
      return [&comm, &ranks, error] {
        misfit::detail::Internals::of(comm).together({"some_call", {}}, [&](ErrorContext& context) {
          context.operator_index = 7;
          if (contains(ranks, comm.rank())) throw error;
        });
      };
    };
    expect_same_error<ArgumentError>(call_that_throws(ArgumentError("y: bad")),
                                     {"some_call", name + "y: bad"});
    expect_same_error<DomainError>(call_that_throws(DomainError("outside")), {name + "outside"});
    expect_same_error<misfit::FileError>(call_that_throws(misfit::FileError("k.hdr: is missing")),
                                         {name + "k.hdr: is missing"});
    expect_same_error<CallbackError>(call_that_throws(std::runtime_error("disk on fire")),
                                     {name, "disk on fire"});
    expect_same_error<CallbackError>(call_that_throws(42), {name, "no std::exception"});
    expect_same_error<misfit::MpiError>(call_that_throws(misfit::MpiError(5, "MPI_Foo")),
                                        {name, "MPI_Foo"});

    EXPECT_NO_THROW(
        misfit::detail::Internals::of(comm).together({"some_call", {}}, [](ErrorContext&) {}));
  }
}

TEST(Agreement, texts_and_names_travel_whole) {
  const Communicator comm(MPI_COMM_WORLD);
  // 200 000 bytes, with a letter of two bytes across every even place.
  std::string text = "x";
  while (text.size() < 200000) text += "\u00e9";
  const std::string name(5000, 'n');
  for (const auto& ranks : fault_sets())
    expect_same_error<CallbackError>(
        [&] {
          comm.agree(name.c_str(), [&] {
            if (contains(ranks, comm.rank())) throw std::runtime_error(text);
          });
        },
        {name + ": rank " + std::to_string(ranks.front()) + ": threw: " + text});
}

TEST(Agreement, names_that_differ_late) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  const int last = comm.size() - 1;
  for (const std::size_t same : {62, 63, 64, 1000}) {
    const std::string one = std::string(same, 'n') + "1", other = std::string(same, 'n') + "2";
    expect_same_error<ArgumentError>(
        [&] { comm.agree((comm.rank() == last ? other : one).c_str(), [] {}); },
        {"different order: rank " + std::to_string(last) + " calls " + other,
         "rank 0 calls " + one});
  }
}

// Where the user gives the name of a call of misfit's own to another.
TEST(Agreement, calls_of_one_name_with_other_facts) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  for (const int odd : {0, comm.size() - 1})
    expect_same_error<ArgumentError>(
        [&] {
          if (comm.rank() == odd)
            comm.agree("fn", [] {});
          else
            misfit::detail::Internals::of(comm).together({"fn", {{"n", 3}}}, [](ErrorContext&) {});
        },
        {"fn: rank " + std::to_string(odd == 0 ? 1 : odd) + ": n is "});
}

TEST(Agreement, call_takes_no_more_facts_than_it_can_hold) {
  using misfit::detail::Call;
  using misfit::detail::Fact;
  static_assert(std::is_constructible_v<Call, const char*, const Fact(&)[Call::max_facts]>);
  static_assert(!std::is_constructible_v<Call, const char*, const Fact(&)[Call::max_facts + 1]>);

  const Call call("some_call", {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}, {"f", 6}});

  EXPECT_EQ(call.facts.back().value, 6);
}

TEST(Agreement, sums_of_different_length) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  for (const std::size_t n : {3, 3000, 300000}) {
    std::vector<double> values(comm.rank() == 0 ? n : n + 1, 1.0);
    expect_same_error<ArgumentError>([&] { comm.sum(values.data(), values.size()); },
                                     {"sum: rank 1: the number of sums is "});
    comm.sum(values.data(), n);
    EXPECT_EQ(values.front(), comm.size());
    std::vector<std::int64_t> integers(values.size(), 1);
    expect_same_error<ArgumentError>([&] { comm.sum(integers.data(), integers.size()); },
                                     {"sum: rank 1: the number of sums is "});
    comm.sum(integers.data(), n);
    EXPECT_EQ(integers.front(), comm.size());
  }
}

TEST(Agreement, call_within_a_call_of_the_same_object) {
  const Communicator comm(MPI_COMM_WORLD), other(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  const int last = comm.size() - 1;
  for (const bool on_all : {false, true}) {
    const auto within = [&](const Communicator& inner) {
      comm.agree("outer", [&] {
        if (on_all || comm.rank() == last) inner.agree("inner", [] {});
      });
    };
    expect_same_error<ArgumentError>(
        [&] { within(comm); },
        {"outer: rank " + std::to_string(on_all ? 0 : last), "within another one of the same"});
    if (on_all) within(other);
    EXPECT_EQ(comm.agree("outer", [] { return 7; }), 7);
  }
}

TEST(Agreement, together_returns_what_the_work_returns) {
  const Communicator comm(MPI_COMM_WORLD);

  const int rank = comm.agree("some_call", [&] { return comm.rank(); });
  auto owner = comm.agree("some_call", [&] { return std::make_unique<int>(comm.rank()); });
  bool done = false;
  comm.agree("some_call", [&] { done = true; });

  EXPECT_EQ(rank, comm.rank());
  EXPECT_EQ(*owner, comm.rank());
  EXPECT_TRUE(done);
  static_assert(std::is_void_v<decltype(comm.agree("some_call", [] {}))>);
}

TEST(Agreement, what_one_rank_throws_instead_of_returning) {
  const Communicator comm(MPI_COMM_WORLD);
  for (const auto& ranks : fault_sets()) {
    const auto fails = [&] {
      if (contains(ranks, comm.rank())) throw std::runtime_error("disk on fire");
    };
    const auto context =
        "some_call: rank " + std::to_string(ranks.front()) + ": threw: disk on fire";
    expect_same_error<CallbackError>([&] { comm.agree("some_call", fails); }, {context});
    expect_same_error<CallbackError>(
        [&] {
          comm.agree("some_call", [&] {
            fails();
            return 1;
          });
        },
        {context});
    EXPECT_EQ(comm.agree("some_call", [] { return 7; }), 7);
  }
  if (comm.size() == 1) return;
  const char* const name = comm.rank() == 0 ? "one" : "other";
  expect_same_error<ArgumentError>([&] { comm.agree(name, [] { return 1; }); }, {"one", "other"});
}

TEST(Agreement, error_knows_rank_and_operator) {
  const Communicator comm(MPI_COMM_WORLD);
  const int last = comm.size() - 1;
  try {
    misfit::detail::Internals::of(comm).together({"call", {}}, [&](ErrorContext& context) {
      context.operator_index = 3;
      if (comm.rank() == last) throw ArgumentError("no");
    });
    FAIL() << "nothing was thrown";
  } catch (const misfit::Error& error) {
    EXPECT_EQ(error.rank(), last);
    EXPECT_EQ(error.operator_index(), 3);
  }
}

TEST(Agreement, facts_that_differ_between_ranks) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  const int last = comm.size() - 1;
  expect_same_error<ArgumentError>(
      [&] {
        const std::int64_t n = comm.rank() == last ? 5 : -4;
        misfit::detail::Internals::of(comm).together({"some_call", {{"one", 1}, {"the batch", n}}},
                                                     [](ErrorContext&) {});
      },
      {"some_call", "rank " + std::to_string(last), "the batch is 5", "-4 on rank 0"});
  EXPECT_NO_THROW(misfit::detail::Internals::of(comm).together({"some_call", {{"one", 1}}},
                                                               [](ErrorContext&) {}));
}

TEST(Agreement, calls_in_different_order) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  const int last = comm.size() - 1;
  expect_same_error<ArgumentError>(
      [&] {
        misfit::detail::Internals::of(comm).together({comm.rank() == last ? "grad" : "fn", {}},
                                                     [](ErrorContext&) {});
      },
      {"different order", "rank " + std::to_string(last) + " calls grad", "rank 0 calls fn"});
  EXPECT_NO_THROW(misfit::detail::Internals::of(comm).together({"fn", {}}, [](ErrorContext&) {}));
}

// Sums of MPI's own too are made when ranks know that all make them.
TEST(Agreement, sums_of_mpi_in_different_order) {
  const Communicator comm(MPI_COMM_WORLD);
  if (comm.size() == 1) return;
  const auto& calls = misfit::detail::Internals::of(comm);
  const bool last = comm.rank() == comm.size() - 1;
  expect_same_error<ArgumentError>(
      [&] { last ? static_cast<double>(calls.sums_in_pairs()) : calls.largest(1); },
      {"different order", " calls sums_in_pairs", "rank 0 calls largest"});
  EXPECT_EQ(calls.largest(comm.rank()), comm.size() - 1);
  EXPECT_NO_THROW(calls.sums_in_pairs());
}

}  // namespace
