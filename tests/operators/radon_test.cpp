// SPDX-License-Identifier: BSD-3-Clause
#include "projections.hpp"

#include <misfit/operators/radon.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::Radon;
using misfit::Shape;
using projections::half_turn;
using reference::Number;
using reference::Numbers;

const double pi = std::acos(-1.0);

/// Geometries in which something is special: directions along rows, columns and diagonals, rays
/// that miss, images of one row or column, detectors that are fine, coarse, or too small; axes and
/// detectors off the middle.
struct Geometry {
  Shape shape;
  std::vector<double> angles;
  std::size_t rays;
  double spacing;
  misfit::RadonOffsets offsets = {};

  double detector_at(std::size_t angle) const {
    if (offsets.detector.empty()) return 0;
    return offsets.detector.size() == 1 ? offsets.detector[0] : offsets.detector[angle];
  }
};

std::vector<Geometry> geometries() {
  const std::vector<double> special = {0, pi / 2, pi / 4, -pi / 4, pi, 0.3, -0.3, 1.2, 2.5, 100.1};
  return {{{7, 9}, special, 13, 1},
          {{9, 7}, special, 12, 0.3},
          {{8, 8}, special, 5, 2.7},
          {{1, 6}, special, 9, 1},
          {{6, 1}, special, 9, 1},
          {{1, 1}, special, 3, 0.7},
          {{5, 5}, special, 1, 1},
          {{5, 5}, special, 2, 0.1},
          {{5, 5}, special, 40, 0.1},
          {{3, 7, 9}, special, 13, 1},
          {{2, 3, 5, 4}, {0.7}, 9, 1},
          {{150, 140}, {0.4, 1.1}, 210, 1},
          {{6, 300}, special, 320, 0.8},
          {{7, 9}, special, 13, 1, {.axis_row = 1.3}},
          {{7, 9}, special, 13, 0.7, {.axis_row = -0.5, .axis_column = 2, .detector = {-1.7}}},
          {{2, 7, 9}, special, 13, 1, {.detector = {0, 1, -1, 0.5, 0.25, 9, -20, 1e-3, 3.1, -2.2}}},
          {{150, 140}, {0.4, 1.1}, 150, 1, {.axis_row = -20.1, .axis_column = 10.3}}};
}

/// Joseph's model as it is written: over rows or columns, interpolated between two pixels.
Numbers projected(const Geometry& g, const Numbers& x) {
  const std::size_t d = g.shape.rank() - 2, rows = g.shape[d], columns = g.shape[d + 1];
  const std::size_t slices = g.shape.size() / (rows * columns);
  const auto real = [](auto value) { return static_cast<long double>(value); };
  Numbers y;
  for (std::size_t z = 0; z < slices; ++z)
    for (std::size_t i = 0; i < g.angles.size(); ++i)
      for (std::size_t k = 0; k < g.rays; ++k) {
        const auto c = std::cos(real(g.angles[i])), s = std::sin(real(g.angles[i]));
        const auto position = (real(k) - real(g.rays - 1) / 2) * real(g.spacing) +
                              real(g.detector_at(i)) + c * real(g.offsets.axis_column) +
                              s * real(g.offsets.axis_row);
        const bool over_rows = std::abs(c) >= std::abs(s);
        const auto major = over_rows ? c : s, minor = over_rows ? s : c;
        const std::size_t along = over_rows ? rows : columns, across = over_rows ? columns : rows;
        Number sum = 0;
        for (std::size_t p = 0; p < along; ++p) {
          const auto from_middle = real(p) - real(along - 1) / 2;
          const auto q = (position - minor * from_middle) / major + real(across - 1) / 2;
          const auto low = std::floor(q);
          for (const auto j : {low, low + 1}) {
            if (j < 0 || j >= real(across)) continue;
            const auto n = static_cast<std::size_t>(j);
            const auto pixel = over_rows ? p * columns + n : n * columns + p;
            sum += x[z * rows * columns + pixel] * (1 - std::abs(q - j)) / std::abs(major);
          }
        }
        y.push_back(sum);
      }
  return y;
}

