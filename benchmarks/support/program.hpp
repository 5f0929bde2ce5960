// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace misfit::bench {

/// What a program adds to Google Benchmark.
struct Program {
  /// A line for each of its options.
  std::string usage;
  /// Takes an argument; false if it is none of the program's own.
  std::function<bool(std::string_view argument)> take;
  /// Registers its cases, with MPI and Kokkos running. Throws std::invalid_argument for options
  /// that make no sense together, on all ranks.
  std::function<void(int ranks)> register_cases;
};

/// main() of a benchmark: rank 0 reports, all ranks run the same cases. Collective.
int run_program(int argc, char* argv[], const Program& program);

/// The number behind `name` in `argument`, into `value`; false if there is none above 0.
template <typename T>
bool parse(std::string_view argument, std::string_view name, T& value) {
  static_assert(std::is_arithmetic_v<T>);
  if (!argument.starts_with(name)) return false;
  argument.remove_prefix(name.size());
  const char* const end = argument.data() + argument.size();
  const auto [stop, error] = std::from_chars(argument.data(), end, value);
  return error == std::errc() && stop == end && value > 0;
}

}  // namespace misfit::bench
