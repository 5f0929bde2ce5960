// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/geometry/measurement_rows.hpp>

namespace misfit {

/// The part of an operator for a slab, as a factory of parts makes it: from the rows of the slab
/// and its ghost rows to `outputs`, which may be none.
template <typename Op>
struct SlabPart {
  /// The part.
  Op op;
  /// Which rows of the measurement it gives.
  MeasurementRows outputs;
};

}  // namespace misfit
