// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace examples {

/// A mistake in the command line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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
