// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "volume.hpp"

#include <misfit/distributed_operator.hpp>
#include <misfit/measurements.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>

#include <string>
#include <vector>

namespace brain {

using Exec = Kokkos::DefaultExecutionSpace;
using Signal = Kokkos::View<float*>;
using Acquisition = misfit::Blur<float>;  ///< strided: it computes only the voxels that are kept
using Acquisitions = misfit::DistributedOperator<Acquisition>;
using Kernel = Kokkos::View<float***, Kokkos::LayoutRight, Kokkos::HostSpace>;

inline constexpr int count = 8;            ///< acquisitions of the problem
inline constexpr int taps = 5;             ///< extent of a kernel in each dimension
inline constexpr double long_axis = 1.4;   ///< deviation along the kernel's direction [voxels]
inline constexpr double short_axis = 0.6;  ///< deviation across [voxels]
inline constexpr double noise = 0.005;     ///< deviation of the noise; the image fills [0, 1]

/// The blur of acquisition i: a Gaussian, long in one of eight directions spread over the half
/// sphere, of sum 1. It repeats itself every eight acquisitions.
Kernel kernel(int i);

/// The shape of one acquisition: every second voxel of `shape` in each dimension.
misfit::Shape acquisition_shape(const misfit::Shape& shape);

/// The first `n` operators A_i: blur by kernel(i), then keep every second voxel. The volume is in
/// `slabs`, cut along z, and every rank has its rows of each. Collective.
Acquisitions make_acquisitions(const misfit::Slabs& slabs, int n);

/// y_i = A_i x + noise, this rank's rows of it: the same numbers at every number of ranks.
/// Collective; blocks.
misfit::Measurements<Signal> acquire(const Exec& exec, const misfit::Slabs& slabs,
                                     const Acquisitions& acquisitions, const Signal& x);

std::vector<float> to_host(const Exec& exec, const Signal& signal);
Signal to_device(const Exec& exec, const std::vector<float>& values, const std::string& label);

}  // namespace brain