template <typename T>
class RadonTest : public testing::Test {
 protected:
  static constexpr long double rounding =
      std::is_same_v<misfit::detail::Real<T>, float> ? 1e-6L : 1e-11L;
};
TYPED_TEST_SUITE(RadonTest, reference::Scalars);

TYPED_TEST(RadonTest, is_josephs_model) {
  using T = TypeParam;
  for (const auto& g : geometries()) {
    SCOPED_TRACE(g.shape.text() + ", " + std::to_string(g.rays) + " rays");
    const Radon radon(g.shape, g.angles, g.rays, g.spacing, g.offsets);
    const auto x = reference::random_vector<T>(radon.domain_size(), 1);

    EXPECT_EQ(radon.range_size(), radon.range_shape().size());
    reference::expect_close(reference::apply<T>(radon, x), projected(g, reference::numbers(x)),
                            this->rounding);
  }
}

TYPED_TEST(RadonTest, adjoint_is_exact) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  for (const auto& g : geometries()) {
    SCOPED_TRACE(g.shape.text() + ", " + std::to_string(g.rays) + " rays");
    const Radon radon(g.shape, g.angles, g.rays, g.spacing, g.offsets);

    static_assert(misfit::LinearOperator<decltype(radon), T>);
    reference::expect_adjoint<T>(radon);
    const auto checked = misfit::check_adjoint<T>(exec, radon);
    EXPECT_TRUE(checked.passed()) << checked.error;
  }
}

/// The two ways to write it, for CPUs and for GPUs, differ in the order of sums alone.
TYPED_TEST(RadonTest, general_path) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  for (const auto& g : geometries()) {
    SCOPED_TRACE(g.shape.text() + ", " + std::to_string(g.rays) + " rays");
    const Radon radon(g.shape, g.angles, g.rays, g.spacing, g.offsets);
    const std::size_t d = g.shape.rank() - 2;
    const auto count = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    const misfit::detail::ProjectionSizes sizes{count(g.shape.size() / g.shape[d] / g.shape[d + 1]),
                                                count(g.shape[d]), count(g.shape[d + 1]),
                                                count(g.angles.size()), count(g.rays)};
    const Kokkos::View<misfit::detail::RaysOfAngle*> rays("rays", g.angles.size());
    const auto host = Kokkos::create_mirror_view(rays);
    for (std::size_t i = 0; i < g.angles.size(); ++i)
      host(i) = misfit::detail::rays_of_angle(
          g.angles[i], g.spacing, sizes,
          {g.offsets.axis_row, g.offsets.axis_column, g.detector_at(i)});
    Kokkos::deep_copy(rays, host);
    const auto x = reference::random_vector<T>(radon.domain_size(), 1);
    const auto y = reference::random_vector<T>(radon.range_size(), 2);
    const misfit::Vector<T> ax("ax", y.extent(0)), ahy("ahy", x.extent(0)),
        general("g", x.extent(0));

    misfit::detail::project<decltype(exec), T>(exec, sizes, rays.data(), x.data(), ax.data());
    misfit::detail::back_project<decltype(exec), T>(exec, sizes, rays.data(), y.data(),
                                                    general.data());
    radon.add_adjoint(exec, misfit::Vector<const T>(y), ahy);
    exec.fence();

    const auto tolerance = reference::adjoint_tolerance<T>();
    reference::expect_close(ax, reference::numbers(reference::apply<T>(radon, x)), tolerance);
    reference::expect_close(general, reference::numbers(ahy), tolerance);
  }
}

TYPED_TEST(RadonTest, same_bits_every_time) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const Radon radon({2, 65, 67}, half_turn(19));
  const auto x = reference::random_vector<T>(radon.domain_size(), 1);
  const auto y = reference::random_vector<T>(radon.range_size(), 2);
  const auto adjoint = [&] {
    const misfit::Vector<T> z("z", x.extent(0));
    radon.add_adjoint(exec, misfit::Vector<const T>(y), z);
    return reference::numbers(z);
  };

  EXPECT_EQ(reference::numbers(reference::apply<T>(radon, x)),
            reference::numbers(reference::apply<T>(radon, x)));
  EXPECT_EQ(adjoint(), adjoint());
}

