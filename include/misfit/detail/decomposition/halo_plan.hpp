// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/geometry/halo_width.hpp>

#include <cstddef>
#include <vector>

namespace misfit::detail {

/// Rows that one rank has, owned or as ghosts, and that another owns.
struct HaloRows {
  std::size_t owned = 0;     ///< the first of them, of the rows that their owner has
  std::size_t extended = 0;  ///< the same row, of those with ghosts that the other rank has
  std::size_t count = 0;
};

/// What goes between this rank and another, or itself, in one message.
struct HaloMessage {
  int rank = 0;
  std::vector<HaloRows> parts;

  std::size_t rows() const;
};

/// Which rows a rank needs from which others, where an image is cut into a slab a rank and each
/// slab is extended by a halo.
///
/// A halo may be wider than a slab, and come from several ranks; a rank without rows needs none. At
/// the ends of the image the halo is cut off, or with `circular` goes on at the other end.
class HaloPlan {
 public:
  HaloPlan() = default;
  HaloPlan(const ImageCut& cut, int rank, const HaloWidth& width);

  /// How many ghost rows this rank has before and after its own.
  std::size_t before() const { return before_; }
  std::size_t after() const { return after_; }
  std::size_t owned() const { return owned_; }
  std::size_t extended() const { return before_ + owned_ + after_; }

  /// Ascending in rank; this rank's own ghosts, of a circular halo, may be among them.
  const std::vector<HaloMessage>& receives() const { return receives_; }
  const std::vector<HaloMessage>& sends() const { return sends_; }

 private:
  std::size_t owned_ = 0, before_ = 0, after_ = 0;
  std::vector<HaloMessage> receives_, sends_;
};

}  // namespace misfit::detail
