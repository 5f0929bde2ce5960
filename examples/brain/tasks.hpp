// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "options.hpp"
#include "volume.hpp"

#include <misfit/communicator.hpp>

namespace brain {

// What they write goes to options.output, and nowhere if that is empty. Voxels are on rank 0 alone.

/// Tells what the problem is, and writes problem.json and kernels.npy. Not collective.
void describe(const Options& options, const Volume& truth);

/// Computes the volume, in slabs, from its acquisitions; writes reconstruction.json and slices.
/// Collective.
void reconstruct(const Options& options, const Volume& truth,
                 const misfit::Communicator& communicator);

}  // namespace brain
