// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>

namespace misfit::detail {

/// Something that must be equal on all ranks of a call.
struct Fact {
  const char* name = "";
  std::int64_t value = 0;
};

/// A collective call: its name and what must be equal on all ranks.
struct Call {
  static constexpr std::size_t max_facts = 6;

  Call(const char* name, std::initializer_list<Fact> facts);

  const char* name;
  std::array<Fact, max_facts> facts{};
};

/// What local work was busy with, for the text of an error.
struct Place {
  int operator_index = -1;
};

/// An error, ready to travel between ranks.
struct Failure {
  enum class Kind : int { error, argument, domain, file, callback, mpi };

  Kind kind = Kind::error;
  int rank = -1;
  int operator_index = -1;
  int code = 0;
  std::string text;
};

Failure describe(const Call& call, const std::exception_ptr& thrown, int rank, const Place& place);

/// Throws the misfit::Error that `failure` stands for.
[[noreturn]] void rethrow(const Failure& failure);

/// A number of 62 bits that differs between different texts, for facts that are no numbers.
std::int64_t fingerprint(const void* data, std::size_t size);

}  // namespace misfit::detail
