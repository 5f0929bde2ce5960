// SPDX-License-Identifier: BSD-3-Clause

// The proximal operators against what defines them: argmin_p γ d(p, y) + ½ |p − v|².

#include "distances/cases.hpp"

#include <misfit/concepts.hpp>
#include <misfit/distances/indicator_l2.hpp>

namespace misfit::test {
namespace {

constexpr double gammas[] = {0.05, 0.3, 4.0};

template <typename Case>
class Proxes : public testing::Test {
 protected:
  using T = typename Case::scalar;
  const Exec exec{};
  const Pair<Case> data{};
  const decltype(Case::make(0)) distance = Case::make(data.n);
  const Kokkos::View<T*> p{"p", data.n};
};

using ProxCases =
    testing::Types<With<L2Case, float>, With<L2Case, double>, With<L2Case, ComplexFloat>,
                   With<L2Case, ComplexDouble>, With<WeightedL2Case<double>, float>,
                   With<WeightedL2Case<float>, double>, With<WeightedL2Case<float>, ComplexFloat>,
                   With<WeightedL2Case<double>, ComplexDouble>, With<L1Case, float>,
                   With<L1Case, double>, With<L1Case, ComplexFloat>, With<L1Case, ComplexDouble>,
                   With<HuberCase, float>, With<HuberCase, double>, With<HuberCase, ComplexFloat>,
                   With<HuberCase, ComplexDouble>, With<PoissonCase<false>, float>,
                   With<PoissonCase<false>, double>, With<PoissonCase<true>, float>,
                   With<PoissonCase<true>, double>, With<ZeroCase, float>, With<ZeroCase, double>,
                   With<ZeroCase, ComplexFloat>, With<ZeroCase, ComplexDouble>>;
TYPED_TEST_SUITE(Proxes, ProxCases);

TYPED_TEST(Proxes, nothing_near_is_lower) {
  using T = typename TypeParam::scalar;
  const auto v = on_host(this->data.u), y = on_host(this->data.y);
  // Where p is off by a step, the step back gains step²/2 by strong convexity. A right p is off by
  // its rounding, which costs at most |γ ∇d| < 40 times that.
  const Real step = sizeof(detail::Real<T>) == 4 ? 0.02L : 1e-5L;
  const Real slack = step * step / 8;
  ASSERT_LT(40 * unit_roundoff<T>(), slack);

  for (const double gamma : gammas) {
    prox(this->exec, this->distance, gamma, this->data.u, this->data.y, this->p);
    const auto p = on_host(this->p);
    for (std::size_t j = 0; j < entries; ++j) {
      const auto objective = [&](Complex at) {
        return gamma * TypeParam::value(j, at, widen(y[j])) + std::norm(at - widen(v[j])) / 2;
      };
      const auto lowest = objective(widen(p[j]));
      for (int direction = 0; direction < (detail::is_complex<T> ? 8 : 2); ++direction) {
        const Complex unit = detail::is_complex<T> ? std::polar<Real>(1, 0.7853981634L * direction)
                                                   : Complex(1 - 2 * direction, 0);
        EXPECT_FALSE(objective(widen(p[j]) + step * unit) < lowest - slack)
            << "entry " << j << ", gamma " << gamma << ", direction " << direction;
      }
    }
  }
}

TYPED_TEST(Proxes, condition_of_optimality) {
  using T = typename TypeParam::scalar;
  using Double = std::conditional_t<detail::is_complex<T>, ComplexDouble, double>;
  const auto v = on_host(this->data.u), y = on_host(this->data.y);
  const auto data = filled<Double>(entries, [&](std::size_t j) { return Double(y[j]); });
  bool at_data = false, elsewhere = false;

  for (const double gamma : gammas) {
    prox(this->exec, this->distance, gamma, this->data.u, this->data.y, this->p);
    const auto p = on_host(this->p);
    const Kokkos::View<Double*> r("r", entries);
    gradient(this->exec, this->distance,
             filled<Double>(entries, [&](std::size_t j) { return Double(p[j]); }), data, r);
    const auto slope = on_host(r);
    for (std::size_t j = 0; j < entries; ++j) {
      const Complex pull = widen(v[j]) - widen(p[j]);
      if (std::is_base_of_v<L1Case, TypeParam> && p[j] == y[j]) {
        at_data = true;  // the subdifferential of |u − y| at y is the unit disc
        EXPECT_LE(std::abs(pull), gamma * (1 + 4 * unit_roundoff<T>())) << "entry " << j;
        continue;
      }
      elsewhere = true;
      if (TypeParam::value(j, widen(p[j]), widen(y[j])) == 0 && y[j] == T(0)) {
        EXPECT_LE(pull.real(),
                  gamma * widen(slope[j]).real());  // Poisson at μ = 0: p would go on to the left
        continue;
      }
      // p is right to a few roundings of v, p and γβ, and ∇d moves by its second derivative times
      // that: < 1/(0.7)² for L2, < 2 for the weights, y/(g μ)² for Poisson, 1/|p − y| for complex
      // L1.
      const auto second = std::abs(widen(p[j]) - widen(y[j])) < 0.05L ? 1000 : 50;
      const Real tolerance =
          8 * unit_roundoff<T>() * (1 + std::abs(widen(v[j])) + gamma) * (1 + gamma * second);
      EXPECT_LE(std::abs(pull - static_cast<Real>(gamma) * widen(slope[j])), tolerance)
          << "entry " << j << ", gamma " << gamma;
    }
  }

  EXPECT_TRUE(elsewhere);
  EXPECT_EQ(at_data, (std::is_base_of_v<L1Case, TypeParam>)) << "both branches of the threshold";
}

TYPED_TEST(Proxes, in_place) {
  using T = typename TypeParam::scalar;
  const Kokkos::View<T*> v("v", entries);
  Kokkos::deep_copy(v, this->data.u);

  prox(this->exec, this->distance, 0.3, this->data.u, this->data.y, this->p);
  prox(this->exec, this->distance, 0.3, v, this->data.y, v);

  EXPECT_EQ(on_host(v), on_host(this->p));
}

TYPED_TEST(Proxes, refuses_gamma) {
  for (const double gamma : {0.0, -1.0, static_cast<double>(NAN), static_cast<double>(INFINITY)})
    EXPECT_THROW(prox(this->exec, this->distance, gamma, this->data.u, this->data.y, this->p),
                 ArgumentError);
}

template <typename T>
class IndicatorTest : public testing::Test {
 protected:
  const Exec exec{};
  const Pair<With<SignedData, T>> data{};
  const Kokkos::View<T*> p{"p", data.n};

