// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace misfit::test {

using Calls = std::vector<std::string>;
/// What this rank has called of MPI, without "MPI_".
extern Calls calls;
/// By Isend.
extern double bytes_sent;

}  // namespace misfit::test
