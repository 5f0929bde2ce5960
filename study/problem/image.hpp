// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem/options.hpp"

#include <vector>

namespace misfit::study {

/// A slice of side x side pixels; none has no pixels.
struct Image {
  int side = 0;
  std::vector<float> pixels{};

  /// By the nearest pixels, `to` x `to` of them.
  std::vector<float> scaled_to(int to) const;
};

/// The middle slice of the file that `options` name, filled with zeros to a square; none if they
/// name none. The same on all ranks. Collective; all ranks throw what one cannot read.
Image read_image(const Options& options);

}  // namespace misfit::study
