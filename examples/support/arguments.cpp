// SPDX-License-Identifier: BSD-3-Clause
#include "arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <system_error>

namespace examples {
namespace {

template <typename T>
T parsed(const std::string& option, const std::string& given, T least) {
  T value{};
  const char* const end = given.data() + given.size();
  const auto [stopped, error] = std::from_chars(given.data(), end, value);
  if (error != std::errc() || stopped != end || !(value >= least) ||
      !std::isfinite(static_cast<double>(value)))
    throw UsageError(option + ": \"" + given + "\" is no number from " + std::to_string(least) +
                     " on");
  return value;
}

}  // namespace

bool helped(int argc, char* const argv[], const char* usage) {
  const auto asks = [](std::string_view word) { return word == "--help" || word == "-h"; };
  if (std::none_of(argv + 1, argv + argc, asks)) return false;
  std::fputs(usage, stdout);
  return true;
}

Arguments::Arguments(int argc, char* const argv[], std::initializer_list<const char*> options) {
  for (int k = 1; k < argc; ++k) {
    const std::string argument = argv[k];
    if (argument.rfind('-', 0) != 0) {
      files_.push_back(argument);
    } else if (std::find(options.begin(), options.end(), std::string_view(argument)) ==
               options.end()) {
      throw UsageError("unknown option " + argument);
    } else if (k + 1 == argc) {
      throw UsageError(argument + " needs a value");
    } else {
      values_[argument] = argv[++k];
    }
  }
}

std::string Arguments::text(const std::string& option, const std::string& otherwise) const {
  const auto found = values_.find(option);
  return found == values_.end() ? otherwise : found->second;
}

double Arguments::number(const std::string& option, double otherwise, double least) const {
  const auto found = values_.find(option);
  return found == values_.end() ? otherwise : parsed(option, found->second, least);
}

int Arguments::count(const std::string& option, int otherwise, int least) const {
  const auto found = values_.find(option);
  return found == values_.end() ? otherwise : parsed(option, found->second, least);
}

}  // namespace examples
