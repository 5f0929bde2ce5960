// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/concepts.hpp>
#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/any_distance.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/distances/huber.hpp>
#include <misfit/distances/indicator_l2.hpp>
#include <misfit/distances/l1.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/log_poisson.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distances/weighted.hpp>
#include <misfit/distances/weighted_l2.hpp>
#include <misfit/distances/zero.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/distribution_plan.hpp>
#include <misfit/ensemble.hpp>
#include <misfit/error.hpp>
#include <misfit/flatten.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/halo.hpp>
#include <misfit/linearization.hpp>
#include <misfit/measured_costs.hpp>
#include <misfit/measurements.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/operators/radon.hpp>
#include <misfit/operators/scale.hpp>
#include <misfit/operators/slice_by_slice.hpp>
#include <misfit/operators/sparse.hpp>
#include <misfit/operators/stack.hpp>
#include <misfit/operators/wrap.hpp>
#include <misfit/partial_sum.hpp>
#include <misfit/partition.hpp>
#include <misfit/placement.hpp>
#include <misfit/rows.hpp>
#include <misfit/run.hpp>
#include <misfit/session.hpp>
#include <misfit/shape.hpp>
#include <misfit/slab_part.hpp>
#include <misfit/slabs.hpp>
#include <misfit/solver.hpp>
#include <misfit/split_partition.hpp>
#include <misfit/subset.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>
#include <misfit/testing/check_replicated.hpp>
#include <misfit/testing/check_result.hpp>
#include <misfit/version.hpp>

#if defined(MISFIT_FOURIER)
#include <misfit/fourier_planning.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/operators/fourier_blur.hpp>
#include <misfit/operators/nonuniform_fourier.hpp>
#include <misfit/operators/ptychography.hpp>
#include <misfit/operators/scanned_probe.hpp>
#endif

/// Values and gradients of data fidelities over MPI ranks: DistributedDataFidelity of the operators
/// in a DistributedOperator. What they are made of are operators and distances, of misfit or your
/// own; the concepts say what these must have.
namespace misfit {}
