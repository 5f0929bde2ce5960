// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/distribution_plan.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <tuple>
#include <vector>

namespace misfit {

namespace {

/// For instance 512 B, 48.0 KiB, 1.5 GiB.
std::string size_text(std::int64_t bytes) {
  constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", size, units[unit]);
  return text;
}

using Line = std::array<std::string, 9>;

Line line_of(std::size_t rank, const RankPlan& plan) {
  return {
      std::to_string(rank),          std::to_string(plan.operators), std::to_string(plan.unknowns),
      std::to_string(plan.ghosts),   std::to_string(plan.measured),  std::to_string(plan.messages),
      size_text(plan.message_bytes), size_text(plan.summed_bytes),   size_text(plan.memory_bytes)};
}

/// `lines`, each column as wide as its longest entry.
std::string table_of(const std::vector<Line>& lines) {
  std::array<std::size_t, std::tuple_size_v<Line>> widths{};
  for (const Line& line : lines)
    for (std::size_t k = 0; k < line.size(); ++k) widths[k] = std::max(widths[k], line[k].size());
  std::string text;
  for (const Line& line : lines) {
    for (std::size_t k = 0; k < line.size(); ++k)
      text += (k == 0 ? "" : "  ") + std::string(widths[k] - line[k].size(), ' ') + line[k];
    text += '\n';
  }
  return text;
}

}  // namespace

std::string DistributionPlan::text() const {
  std::vector<Line> lines{{"rank", "operators", "unknowns", "ghosts", "measured", "messages",
                           "exchanged", "summed", "memory"}};
  for (std::size_t rank = 0; rank < ranks.size(); ++rank)
    lines.push_back(line_of(rank, ranks[rank]));
  return std::to_string(operators) + " operators on " + std::to_string(ranks.size()) + " ranks\n" +
         table_of(lines);
}

}  // namespace misfit
