// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>

namespace misfit::detail {

/// Something that must be equal on all ranks of a call.
struct Fact {
  const char* name = "";
  std::int64_t value = 0;
};

/// A collective call: its name and what must be equal on all ranks.
struct Call {
  static constexpr std::size_t max_facts = 6;

  struct NoFacts {};
  Call(const char* call_name, NoFacts) : name(call_name) {}
  template <std::size_t Count>
    requires(Count <= max_facts)
  Call(const char* call_name, const Fact (&call_facts)[Count]) : name(call_name) {
    std::copy_n(call_facts, Count, facts.begin());
  }

  const char* name;
  std::array<Fact, max_facts> facts{};
};

/// What local work was busy with, for the text of an error.
struct ErrorContext {
  int operator_index = -1;
};

/// An error, ready to travel between ranks. It takes no memory: the call and what was thrown hold
/// its texts.
struct Failure {
  /// The class of the error; `other` is what a callback threw and is none of misfit's.
  enum class Kind : int { error, argument, domain, file, callback, mpi, timeout, other };

  Kind kind = Kind::error;
  int rank = -1;
  int operator_index = -1;
  int code = 0;
  const char* call = "";
  const char* what = "";
};

/// `thrown` is borrowed.
Failure describe(const Call& call, const std::exception_ptr& thrown, int rank,
                 const ErrorContext& context);

/// Throws the misfit::Error that `failure` stands for, or bad_alloc if there is no memory for it.
[[noreturn]] void rethrow(const Failure& failure);

/// A number of 62 bits that differs between different texts, for facts that are no numbers.
std::int64_t fingerprint(const void* data, std::size_t size);

}  // namespace misfit::detail
