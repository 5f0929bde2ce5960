// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace examples {

/// A mistake in the command line.
struct UsageError : misfit::ArgumentError {
  explicit UsageError(const std::string& text) : ArgumentError(text + " (see --help)") {}
};

/// Prints `usage` if the command line asks for it, and says whether it does. For before run():
/// Kokkos would print its own.
bool helped(int argc, char* const argv[], const char* usage);

/// A command line of files and of options that each have a value.
class Arguments {
 public:
  /// Throws UsageError for an option that is none of `options`, and for one without its value.
  Arguments(int argc, char* const argv[], std::initializer_list<const char*> options);

  const std::vector<std::string>& files() const noexcept { return files_; }

  std::string text(const std::string& option, const std::string& otherwise) const;
  /// Throws UsageError if what was given is no number, or one that is below `least`.
  double number(const std::string& option, double otherwise, double least) const;
  int count(const std::string& option, int otherwise, int least) const;

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> files_;
};

}  // namespace examples
