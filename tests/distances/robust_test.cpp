// SPDX-License-Identifier: BSD-3-Clause

// A u that is not finite never gives a finite value, gradient or prox; extreme but valid numbers
// give the right ones.

#include "distances/cases.hpp"

#include <misfit/concepts.hpp>
#include <misfit/distances/weighted.hpp>

#include <limits>
#include <vector>

namespace misfit::test {
namespace {

template <typename Case>
class Robust : public testing::Test {
 protected:
  using T = typename Case::scalar;
  const Exec exec{};
  const Pair<Case> data{};
  const decltype(Case::make(0)) distance = Case::make(data.n);
  const Kokkos::View<T*> r{"r", data.n};

  /// Entry j of u, and no other, becomes `bad`, for complex u in its real or its imaginary part.
  void spoil(std::size_t j, double bad, bool imaginary) {
    const auto host = Kokkos::create_mirror_view(data.u);
    for (std::size_t k = 0; k < data.n; ++k) host(k) = Case::template u<T>(k);
    if constexpr (detail::is_complex<T>)
      host(j) = imaginary ? detail::make_scalar<T>(0.5, bad) : detail::make_scalar<T>(bad, 0.5);
    else
      host(j) = static_cast<T>(bad);
    Kokkos::deep_copy(data.u, host);
  }
};

using RobustCases = testing::Types<
    With<L2Case, float>, With<L2Case, ComplexDouble>, With<WeightedL2Case<double>, double>,
    With<WeightedL2Case<float>, ComplexFloat>, With<L1Case, float>, With<L1Case, ComplexDouble>,
    With<HuberCase, double>, With<HuberCase, ComplexFloat>, With<PoissonCase<false>, float>,
    With<PoissonCase<true>, double>, With<LogPoissonCase, float>, With<LogPoissonCase, double>,
    With<AmplitudeCase, float>, With<AmplitudeCase, double>, With<ZeroCase, double>,
    With<ZeroCase, ComplexFloat>>;
TYPED_TEST_SUITE(Robust, RobustCases);

/// At one entry, as T.
template <typename T, typename D>
struct At {
  T u, y;
  D distance;
  double value() const { return distance.value_at(0, u, y); }
  double gradient() const { return static_cast<double>(distance.gradient_at(0, u, y)); }
};

// Where neither of two transmissions is a number, their difference has a sign all the same.
TEST(LogPoissonRobust, of_transmissions_that_overflow) {
  const LogPoisson distance(1, 1);
  constexpr double most = std::numeric_limits<double>::max();
  const auto at = [&](double u, double y) { return At<double, LogPoisson>{u, y, distance}; };
  EXPECT_EQ(at(-750, -800).gradient(), most);
  EXPECT_EQ(at(-800, -750).gradient(), -most);
  EXPECT_EQ(at(-800, -800).gradient(), 0);
  EXPECT_EQ(at(-750, -800).value(), -INFINITY);  // e^750 − 750 e^800
  EXPECT_EQ(at(-800, -750).value(), INFINITY);   // e^800 − 800 e^750
  EXPECT_EQ(at(-800, -799).value(), -INFINITY);  // e^800 − 800 e^799
  EXPECT_FALSE(std::isfinite(at(-INFINITY, -800).gradient()));
  EXPECT_TRUE(std::isnan(at(-INFINITY, -800).value()));
}

// γ λ is no number, or 0.
TEST(WeightedRobust, of_a_prox_that_is_not_separable) {
  const Exec exec;
  const Kokkos::View<double*> v("v", 3), y("y", 3), r("r", 3), expected("expected", 3);
  for (std::size_t j = 0; j < 3; ++j) v(j) = 3.0 + static_cast<double>(j);
  misfit::prox(exec, IndicatorL2{2}, 1.0, v, y, expected);
  for (const double size : {1e200, 1e-200}) {
    misfit::prox(exec, Weighted{IndicatorL2{2}, size}, size, v, y, r);
    for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(r(j), expected(j)) << size;
  }
}

TYPED_TEST(Robust, not_finite) {
  using T = typename TypeParam::scalar;
  const double infinity = INFINITY;
  // Entries 2, 7, … of the positive data have y = 0.
  for (const std::size_t j : {0UL, 7UL, entries - 1})
    for (const double bad : {static_cast<double>(NAN), infinity, -infinity})
      for (const bool imaginary : {false, true}) {
        SCOPED_TRACE(testing::Message() << "entry " << j << ", " << bad << ", " << imaginary);
        this->spoil(j, bad, imaginary);

        EXPECT_FALSE(std::isfinite(value(this->exec, this->distance, this->data.u, this->data.y)));
        Kokkos::deep_copy(this->r, T(0));
        try {
          gradient(this->exec, this->distance, this->data.u, this->data.y, this->r);
          EXPECT_FALSE(all_finite(this->r));
          EXPECT_FALSE(std::isfinite(
              value_and_gradient(this->exec, this->distance, this->data.u, this->data.y, this->r)));
          EXPECT_FALSE(all_finite(this->r));
        } catch (const DomainError&) {
          EXPECT_EQ(bad, -infinity);
        }
        if constexpr (ProximableDistance<decltype(this->distance), T>) {
          Kokkos::deep_copy(this->r, T(0));
          prox(this->exec, this->distance, 0.3, this->data.u, this->data.y, this->r);
          EXPECT_FALSE(all_finite(this->r));
        }
      }
}

/// The value and gradient of `distance` at one entry.
template <typename D, typename T>
std::pair<double, T> at(const D& distance, T u, T y) {
  const Kokkos::View<T*> r("r", 1);
  const double found = value_and_gradient(Exec(), distance, filled<T>(1, [=](auto) { return u; }),
                                          filled<T>(1, [=](auto) { return y; }), r);
  return {found, on_host(r)[0]};
}

template <typename D, typename T>
T prox_of(const D& distance, double gamma, T v, T y) {
  const Kokkos::View<T*> p("p", 1);
  prox(Exec(), distance, gamma, filled<T>(1, [=](auto) { return v; }),
       filled<T>(1, [=](auto) { return y; }), p);
  return on_host(p)[0];
}

TEST(Extremes, residual_zero) {
  EXPECT_EQ(at(L1{}, 2.5, 2.5), (std::pair{0.0, 0.0}));
  EXPECT_EQ(at(L1{}, ComplexFloat(1, 2), ComplexFloat(1, 2)).second, ComplexFloat(0));
  EXPECT_EQ(at(Huber{0.1}, -2.5F, -2.5F), (std::pair{0.0, 0.0F}));
  EXPECT_EQ(at(L2{1e-30}, 2.5F, 2.5F), (std::pair{0.0, 0.0F})) << "1/sigma^2 is no float";
  EXPECT_EQ(at(Poisson{1.0, 0.5}, 2.0, 2.5), (std::pair{0.0, 0.0}));
  EXPECT_EQ(at(Amplitude{}, 2.0F, 2.0F).first, 0.0);
  EXPECT_EQ(prox_of(L1{}, 0.1, 3.0, 3.0), 3.0);
  EXPECT_EQ(prox_of(Huber{0.1}, 0.1, 3.0F, 3.0F), 3.0F);
}

TEST(Extremes, l1_gradient_is_the_sign) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  for (const float u : {tiny, 3e-39F, 1e-7F, 0.1F, 3.0F, 1e30F, 3e38F}) {
    EXPECT_EQ(at(L1{}, u, 0.0F).second, 1.0F) << u;
    EXPECT_EQ(at(L1{}, -u, 0.0F).second, -1.0F) << u;
    EXPECT_EQ(at(L1{}, static_cast<double>(u), 0.0).second, 1.0) << u;
    const auto unit = at(L1{}, ComplexFloat(0, -u), ComplexFloat(0)).second;
    EXPECT_EQ(unit, ComplexFloat(0, -1)) << u;
  }
  EXPECT_EQ(at(L1{}, 1e-310, 0.0).second, 1.0);
}

TEST(Extremes, differences_beyond_float) {
  const float big = 3e38F;
  EXPECT_EQ(at(L1{}, big, -big), (std::pair{2.0 * big, 1.0F}));
  EXPECT_EQ(at(Huber{0.5}, big, -big).second, 0.5F);
  EXPECT_DOUBLE_EQ(at(L2{1e30}, big, -big).first, 0.5 * (1 / 1e60) * (2.0 * big) * (2.0 * big));
  EXPECT_EQ(prox_of(L1{}, 1.0, big, -big), big);
  EXPECT_EQ(prox_of(L2{1e-30}, 1.0, 1.0F, 2.0F), 2.0F) << "gamma/sigma^2 is no float";
}

TEST(Extremes, weights_beyond_float) {
  const Weighted weighted{L2{1e17}, 1e39};
  EXPECT_NEAR(at(weighted, 3.0F, 0.0F).first, 4.5e5, 1e-6);
  EXPECT_FLOAT_EQ(at(weighted, 3.0F, 0.0F).second, 3e5F);
  using Complex = Kokkos::complex<float>;
  EXPECT_FLOAT_EQ(at(weighted, Complex(0, 3), Complex(0)).second.imag(), 3e5F);
}

TEST(Extremes, poisson) {
  // y (log y − log μ) − y + μ where y/μ is no double, either way.
  EXPECT_DOUBLE_EQ(at(Poisson{}, 1e-300, 1e10).first,
                   1e10 * (std::log(1e10) + std::log(1e300)) - 1e10);
  EXPECT_DOUBLE_EQ(at(Poisson{}, 1e300, 1e-30).first, 1e300);
  EXPECT_DOUBLE_EQ(at(Poisson{}, 1e300, 1e-30).second, 1.0);
  // Near μ = y, where the value is (μ − y)²/(2y) − (μ − y)³/(3y²) + …: no cancellation.
  const double counts = 1e6, excess = 0.125;
  EXPECT_NEAR(at(Poisson{}, counts + excess, counts).first,
              excess * excess / (2 * counts) * (1 - 2 * excess / (3 * counts)), 1e-8 * 7.8e-9);
  EXPECT_DOUBLE_EQ(at(Poisson{}, counts + excess, counts).second, excess / (counts + excess));
  // v far to the left of the domain: p → γ y/|v|, not 0 by cancellation.
  EXPECT_NEAR(prox_of(Poisson{}, 2.0, -1e12, 3.0), 2.0 * 3.0 / 1e12, 1e-11 * 6e-12);
  EXPECT_DOUBLE_EQ(prox_of(Poisson{}, 2.0, 1e300, 3.0), 1e300);
}

/// Where a gradient is cut off at the largest number, weights and factors leave it there.
TEST(Extremes, gradients_beyond_float_times_a_factor) {
  const float most = std::numeric_limits<float>::max();
  EXPECT_EQ(at(Weighted{Poisson{}, 2.0}, 1e-38F, 100.0F).second, -most);
  EXPECT_EQ(at(Weighted{LogPoisson{}, 3.0}, -5000.0F, 0.0F).second, -most);
  const auto of_one = [](float entry) { return filled<float>(1, [=](auto) { return entry; }); };
  const Kokkos::View<float*> r("r", 1);
  gradient(Exec(), Poisson{}, of_one(1e-38F), of_one(100.0F), r, 4.0);
  EXPECT_EQ(on_host(r)[0], -most);
  gradient(Exec(), Huber{0.5}, of_one(3.0F), of_one(1.0F), r, 4.0);
  EXPECT_EQ(on_host(r)[0], 2.0F);
}

TEST(Extremes, infinite_data) {
  EXPECT_FALSE(std::isfinite(at(Poisson{}, 1.0, HUGE_VAL).second));
  EXPECT_FALSE(std::isfinite(at(Amplitude{}, 1.0, HUGE_VAL).second));
  EXPECT_FALSE(std::isfinite(Poisson{}.second_derivative_at(0, 1.0, HUGE_VAL)));
}

TEST(Extremes, log_poisson) {
  EXPECT_EQ(at(LogPoisson{}, 1e6, 0.0).second, 1024 * 0.02);
  EXPECT_FALSE(std::isfinite(at(LogPoisson{}, -1e6, 0.0).first)) << "beyond a double";
  EXPECT_EQ(at(LogPoisson{}, 0.0, -40000.0).first, 1024.0) << "0 of what is beyond a double";
  EXPECT_TRUE(std::isnan(at(LogPoisson{}, 0.0, std::nan("")).first));
}

TEST(Extremes, amplitude) {
  EXPECT_NEAR(Amplitude{1e-12}.second_derivative_at(0, 0.0, 1e300), 5e167, 1e155);
}

}  // namespace
}  // namespace misfit::test
