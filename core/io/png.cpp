// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"

#include <misfit/error.hpp>
#include <misfit/io/png.hpp>

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace misfit::io {

void write_png(const std::string& path, std::size_t rows, std::size_t columns,
               const HostVector<const float>& values, float black, float white) {
  constexpr std::size_t largest = std::numeric_limits<std::int32_t>::max();
  if (rows == 0 || columns == 0 || rows > largest || columns > largest ||
      values.size() != rows * columns)
    throw ArgumentError("write_png: " + std::to_string(values.size()) + " values for " +
                        std::to_string(rows) + " rows of " + std::to_string(columns));
  if (!std::isfinite(black) || !std::isfinite(white) || black == white)
    throw ArgumentError("write_png: black and white must be finite and differ");

  const double low = black, scale = 255 / (static_cast<double>(white) - low);
  std::vector<png_byte> greys(values.size());
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (std::isnan(values(j)))
      throw ArgumentError("write_png: value " + std::to_string(j) + " is not a number");
    greys[j] =
        static_cast<png_byte>(std::lround(std::clamp((values(j) - low) * scale, 0.0, 255.0)));
  }

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(columns);
  image.height = static_cast<png_uint_32>(rows);
  image.format = PNG_FORMAT_GRAY;
  OutputFile file(path);
  if (png_image_write_to_stdio(&image, file.stream(), 0, greys.data(), 0, nullptr) == 0)
    fail(path, std::string("cannot be written: ") + image.message);
  file.commit();
}

}  // namespace misfit::io