  Real norm_of_residual(const Kokkos::View<T*>& view) const {
    const auto u = on_host(view), y = on_host(data.y);
    Real squares = 0;
    for (std::size_t j = 0; j < u.size(); ++j) squares += std::norm(widen(u[j]) - widen(y[j]));
    return std::sqrt(squares);
  }
};
using Scalars = testing::Types<float, double, ComplexFloat, ComplexDouble>;
TYPED_TEST_SUITE(IndicatorTest, Scalars);

TYPED_TEST(IndicatorTest, has_no_gradient) {
  static_assert(Distance<IndicatorL2, TypeParam>);
  static_assert(ProximableDistance<IndicatorL2, TypeParam>);
  static_assert(!DifferentiableDistance<IndicatorL2, TypeParam>);
  static_assert(!SeparableDistance<IndicatorL2, TypeParam>);
  EXPECT_FALSE(is_quadratic(IndicatorL2{1.0}));
}

TYPED_TEST(IndicatorTest, value) {
  const auto norm = static_cast<double>(this->norm_of_residual(this->data.u));

  EXPECT_EQ(value(this->exec, IndicatorL2{norm * (1 + 1e-12)}, this->data.u, this->data.y), 0.0);
  EXPECT_EQ(value(this->exec, IndicatorL2{norm * (1 - 1e-12)}, this->data.u, this->data.y),
            static_cast<double>(INFINITY));
  EXPECT_EQ(value(this->exec, IndicatorL2{0.0}, this->data.y, this->data.y), 0.0);
}

TYPED_TEST(IndicatorTest, prox_is_the_projection) {
  using T = TypeParam;
  const auto norm = this->norm_of_residual(this->data.u);
  const auto v = on_host(this->data.u), y = on_host(this->data.y);

  for (const double radius : {0.0, 1.5, 0.999 * static_cast<double>(norm)}) {
    prox(this->exec, IndicatorL2{radius}, 0.3, this->data.u, this->data.y, this->p);

    // On the sphere, on the way from v to y: the one point of the ball nearest to v.
    const auto p = on_host(this->p);
    for (std::size_t j = 0; j < entries; ++j)
      EXPECT_LE(std::abs(widen(p[j]) - widen(y[j]) -
                         static_cast<Real>(radius) / norm * (widen(v[j]) - widen(y[j]))),
                8 * unit_roundoff<T>())
          << "entry " << j;
    EXPECT_NEAR(static_cast<double>(this->norm_of_residual(this->p)), radius,
                static_cast<double>(8 * std::sqrt(Real(entries)) * unit_roundoff<T>()));
  }

  prox(this->exec, IndicatorL2{2 * static_cast<double>(norm)}, 0.3, this->data.u, this->data.y,
       this->data.u);
  EXPECT_EQ(on_host(this->data.u), v) << "inside, v itself, also in place";
}

TYPED_TEST(IndicatorTest, not_finite) {
  using T = TypeParam;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, this->data.u);

  for (const double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
    host(5) = detail::make_scalar<T>(0.5, detail::is_complex<T> ? bad : 0);
    if constexpr (!detail::is_complex<T>) host(5) = static_cast<T>(bad);
    Kokkos::deep_copy(this->data.u, host);

    EXPECT_FALSE(std::isfinite(value(this->exec, IndicatorL2{1e300}, this->data.u, this->data.y)));
    prox(this->exec, IndicatorL2{1.0}, 0.3, this->data.u, this->data.y, this->p);
    EXPECT_FALSE(all_finite(this->p));
  }
}

TYPED_TEST(IndicatorTest, empty) {
  const Kokkos::View<TypeParam*> none("none", 0);

  EXPECT_EQ(value(this->exec, IndicatorL2{0.0}, none, none), 0.0);
  prox(this->exec, IndicatorL2{0.0}, 0.3, none, none, none);
}

}  // namespace
}  // namespace misfit::test
