// SPDX-License-Identifier: BSD-3-Clause
#include "chart.hpp"

#include <misfit/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace examples {
namespace {

constexpr double width = 400, height = 320, left = 64, top = 12, gap = 56, below = 48, line = 18;
constexpr std::array colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00"};

/// Powers of ten, from `first` to `last`, over a length in the picture [pixels].
struct Scale {
  double begin, length;
  int first, last;

  double at(double value) const { return at_power(std::log10(value)); }
  double at_power(double power) const {
    return begin + length * (power - first) / static_cast<double>(last - first);
  }
};

constexpr double rounding = 1e-9;

bool is_drawn(const std::array<double, 2>& point) { return point[0] > 0 && point[1] > 0; }

/// The decades that hold entry `which`, x or y, of all points.
Scale scale_of(const std::vector<Axes>& all, std::size_t which, double begin, double length) {
  double least = HUGE_VAL, most = 0;
  for (const Axes& axes : all)
    for (const Curve& curve : axes.curves)
      for (const auto& point : curve.points)
        if (is_drawn(point)) {
          least = std::min(least, point[which]);
          most = std::max(most, point[which]);
        }
  if (!(most > 0)) return {begin, length, 0, 1};
  const int first = static_cast<int>(std::floor(std::log10(least) + rounding));
  return {begin, length, first,
          std::max(first + 1, static_cast<int>(std::ceil(std::log10(most) - rounding)))};
}

void write_text(std::ostream& out, double x, double y, const char* anchor,
                const std::string& text) {
  out << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\">" << text
      << "</text>\n";
}
void write_power(std::ostream& out, double x, double y, const char* anchor, int power) {
  write_text(out, x, y, anchor,
             "10<tspan dy=\"-5\" font-size=\"10\">" + std::to_string(power) + "</tspan>");
}
void write_line(std::ostream& out, double x1, double y1, double x2, double y2, const char* colour) {
  out << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2
      << "\" stroke=\"" << colour << "\"/>\n";
}

/// A grid of decades, every `step`th of y, and the curves.
void draw(std::ostream& out, const Axes& axes, const Scale& x, const Scale& y, bool with_powers) {
  for (int power = x.first; power <= x.last; ++power) {
    write_line(out, x.at_power(power), top, x.at_power(power), top + height, "#dddddd");
    write_power(out, x.at_power(power), top + height + line, "middle", power);
  }
  const int step = 1 + (y.last - y.first) / 12;
  for (int power = y.first; power <= y.last; power += step) {
    write_line(out, x.begin, y.at_power(power), x.begin + width, y.at_power(power), "#dddddd");
    if (with_powers) write_power(out, x.begin - 6, y.at_power(power) + 4, "end", power);
  }
  write_text(out, x.begin + width / 2, top + height + 2 * line + 4, "middle", axes.x_label);
  for (std::size_t k = 0; k < axes.curves.size(); ++k) {
    out << "<polyline fill=\"none\" stroke-width=\"1.8\" stroke=\"" << colours[k % colours.size()]
        << "\" points=\"";
    for (const auto& point : axes.curves[k].points)
      if (is_drawn(point)) out << x.at(point[0]) << ',' << y.at(point[1]) << ' ';
    out << "\"/>\n";
  }
}

void write_legend(std::ostream& out, const std::vector<Curve>& curves, double y) {
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const double x = left + static_cast<double>(k % 3) * 290;
    const double middle = y + line * static_cast<double>(k / 3);
    out << "<g stroke-width=\"3\">";
    write_line(out, x, middle - 4, x + 24, middle - 4, colours[k % colours.size()]);
    out << "</g>\n";
    write_text(out, x + 32, middle, "start", curves[k].label);
  }
}

}  // namespace

void write_chart(const std::string& path, const std::string& y_label,
                 const std::vector<Axes>& all) {
  const double columns = static_cast<double>(all.size());
  const double legend = top + height + below + 2 * line, whole = legend + 2 * line;
  std::ostringstream out;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << left + columns * (width + gap)
      << "\" height=\"" << whole << "\" font-family=\"sans-serif\" font-size=\"13\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<g transform=\"rotate(-90 14 "
      << top + height / 2 << ")\">";
  write_text(out, 14, top + height / 2, "middle", y_label);
  out << "</g>\n";
  const Scale y = scale_of(all, 1, top + height, -height);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const double begin = left + static_cast<double>(k) * (width + gap);
    draw(out, all[k], scale_of({all[k]}, 0, begin, width), y, k == 0);
  }
  if (!all.empty()) write_legend(out, all[0].curves, legend);
  out << "</svg>\n";
  std::ofstream file(path);
  file << out.str();
  file.close();
  if (!file) throw misfit::FileError(path + ": cannot be written");
}

}  // namespace examples
