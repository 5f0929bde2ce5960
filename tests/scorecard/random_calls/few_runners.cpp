// SPDX-License-Identifier: BSD-3-Clause

// Of the test, which compiles less than the check does.

#include "scorecard/random_calls/runner.hpp"

namespace misfit::test::random_calls {

bool has_runner(const Case& c) {
  return c.type == Type::d && (c.path == Path::erased || c.path == Path::separable);
}

std::unique_ptr<Runner> make_runner(const Problem& p) {
  return p.of().path == Path::erased ? erased_double(p) : separable_double(p);
}

}  // namespace misfit::test::random_calls
