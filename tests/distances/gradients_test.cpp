// SPDX-License-Identifier: BSD-3-Clause

// Value, gradient and second derivative of every separable distance and scalar type against a
// serial loop in long double and its central differences.

#include "distances/cases.hpp"

#include <misfit/concepts.hpp>

#include <algorithm>

namespace misfit::test {
namespace {

template <typename Case>
class Gradients : public testing::Test {
 protected:
  using T = typename Case::scalar;
  const Exec exec{};
  const Pair<Case> data{};
  const decltype(Case::make(0)) distance = Case::make(data.n);
};

using GradientCases =
    testing::Types<With<L2Case, float>, With<L2Case, double>, With<L2Case, ComplexFloat>,
                   With<L2Case, ComplexDouble>, With<WeightedL2Case<double>, float>,
                   With<WeightedL2Case<float>, double>, With<WeightedL2Case<float>, ComplexFloat>,
                   With<WeightedL2Case<double>, ComplexDouble>, With<L1Case, float>,
                   With<L1Case, double>, With<L1Case, ComplexFloat>, With<L1Case, ComplexDouble>,
                   With<HuberCase, float>, With<HuberCase, double>, With<HuberCase, ComplexFloat>,
                   With<HuberCase, ComplexDouble>, With<PoissonCase<false>, float>,
                   With<PoissonCase<false>, double>, With<PoissonCase<true>, float>,
                   With<PoissonCase<true>, double>, With<LogPoissonCase, float>,
                   With<LogPoissonCase, double>, With<AmplitudeCase, float>,
                   With<AmplitudeCase, double>, With<ZeroCase, float>, With<ZeroCase, double>,
                   With<ZeroCase, ComplexFloat>, With<ZeroCase, ComplexDouble>>;
TYPED_TEST_SUITE(Gradients, GradientCases);

TYPED_TEST(Gradients, data) {
  // What the other tests rely on: no residual within 100 steps of 0, nor of the kink of Huber.
  const auto u = on_host(this->data.u), y = on_host(this->data.y);
  bool near = false, far = false;

  for (std::size_t j = 0; j < u.size(); ++j) {
    const auto size = std::abs(widen(u[j]) - widen(y[j]));
    EXPECT_GT(size, 1e-3);
    EXPECT_GT(std::abs(size - 0.6L), 1e-3);
    (size < 0.6L ? near : far) = true;
  }

  EXPECT_TRUE(near && far);
}

TYPED_TEST(Gradients, value) {
  const auto u = on_host(this->data.u), y = on_host(this->data.y);
  Real expected = 0, bound = 0;
  for (std::size_t j = 0; j < u.size(); ++j) {
    const auto term = TypeParam::value(j, widen(u[j]), widen(y[j]));
    expected += term;
    bound += std::abs(term) + std::abs(widen(u[j])) + std::abs(widen(y[j]));
  }

  const double found = value(this->exec, this->distance, this->data.u, this->data.y);

  // In double whatever T: each term is right to a few roundings of its parts, which are no larger
  // than `bound` says, and each of the additions rounds a partial sum.
  EXPECT_NEAR(found, static_cast<double>(expected),
              static_cast<double>(entries * bound * 0x1p-53L));
}

TYPED_TEST(Gradients, gradient) {
  using T = typename TypeParam::scalar;
  const Kokkos::View<T*> r("r", entries);
  gradient(this->exec, this->distance, this->data.u, this->data.y, r);
  const auto u = on_host(this->data.u), y = on_host(this->data.y), found = on_host(r);

  // Central differences of the long double value with the step h. Truncation: h² |d'''| / 6, where
  // |d'''| < 2000 (L1 at |u − y| > 0.04 in the complex plane: 3 / |u − y|²; Poisson: 2 y / (g³
  // μ³)). Differences: |d| 2^-64 / h, |d| < 200. The gradient itself: a few roundings in T.
  const Real h = 1e-6L;
  for (std::size_t j = 0; j < entries; ++j) {
    const auto at = [&](Complex step) {
      return TypeParam::value(j, widen(u[j]) + step, widen(y[j]));
    };
    const Complex expected((at({h, 0}) - at({-h, 0})) / (2 * h),
                           detail::is_complex<T> ? (at({0, h}) - at({0, -h})) / (2 * h) : 0);
    const Real tolerance =
        2000 * h * h / 6 + 200 * 0x1p-62L / h + 8 * unit_roundoff<T>() * (1 + std::abs(expected));
    EXPECT_LE(std::abs(widen(found[j]) - expected), tolerance)
        << "entry " << j << ": " << widen(found[j]) << ", expected " << expected;
  }
}

TYPED_TEST(Gradients, second_derivative) {
  using T = typename TypeParam::scalar;
  using Double = std::conditional_t<detail::is_complex<T>, ComplexDouble, double>;
  if constexpr (TwiceDifferentiableDistance<decltype(this->distance), T>) {
    const Kokkos::View<detail::Real<T>*> w("w", entries);
    second_derivative(this->exec, this->distance, this->data.u, this->data.y, w);
    const auto u = on_host(this->data.u), y = on_host(this->data.y);
    const auto found = on_host(w);

    // Differences of the gradient in double, at the same points. Truncation: h² |d''''| / 6 with
    // |d''''| < 1e4; differences: |∇d| 2^-53 / h with |∇d| < 50; w itself: a few roundings in T.
    const double h = 1e-5;
    const auto data = filled<Double>(entries, [&](std::size_t j) { return Double(y[j]); });
    const auto gradient_at = [&](Double step) {
      const Kokkos::View<Double*> r("r", entries);
      gradient(this->exec, this->distance,
               filled<Double>(entries, [&](std::size_t j) { return Double(u[j]) + step; }), data,
               r);
      return on_host(r);
    };
    for (const bool imaginary : {false, true}) {
      if (imaginary && !detail::is_complex<T>) continue;
      const auto step = detail::make_scalar<Double>(imaginary ? 0 : h, imaginary ? h : 0);
      const auto plus = gradient_at(step), minus = gradient_at(-step);
      for (std::size_t j = 0; j < entries; ++j) {
        const Complex slope =
            (widen(plus[j]) - widen(minus[j])) / (2.0L * (imaginary ? Complex(0, h) : h));
        const Real tolerance =
            1e4L * h * h / 6 + 50 * 0x1p-51L / h + 8 * unit_roundoff<T>() * (1 + std::abs(slope));
        EXPECT_LE(std::abs(widen(found[j]) - slope), tolerance)
            << "entry " << j << ": " << found[j] << ", expected " << slope;
      }
    }
  } else {
    EXPECT_TRUE(detail::is_complex<T>);  // L1 and Huber alone
  }
}

}  // namespace
}  // namespace misfit::test
