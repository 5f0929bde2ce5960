// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "options.hpp"
#include "volume.hpp"

#include <mpi.h>

namespace brain {

// What they write goes to options.output, and nowhere if that is empty.

/// Tells what the problem is, and writes problem.json and kernels.npy. Not collective.
void describe(const Options& options, const Volume& truth);

/// Times fn, grad and fn_and_grad on the ranks of `comm`, and adds them to scaling.json.
/// Collective.
void measure(const Options& options, const Volume& truth, MPI_Comm comm);

/// Computes the volume from its acquisitions; writes reconstruction.json and slices. Collective.
void reconstruct(const Options& options, const Volume& truth, MPI_Comm comm);

}  // namespace brain
