// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

namespace misfit::bench {

/// What every case on the command line begins with.
inline constexpr std::string_view case_option = "--case=";

/// main() for cases FAMILY/SERIES/OPERATORS/SIZE/CALL/FORM, for scripts: each is a benchmark of
/// Google Benchmark, whose options and results these are. Runs under MPI and, compiled by smpicxx,
/// in SimGrid.
int run_many_cases(int argc, char* argv[]);

}  // namespace misfit::bench
