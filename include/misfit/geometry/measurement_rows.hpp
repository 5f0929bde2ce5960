// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <cstddef>

namespace misfit {

/// Rows of a measurement, along one dimension of its shape: those that belong to a slab of the
/// image, or those that are dealt out to ranks.
struct MeasurementRows {
  Shape shape;                ///< of the whole measurement
  std::size_t dimension = 0;  ///< whose rows they are
  Rows rows;                  ///< may be none
};

}  // namespace misfit
