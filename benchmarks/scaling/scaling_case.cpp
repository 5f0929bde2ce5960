// SPDX-License-Identifier: BSD-3-Clause
#include "scaling/scaling_case.hpp"

#include "support/program.hpp"

#include <stdexcept>

namespace misfit::bench {

ScalingCase parse_case(std::string_view text) {
  const auto bad = [&](const char* why) {
    return std::invalid_argument("--case=" + std::string(text) + ": " + why +
                                 "; it is FAMILY/SERIES/OPERATORS/SIZE/CALL");
  };
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (parts.size() != 5) throw bad("not five parts");

  ScalingCase c;
  c.name = text;
  c.family = parts[0];
  if (parts[1] != "strong" && parts[1] != "weak")
    throw bad("the series is neither strong nor weak");
  c.weak = parts[1] == "weak";
  if (!parse(parts[2], "", c.operators)) throw bad("no number of operators");
  if (!parse(parts[3], "", c.size)) throw bad("no size");
  for (const Call call : {Call::fn, Call::grad, Call::fn_and_grad}) {
    if (parts[4] != name_of(call)) continue;
    c.call = call;
    return c;
  }
  throw bad("the call is none of fn, grad, fn_and_grad");
}

}  // namespace misfit::bench
