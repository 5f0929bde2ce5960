// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/random_calls/runner.hpp"

namespace misfit::test::random_calls {

bool has_runner(const Case&) { return true; }

std::unique_ptr<Runner> make_runner(const Problem& p) {
  const Case& c = p.of();
  const bool is_double = c.type == Type::d;
  if (c.path == Path::members) return members(p);
  if (c.path == Path::with_l2) return with_l2(p);
  if (c.path == Path::separable) return is_double ? separable_double(p) : separable_complex(p);
  if (c.path == Path::erased) return is_double ? erased_double(p) : erased_others(p);
  const bool by_rows = c.kind == Kind::dense || c.kind == Kind::sparse || c.kind == Kind::blur;
  return by_rows ? typed_by_rows(p) : typed(p);
}

}  // namespace misfit::test::random_calls
