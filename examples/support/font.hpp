// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace examples {

/// Letters of pictures, 5 × 9 pixels each.
inline constexpr std::size_t glyph_rows = 9, glyph_columns = 5;

/// Whether that pixel of a character, ASCII, is black.
bool glyph_has(char character, std::size_t row, std::size_t column);

}  // namespace examples
