// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Angles, and ellipses, whose line integrals are known: what a projection is compared with.

#include <cmath>
#include <cstddef>
#include <vector>

namespace projections {

/// `count` angles, evenly over half a turn.
inline std::vector<double> half_turn(int count) {
  std::vector<double> angles;
  for (int i = 0; i < count; ++i) angles.push_back(std::acos(-1.0) * i / count);
  return angles;
}

/// `density` inside an ellipse of half axes a and b around (x, y), turned by `degrees`; the image
/// is [−1, 1]², y down.
struct Ellipse {
  double density, a, b, x, y, degrees;

  double radians() const { return degrees * std::acos(-1.0) / 180; }
};

/// L. A. Shepp and B. F. Logan, "The Fourier reconstruction of a head section", 1974.
inline std::vector<Ellipse> shepp_logan() {
  return {{2.00, 0.6900, 0.920, 0.00, 0.0000, 0},    {-0.98, 0.6624, 0.874, 0.00, -0.0184, 0},
          {-0.02, 0.1100, 0.310, 0.22, 0.0000, -18}, {-0.02, 0.1600, 0.410, -0.22, 0.0000, 18},
          {0.01, 0.2100, 0.250, 0.00, 0.3500, 0},    {0.01, 0.0460, 0.046, 0.00, 0.1000, 0},
          {0.01, 0.0460, 0.046, 0.00, -0.1000, 0},   {0.01, 0.0460, 0.023, -0.08, -0.6050, 0},
          {0.01, 0.0230, 0.023, 0.00, -0.6060, 0},   {0.01, 0.0230, 0.046, 0.06, -0.6050, 0}};
}

/// The same ellipses with the densities of P. A. Toft, "The Radon transform", 1996.
inline std::vector<Ellipse> shepp_logan_of_high_contrast() {
  auto phantom = shepp_logan();
  const double densities[] = {1, -0.8, -0.2, -0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
  for (std::size_t i = 0; i < phantom.size(); ++i) phantom[i].density = densities[i];
  return phantom;
}

/// n × n pixels, each the mean of `points` × `points` points.
inline std::vector<double> image(const std::vector<Ellipse>& phantom, std::size_t n, int points) {
  std::vector<double> pixels(n * n, 0.0);
  const double scale = 2 / static_cast<double>(n);
  for (const auto& e : phantom) {
    const double c = std::cos(e.radians()), s = std::sin(e.radians());
    for (std::size_t j = 0; j < n * n; ++j)
      for (int part = 0; part < points * points; ++part) {
        const double x = (static_cast<double>(j % n) + (part % points + 0.5) / points) * scale - 1;
        const double y = (static_cast<double>(j / n) + (part / points + 0.5) / points) * scale - 1;
        const double u = ((x - e.x) * c + (y - e.y) * s) / e.a;
        const double v = ((y - e.y) * c - (x - e.x) * s) / e.b;
        if (u * u + v * v <= 1) pixels[j] += e.density / (points * points);
      }
  }
  return pixels;
}

/// Along the line X cos θ + Y sin θ = s, with X, Y and s in pixels of an image of n × n from its
/// middle.
inline double line_integral(const std::vector<Ellipse>& phantom, std::size_t n, double theta,
                            double s) {
  const double pixels = static_cast<double>(n) / 2;
  double sum = 0;
  for (const auto& e : phantom) {
    const double along = e.a * std::cos(theta - e.radians());
    const double across = e.b * std::sin(theta - e.radians());
    const double width = along * along + across * across;  // of the shadow, half and squared
    const double t = s / pixels - e.x * std::cos(theta) - e.y * std::sin(theta);
    if (t * t < width) sum += 2 * e.density * e.a * e.b * std::sqrt(width - t * t) / width * pixels;
  }
  return sum;
}

}  // namespace projections
