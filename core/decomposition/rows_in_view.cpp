// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/decomposition/rows_in_view.hpp>
#include <misfit/error.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace misfit::detail {

namespace {

void require_extents(const std::string& call, const ImageCut& cut,
                     const std::span<const std::size_t>& extents, std::size_t rows) {
  if (extents.size() == 1 && cut.shape.rank() > 1) {
    const std::size_t each = cut.lines() * cut.row();
    if (extents[0] % each != 0 || extents[0] / each != rows)
      throw ArgumentError(call + ": the View has " + std::to_string(extents[0]) +
                          " entries, must have " + std::to_string(each * rows));
    return;
  }
  if (extents.size() != cut.shape.rank())
    throw ArgumentError(call + ": the View has rank " + std::to_string(extents.size()) +
                        ", must have that of the image, " + std::to_string(cut.shape.rank()) +
                        ", or 1");
  for (std::size_t d = 0; d < extents.size(); ++d)
    if (const std::size_t extent = d == cut.dimension ? rows : cut.shape[d]; extents[d] != extent)
      throw ArgumentError(call + ": the View has " + std::to_string(extents[d]) +
                          " entries along dimension " + std::to_string(d) +
                          " of the image, must have " + std::to_string(extent));
}

}  // namespace

Segment segment_of_rows(const char* call, const ImageCut& cut,
                        const std::span<const std::size_t>& extents, const RowsBetween& rows) {
  const std::size_t all = rows.before + rows.count + rows.after;
  if (all < rows.before || all < rows.after)
    throw ArgumentError(std::string(call) + ": no View has " + std::to_string(rows.before) +
                        " rows before and " + std::to_string(rows.after) + " behind");
  require_extents(call, cut, extents, all);
  if (cut.lines() > 1 && rows.before + rows.after > 0)
    throw ArgumentError(std::string(call) + ": the rows of an image of " + cut.shape.text() +
                        " along dimension " + std::to_string(cut.dimension) +
                        " do not lie together where there are others before or behind them; copy "
                        "them, or cut along dimension 0");
  if (rows.count == 0) return {};
  return {rows.before * cut.row(), cut.lines() * rows.count * cut.row()};
}

}  // namespace misfit::detail
