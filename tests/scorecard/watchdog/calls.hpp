// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace misfit::test {

/// MISFIT_TIMEOUT.
constexpr const char* limit_text = "0.3";

/// Makes communicators with the limit while it lives.
struct Limited {
  Limited() { setenv("MISFIT_TIMEOUT", limit_text, 1); }
  ~Limited() { unsetenv("MISFIT_TIMEOUT"); }
  Limited(const Limited&) = delete;
  Limited& operator=(const Limited&) = delete;
};

/// A collective call of objects that were made for it, under MISFIT_TIMEOUT.
struct WatchedCall {
  std::string name;  ///< as errors give it
  std::function<void()> run;
};

/// How many kinds of calls there are; the last makes a communicator, after which MPI is left with
/// what does not end.
int kinds_of_calls();

/// Makes the objects of a call, with the limit. Collective; the same kind on all ranks. `delay()`
/// is called by this rank's operators, if the call has some; else at its beginning.
WatchedCall make_call(int kind, std::function<void()> delay);

}  // namespace misfit::test
