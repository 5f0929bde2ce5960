// SPDX-License-Identifier: BSD-3-Clause
#include "font.hpp"

#include <array>
#include <string_view>

namespace examples {
namespace {

/// Some glyphs beside each other, in cells of five columns and one between; the last two rows are
/// below the line.
struct Glyphs {
  std::string_view characters;
  std::array<std::string_view, glyph_rows> rows;
};

// clang-format off
constexpr std::array all{
    Glyphs{"0123456789",
           {" ###    #    ###   ###     #  #####  ###  #####  ###   ### ",
            "#   #  ##   #   # #   #   ##  #     #   #     # #   # #   #",
            "#   #   #       #     #  # #  ####  #        #  #   # #   #",
            "# # #   #      #    ##  #  #      # ####    #    ###   ####",
            "#   #   #     #       # #####     # #   #  #    #   #     #",
            "#   #   #    #    #   #    #  #   # #   #  #    #   # #   #",
            " ###   ###  #####  ###     #   ###   ###   #     ###   ### ",
            "                                                           ",
            "                                                           "}},
    Glyphs{"ABCDEFGHIJKLM",
           {" ###  ####   ###  ####  ##### #####  ###  #   #  ###    ### #   # #     #   #",
            "#   # #   # #   # #   # #     #     #   # #   #   #      #  #  #  #     ## ##",
            "#   # #   # #     #   # #     #     #     #   #   #      #  # #   #     # # #",
            "##### ####  #     #   # ####  ####  # ### #####   #      #  ##    #     # # #",
            "#   # #   # #     #   # #     #     #   # #   #   #      #  # #   #     #   #",
            "#   # #   # #   # #   # #     #     #   # #   #   #   #  #  #  #  #     #   #",
            "#   # ####   ###  ####  ##### #      ###  #   #  ###   ##   #   # ##### #   #",
            "                                                                             ",
            "                                                                             "}},
    Glyphs{"NOPQRSTUVWXYZ",
           {"#   #  ###  ####   ###  ####   ###  ##### #   # #   # #   # #   # #   # #####",
            "##  # #   # #   # #   # #   # #   #   #   #   # #   # #   # #   # #   #     #",
            "# # # #   # #   # #   # #   # #       #   #   # #   # #   #  # #   # #     # ",
            "#  ## #   # ####  #   # ####   ###    #   #   # #   # # # #   #     #     #  ",
            "#   # #   # #     # # # # #       #   #   #   #  # #  # # #  # #    #    #   ",
            "#   # #   # #     #  #  #  #  #   #   #   #   #  # #  ## ## #   #   #   #    ",
            "#   #  ###  #      ## # #   #  ###    #    ###    #   #   # #   #   #   #####",
            "                                                                             ",
            "                                                                             "}},
    Glyphs{"abcdefghijklm",
           {"      #               #         ##        #       #      #  #      ##        ",
            "      #               #        #          #                 #       #        ",
            " ###  ####   ###   ####  ###  ####   #### ####   ##     ##  #  #    #   ## # ",
            "    # #   # #     #   # #   #  #    #   # #   #   #      #  # #     #   # # #",
            " #### #   # #     #   # #####  #    #   # #   #   #      #  ##      #   # # #",
            "#   # #   # #     #   # #      #    #   # #   #   #      #  # #     #   # # #",
            " #### ####   ###   ####  ###   #     #### #   #  ###     #  #  #   ###  #   #",
            "                                        #             #  #                   ",
            "                                     ###               ##                    "}},
    Glyphs{"nopqrstuvwxyz",
           {"                                     #                                       ",
            "                                     #                                       ",
            "####   ###  ####   #### # ##   #### ####  #   # #   # #   # #   # #   # #####",
            "#   # #   # #   # #   # ##    #      #    #   # #   # #   #  # #  #   #    # ",
            "#   # #   # #   # #   # #      ###   #    #   # #   # # # #   #   #   #   #  ",
            "#   # #   # #   # #   # #         #  #    #  ##  # #  # # #  # #  #   #  #   ",
            "#   #  ###  ####   #### #     ####    ##   ## #   #    # #  #   #  #### #####",
            "            #         #                                               #      ",
            "            #         #                                            ###       "}},
    Glyphs{" .,:;-+*/=|^%",
           {"                                                              #     #   ##   ",
            "                   ##    ##           #     #       #         #    # #  ##  #",
            "                   ##    ##           #   # # #    #  #####   #   #   #    # ",
            "                              ##### #####  ###    #           #           #  ",
            "                   ##    ##           #   # # #  #    #####   #          #   ",
            "       ##    ##    ##     #           #     #   #             #         #  ##",
            "       ##     #          #                                    #            ##",
            "             #                                                #              ",
            "                                                                             "}},
    Glyphs{"()[]<>'_",
           {"   #   #     ###   ###                #        ",
            "  #     #    #       #     #   #      #        ",
            " #       #   #       #    #     #              ",
            " #       #   #       #   #       #             ",
            " #       #   #       #    #     #              ",
            "  #     #    #       #     #   #               ",
            "   #   #     ###   ###                    #####",
            "                                               ",
            "                                               "}},
};
// clang-format on

constexpr std::size_t pitch = glyph_columns + 1;

constexpr bool are_whole() {
  for (const Glyphs& some : all)
    for (const std::string_view row : some.rows)
      if (row.size() + 1 != some.characters.size() * pitch) return false;
  return true;
}

static_assert(are_whole());

}  // namespace

bool glyph_has(char character, std::size_t row, std::size_t column) {
  for (const Glyphs& some : all) {
    const std::size_t place = some.characters.find(character);
    if (place != std::string_view::npos) return some.rows[row][place * pitch + column] == '#';
  }
  return row < glyph_rows - 2;  // a box, for what there is no glyph of
}

}  // namespace examples
