// SPDX-License-Identifier: BSD-3-Clause
#include "picture.hpp"

#include "font.hpp"

#include <misfit/io/png.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace examples {
namespace {

constexpr std::size_t least_width = 256;  ///< of a panel; smaller images are enlarged
constexpr std::size_t margin = 8, line = 2 * (glyph_rows + 2), letter = 2 * (glyph_columns + 1);

/// Greys from 0, black, to 1, in rows.
class Canvas {
 public:
  Canvas(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), greys_("canvas", rows * columns) {
    Kokkos::deep_copy(greys_, 1.0F);
  }

  void set(std::size_t row, std::size_t column, float grey) const {
    if (row < rows_ && column < columns_) greys_(row * columns_ + column) = grey;
  }

  /// With each pixel of its letters twice as high and wide.
  void write(const std::string& text, std::size_t row, std::size_t column) const {
    for (std::size_t k = 0; k < text.size(); ++k)
      for (std::size_t r = 0; r < 2 * glyph_rows; ++r)
        for (std::size_t c = 0; c < 2 * glyph_columns; ++c)
          if (glyph_has(text[k], r / 2, c / 2)) set(row + r, column + letter * k + c, 0);
  }

  void save(const std::string& path) const {
    misfit::io::write_png(path, rows_, columns_, greys_, 0, 1);
  }

 private:
  std::size_t rows_, columns_;
  misfit::io::HostVector<float> greys_;
};

std::string scale_of(const Panel& panel) {
  char number[32];
  std::snprintf(number, sizeof number, "%.3g", static_cast<double>(panel.white));
  return panel.unit.empty() ? number : number + (" " + panel.unit);
}

/// "0", the greys, and what white is.
void draw_scale(const Canvas& canvas, const Panel& panel, std::size_t row, std::size_t column,
                std::size_t width) {
  const std::string white = scale_of(panel);
  const std::size_t begin = column + letter + margin;
  const std::size_t text = letter * white.size() + margin;
  const std::size_t end = std::max(begin + 2 * margin, column + width - std::min(width, text));
  canvas.write("0", row, column);
  for (std::size_t c = begin; c < end; ++c)
    for (std::size_t r = 0; r < 2 * glyph_rows - 4; ++r) {
      const bool edge = r == 0 || r + 5 == 2 * glyph_rows || c == begin || c + 1 == end;
      canvas.set(row + r, c,
                 edge ? 0 : static_cast<float>(c - begin) / static_cast<float>(end - begin));
    }
  canvas.write(white, row, end + margin);
}

}  // namespace

void write_picture(const std::string& path, const misfit::Shape& shape, Upright upright,
                   const std::vector<Panel>& panels) {
  const std::size_t ny = shape[0], nx = shape[1];
  const auto [rows, columns] = upright == Upright::y_up ? std::pair(ny, nx) : std::pair(nx, ny);
  const std::size_t zoom = (least_width + columns - 1) / columns;
  const std::size_t height = zoom * rows, width = zoom * columns, pitch = width + margin;
  const Canvas canvas(height + 2 * line + 3 * margin, margin + pitch * panels.size());
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const Panel& panel = panels[k];
    const std::size_t top = margin + line, left = margin + k * pitch;
    canvas.write(panel.label, margin, left);
    for (std::size_t r = 0; r < height; ++r)
      for (std::size_t c = 0; c < width; ++c) {
        const std::size_t i = r / zoom, j = c / zoom;
        const float value =
            panel.values(upright == Upright::y_up ? (ny - 1 - i) * nx + j : j * nx + i);
        canvas.set(top + r, left + c, panel.white > 0 ? std::min(1.0F, value / panel.white) : 0);
      }
    draw_scale(canvas, panel, top + height + margin, left, width);
  }
  canvas.save(path);
}

}  // namespace examples
