// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "options.hpp"
#include "volume.hpp"

#include <mpi.h>

namespace brain {

/// Tells what the problem is, and writes problem.json. Not collective.
void describe(const Options& options, const Volume& truth);

/// Times fn, grad and fn_and_grad on the ranks of `comm`, and adds them to scaling.json.
/// Collective.
void measure(const Options& options, const Volume& truth, MPI_Comm comm);

/// Computes the volume from its acquisitions; writes reconstruction.json and slices. Collective.
void reconstruct(const Options& options, const Volume& truth, MPI_Comm comm);

}  // namespace brain
