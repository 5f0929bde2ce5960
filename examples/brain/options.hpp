// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>

#include <string>

namespace brain {

struct Options {
  std::string image;
  int volume = -1;     ///< of the file; if negative, the only one
  std::string output;  ///< nothing is written where it is empty
  bool quick = false;
};

/// A mistake in the command line.
struct UsageError : misfit::ArgumentError {
  explicit UsageError(const std::string& text) : ArgumentError(text + " (see --help)") {}
};

extern const char* const usage;

/// Throws UsageError.
Options parse(int argc, char* const argv[]);

}  // namespace brain