/// An image of ones: every ray sees the length of its way through a square of side n.
TEST(Radon, units_are_pixels) {
  const Radon straight({20, 20}, {0.0, pi / 2}, 20), fine({20, 20}, {0.0}, 39, 0.5);
  misfit::Vector<double> ones("ones", 400);
  Kokkos::deep_copy(ones, 1.0);

  for (const auto& entry : reference::numbers(reference::apply<double>(straight, ones)))
    EXPECT_NEAR(static_cast<double>(entry.real()), 20, 1e-10);
  for (const auto& entry : reference::numbers(reference::apply<double>(fine, ones)))
    EXPECT_NEAR(static_cast<double>(entry.real()), 20, 1e-10);
}

TEST(Radon, as_many_rays_as_cover_the_diagonal) {
  EXPECT_EQ(Radon({30, 40}, {0.0}).range_shape(), Shape({1, 50}));
  EXPECT_EQ(Radon({2, 30, 41}, {0.0, 1.0}).range_shape(), Shape({2, 2, 51}));
}

TEST(Radon, refuses) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  EXPECT_THROW(Radon({8}, {0.0}), misfit::ArgumentError);
  EXPECT_THROW(Radon({8, 8}, {}), misfit::ArgumentError);
  EXPECT_THROW(Radon({8, 8}, {0.0}, 0), misfit::ArgumentError);
  EXPECT_THROW(Radon({1, 3}, {0.0}, 1ULL << 31), misfit::ArgumentError);
  EXPECT_THROW(Radon({1ULL << 16, 1ULL << 15}, {0.0}, 1), misfit::ArgumentError);
  for (const double bad : {inf, -inf, nan})
    EXPECT_THROW(Radon({8, 8}, {0.0, bad}), misfit::ArgumentError);
  for (const double bad : {inf, nan, 0.0, -1.0, 1e-300, 1e-9})
    EXPECT_THROW(Radon({8, 8}, {0.0}, 9, bad), misfit::ArgumentError);
  for (const double bad : {inf, -inf, nan, 1e11, 1e300}) {
    EXPECT_THROW(Radon({8, 8}, {0.0}, 9, 1, {.axis_row = bad}), misfit::ArgumentError);
    EXPECT_THROW(Radon({8, 8}, {0.0}, 9, 1, {.axis_column = bad}), misfit::ArgumentError);
    EXPECT_THROW(Radon({8, 8}, {0.0, 1.0}, 9, 1, {.detector = {0, bad}}), misfit::ArgumentError);
  }
  EXPECT_THROW(Radon({8, 8}, {0.0, 1.0}, 9, 1, {.detector = {1, 2, 3}}), misfit::ArgumentError);
  const Radon radon({3, 8, 8}, {0.0, 1.0});
  EXPECT_THROW(radon.outputs_of({{3, 8, 8}, 4, {0, 1}}), misfit::ArgumentError);
  EXPECT_THROW(radon.outputs_of({{3, 8, 8}, 1, {0, 9}}), misfit::ArgumentError);
  EXPECT_THROW(radon.on_slab({{3, 8, 8}, 0, {2, 4}}), misfit::ArgumentError);
  EXPECT_THROW(radon.on_slab({{3, 8, 8}, 0, {0, 2}, 0, 1}), misfit::ArgumentError);
  EXPECT_THROW(radon.on_slab({{3, 8, 8}, 1, {0, 4}, 0, 3}), misfit::ArgumentError);
  // A message shows the number that it refuses.
  try {
    Radon({8, 8}, {0.0}, 9, 1e-9);
    FAIL() << "nothing thrown";
  } catch (const misfit::ArgumentError& error) {
    EXPECT_STREQ(error.what(), "Radon: spacing is too small, 1e-09");
  }
}

}  // namespace
