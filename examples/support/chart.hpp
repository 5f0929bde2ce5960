// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string>
#include <vector>

namespace examples {

/// A line of a chart, through its points (x, y).
struct Curve {
  std::string label;
  std::vector<std::array<double, 2>> points;
};

/// Curves over one x, with logarithmic scales: points that are not above 0 are left out.
struct Axes {
  std::string x_label;
  std::vector<Curve> curves;
};

/// Writes an SVG picture of `all` beside each other, of one range of y. Curves of one place in the
/// list have one colour, which the labels of the first axes explain. Throws misfit::FileError where
/// the file cannot be written.
void write_chart(const std::string& path, const std::string& y_label, const std::vector<Axes>& all);

}  // namespace examples
