// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "images.hpp"

#include <misfit/io/host_vector.hpp>
#include <misfit/io/png.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace examples {

/// Writes images of `shape`, (rows, columns), side by side: |x| of each, from black at 0 to white
/// at its largest entry.
template <typename Image>
void write_pictures(const std::string& path, const misfit::Shape& shape,
                    const std::vector<Image>& images) {
  const std::size_t rows = shape[0], columns = shape[1], width = columns * images.size();
  misfit::io::HostVector<float> picture("picture", rows * width);
  for (std::size_t k = 0; k < images.size(); ++k) {
    const auto x = on_host(images[k]);
    const float largest = largest_of(x);
    for (std::size_t j = 0; j < rows * columns; ++j)
      picture(j / columns * width + k * columns + j % columns) =
          largest > 0 ? magnitude(x(j)) / largest : 0;
  }
  misfit::io::write_png(path, rows, width, picture, 0, 1);
}

}  // namespace examples
