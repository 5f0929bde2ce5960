// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/ptychography/windows.hpp>
#include <misfit/error.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

WindowTables window_tables(const std::string& owner, const Shape& object, const Shape& range,
                           const std::vector<ScanPosition>& positions) {
  const auto height = static_cast<std::int64_t>(range[1]),
             width = static_cast<std::int64_t>(range[2]),
             rows = static_cast<std::int64_t>(object[0]),
             columns = static_cast<std::int64_t>(object[1]);
  WindowTables tables;
  std::vector<std::vector<CoveringRow>> of_row(static_cast<std::size_t>(rows));
  for (std::size_t k = 0; k < positions.size(); ++k) {
    const auto [row, column] = positions[k];
    if (row < 0 || column < 0 || row > rows - height || column > columns - width)
      throw ArgumentError(owner + ": position " + std::to_string(k) + ", (" + std::to_string(row) +
                          ", " + std::to_string(column) + "): the window of " +
                          std::to_string(height) + " x " + std::to_string(width) +
                          " does not lie in the object of " + object.text());
    tables.corners.push_back(row * columns + column);
    for (std::int64_t i = 0; i < height; ++i)
      of_row[static_cast<std::size_t>(row + i)].push_back(
          {column, (static_cast<std::int64_t>(k) * height + i) * width, i * width});
  }
  tables.first.push_back(0);
  for (const auto& list : of_row) {
    tables.covering.insert(tables.covering.end(), list.begin(), list.end());
    tables.first.push_back(static_cast<std::int64_t>(tables.covering.size()));
  }
  return tables;
}

}  // namespace misfit::detail
