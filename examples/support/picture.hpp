// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "images.hpp"

#include <misfit/io/host_vector.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace examples {

/// Where the rows of an image of shape (y, x) are in a picture: a head stands upright by the first
/// in NIfTI's order and that of ISMRMRD, by the second in BART's.
enum class Upright {
  y_up,   ///< x to the right
  x_down  ///< y to the right
};

/// One image of a picture, from black at 0 to white.
struct Panel {
  std::string label;                       ///< above it, ASCII
  misfit::io::HostVector<float> values{};  ///< not negative
  float white = 0;                         ///< the value that is white
  std::string unit{};                      ///< of values, behind that of white
};

/// |x| of `image`, white at `white` or, where that is 0, at its largest entry.
template <typename Image>
Panel panel(const std::string& label, const Image& image, float white = 0,
            const std::string& unit = "") {
  const auto x = on_host(image);
  misfit::io::HostVector<float> values(label, x.extent(0));
  for (std::size_t j = 0; j < x.extent(0); ++j) values(j) = magnitude(x(j));
  return {label, values, white > 0 ? white : largest_of(values), unit};
}

/// Writes panels of `shape`, (y, x), beside each other, each with its label and the scale of its
/// greys.
void write_picture(const std::string& path, const misfit::Shape& shape, Upright upright,
                   const std::vector<Panel>& panels);

}  // namespace examples
