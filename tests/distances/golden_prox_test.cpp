// SPDX-License-Identifier: BSD-3-Clause

// Proximal operators and distances as DeepInverse 0.4.1 computes them in float64, where it is
// right: for s(k)_j = sin(0.7 (j + 1) + 1.3 k) on 6 x 7 pixels.

#include "distances/cases.hpp"

#include <misfit/distances/indicator_l2.hpp>

#include <array>

namespace misfit::test {
namespace {

/// a + b s(k).
Kokkos::View<double*> s(int k, double a = 0, double b = 1) {
  return filled<double>(42, [&](std::size_t j) {
    return a + b * std::sin(0.7 * static_cast<double>(j + 1) + 1.3 * k);
  });
}

double norm(const std::vector<double>& entries) {
  double squares = 0;
  for (const double entry : entries) squares += entry * entry;
  return std::sqrt(squares);
}

void expect_head(const std::vector<double>& found, const std::array<double, 6>& head) {
  for (std::size_t j = 0; j < head.size(); ++j) EXPECT_NEAR(found[j], head[j], 1e-12) << j;
}

/// prox_{0.3 d}(s(1)) with the data s(20).
template <typename D>
void expect_prox(const D& distance, const std::array<double, 6>& head, double expected_norm) {
  const Kokkos::View<double*> p("p", 42);
  prox(Exec(), distance, 0.3, s(1), s(20), p);

  const auto found = on_host(p);
  expect_head(found, head);
  EXPECT_NEAR(norm(found), expected_norm, 1e-12);
}

TEST(GoldenProx, l2) {
  expect_prox(L2{0.7},
              {0.9437390658249243, 0.5563937305129565, -0.0926322701511132, -0.6980918667439661,
               -0.9752279504208201, -0.793699090657692},
              4.524827405616606);
}

TEST(GoldenProx, l1) {
  expect_prox(L1{},
              {0.9999937428570207, 0.7273798802338298, 0.04445889797316924, -0.5182771110644102,
               -0.9410314083429535, -0.9376917403002811},
              4.587112143254795);
}

TEST(GoldenProx, indicator) {
  expect_prox(IndicatorL2{1.0},
              {0.9533844780761829, 0.5925241763402206, -0.04700950397419537, -0.6644338800257847,
               -0.9693646202354858, -0.8183880328084288},
              4.524050902075203);
}

/// Σ_i d(u, y_i) and its gradient for three data y_i.
template <typename D>
void expect_sum(const D& distance, const Kokkos::View<double*>& u,
                const std::array<Kokkos::View<double*>, 3>& y, double expected_value,
                double expected_norm, const std::array<double, 6>& head) {
  const Kokkos::View<double*> r("r", 42);
  double value = 0;
  std::vector<double> sum(42, 0.0);
  for (const auto& y_i : y) {
    value += value_and_gradient(Exec(), distance, u, y_i, r);
    const auto gradient = on_host(r);
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += gradient[j];
  }

  EXPECT_NEAR(value, expected_value, 1e-12 * expected_value);
  EXPECT_NEAR(norm(sum), expected_norm, 1e-12 * expected_norm);
  expect_head(sum, head);
}

TEST(GoldenSum, l2) {
  expect_sum(L2{0.7}, s(1), {s(20), s(21), s(22)}, 88.3298422493999, 22.078912606679534,
             {4.718474551202502, 3.910168288570126, 1.2628487817583447, -1.9784082396709253,
              -4.289188952501474, -4.582697080544455});
}

TEST(GoldenSum, l1) {
  expect_sum(L1{}, s(1), {s(20), s(21), s(22)}, 82.55400783423829, 10.677078252031311,
             {1.0, 1.0, 1.0, -1.0, -3.0, -1.0});
}

TEST(GoldenSum, amplitude) {
  expect_sum(Amplitude{}, s(1, 1.1, 0.9), {s(20, 1.55, 1.45), s(21, 1.55, 1.45), s(22, 1.55, 1.45)},
             33.5327297940519, 9.573047745516368,
             {0.3410233086264376, 0.5792745280386916, 0.20508211154769918, -1.1889676247763248,
              -3.3077386657437216, -2.0651374085981393});
}

}  // namespace
}  // namespace misfit::test
