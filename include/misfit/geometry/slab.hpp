// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <cstddef>

namespace misfit {

/// A slab of an image as an operator sees it: the rows that a rank owns, and ghost rows before and
/// after them, which other ranks own and which the operator may read.
///
/// In a circular halo the ghost rows before row 0 are the last ones of the image, and those after
/// the last one the first; else there are none there.
struct Slab {
  Shape shape;                ///< of the whole image
  std::size_t dimension = 0;  ///< the one that is cut
  Rows owned;                 ///< at least one row
  std::size_t before = 0;     ///< ghost rows before row owned.begin
  std::size_t after = 0;      ///< ghost rows from row owned.end on

  /// The owned rows alone.
  Slab without_ghosts() const { return {shape, dimension, owned}; }
  /// The shape of the slab with its ghost rows.
  Shape extended() const { return shape.with(dimension, before + owned.size() + after); }
};

}  // namespace misfit
