// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "acquisitions.hpp"

#include <misfit/measurements.hpp>
#include <misfit/shape.hpp>
#include <misfit/slabs.hpp>

#include <vector>

namespace brain {

/// This rank's slab of `values`, which are read on rank 0 alone. Collective; blocks.
Signal scattered(const Exec& exec, const misfit::Slabs& slabs, const std::vector<float>& values);

/// The whole image on rank 0, nothing on the others. Collective; blocks.
std::vector<float> gathered(const Exec& exec, const misfit::Slabs& slabs, const Signal& owned);

/// This rank's slab of the mean of its rows of all acquisitions, `y`, of which entry k of each
/// dimension lies on voxel 2k: interpolated trilinearly, and constant beyond the last. Collective;
/// blocks.
Signal upsampled_mean(const Exec& exec, const misfit::Slabs& slabs,
                      const misfit::Measurements<Signal>& y);

}  // namespace brain
