// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

namespace misfit::test {

using Calls = std::vector<std::string>;
/// What this rank has called of MPI, without "MPI_".
extern Calls calls;
/// By Isend.
extern double bytes_sent;
/// The same, by the rank that they went to.
extern std::map<int, double> bytes_sent_to;

}  // namespace misfit::test
