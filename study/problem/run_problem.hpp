// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::study {

/// main() for a problem by its name.
int run_problem(int argc, char* argv[]);

}  // namespace misfit::study
