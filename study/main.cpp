// SPDX-License-Identifier: BSD-3-Clause
#include "many_cases.hpp"

int main(int argc, char* argv[]) { return misfit::bench::run_many_cases(argc, argv); }
