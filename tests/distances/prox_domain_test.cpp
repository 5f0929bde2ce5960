// SPDX-License-Identifier: BSD-3-Clause

// prox never leaves the domain: d(prox(v)) is finite, and right to rounding, for thousands of
// random and extreme gamma, v and y.

#include "distances/cases.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace misfit::test {
namespace {

// −gβ is a denormal number of T, or lies between two of them.
template <typename R>
void expect_inside_near_denormals(double gain, double first_background) {
  for (int k = 0; k < 200; ++k) {
    const double background = first_background * (1 + 0.003 * k), shift = gain * background;
    const Poisson distance(gain, background);
    for (const R y : {R(0), R(1)}) {
      const R p = distance.prox_at(0, 1.0, R(-1), y);
      EXPECT_FALSE(distance.outside_at(0, p, y)) << gain << ", " << k << ", " << y;
      const R inside = distance.inside_at(0, static_cast<R>(-shift), y, 2 * shift);
      EXPECT_FALSE(distance.outside_at(0, inside, y)) << gain << ", " << k << ", " << y;
    }
  }
}

TEST(ProxDomain, of_backgrounds_that_are_denormal) {
  expect_inside_near_denormals<float>(1, 1.02587e-40);
  expect_inside_near_denormals<float>(1.6e-18, 4e-26);
  expect_inside_near_denormals<double>(1e-200, 1.01469e-110);
}

/// Numbers of all sizes that T has: ordinary, huge, tiny, denormal, zero.
template <typename R>
class Numbers {
 public:
  explicit Numbers(unsigned seed) : engine_(seed) {}

  R positive() {
    switch (engine_() % 8) {
      case 0:
        return std::numeric_limits<R>::max();
      case 1:
        return std::numeric_limits<R>::denorm_min();
      case 2:
        return std::numeric_limits<R>::min() / 4;
      case 3:
        return static_cast<R>(1 + engine_() % 20);
      case 4:
        return static_cast<R>(std::exp(most() * (2 * unit() - 1)));
      default:
        return static_cast<R>(10 * unit() + 1e-3);
    }
  }
  R counts() { return engine_() % 3 == 0 ? R(0) : positive(); }
  R real() { return engine_() % 9 == 0 ? R(0) : (engine_() % 2 == 0 ? -positive() : positive()); }
  template <typename T>
  T scalar() {
    if constexpr (detail::is_complex<T>)
      return T(real(), real());
    else
      return real();
  }
  double gamma() {
    constexpr double list[] = {1e-300, 1e300, 1.0, 1e-8, 1e8, 0.3, 5e-324, 1e150};
    return engine_() % 2 == 0 ? list[engine_() % 8] : std::exp(20 * unit() - 10);
  }
  double parameter() {
    return engine_() % 2 == 0 ? std::exp(10 * unit() - 5) : 0.1 * (1 + engine_() % 40);
  }
  bool coin() { return engine_() % 2 == 0; }

 private:
  double unit() { return std::uniform_real_distribution<double>()(engine_); }
  static double most() {
    return 0.99 * std::log(static_cast<double>(std::numeric_limits<R>::max()));
  }

  std::mt19937 engine_;
};

constexpr Real largest_double = std::numeric_limits<double>::max();

template <typename T>
class ProxDomain : public testing::Test {
 protected:
  using R = detail::Real<T>;
  static constexpr Real u = unit_roundoff<T>();
  static constexpr std::size_t n = 200;
  static constexpr int rounds = 50;
  const Exec exec{};
  Numbers<R> numbers{7};
  const Kokkos::View<T*> p{"p", n};

  template <typename D, typename Value, typename Prox>
  void expect_right(const D& distance, double gamma, const Kokkos::View<T*>& v,
                    const Kokkos::View<T*>& y, Value&& value_of, Prox&& prox_of) {
    prox(exec, distance, gamma, v, y, p);
    const auto found = on_host(p), points = on_host(v), data = on_host(y);
    for (std::size_t j = 0; j < n; ++j) {
      SCOPED_TRACE(testing::Message() << "gamma " << gamma << ", v " << widen(points[j]) << ", y "
                                      << widen(data[j]) << ", prox " << widen(found[j]));
      ASSERT_TRUE(is_finite(found[j]));
      const auto one = std::pair(j, j + 1);
      const double at = value(exec, distance, Kokkos::subview(p, one), Kokkos::subview(y, one));
      const bool representable = value_of(widen(found[j]), widen(data[j])) < 0.99L * largest_double;
      ASSERT_TRUE(!representable || std::isfinite(at)) << at;
      const auto [expected, tolerance] = prox_of(widen(points[j]), widen(data[j]));
      // What T does not hold becomes its largest number.
      const Real most = std::numeric_limits<R>::max();
      const Complex held(std::clamp(expected.real(), -most, most),
                         std::clamp(expected.imag(), -most, most));
      ASSERT_LE(std::abs(widen(found[j]) - held),
                tolerance + 4 * u * std::abs(held) + 32 * std::numeric_limits<R>::denorm_min())
          << "expected " << expected;
    }
  }

  Kokkos::View<T*> scalars() {
    return filled<T>(n, [&](std::size_t) { return numbers.template scalar<T>(); });
  }
};
using Scalars = testing::Types<float, double, ComplexFloat, ComplexDouble>;
TYPED_TEST_SUITE(ProxDomain, Scalars);

/// Of double arithmetic, whatever T.
constexpr Real inner = 0x1p-53L;

TYPED_TEST(ProxDomain, weighted_mean) {
  for (int round = 0; round < this->rounds; ++round) {
    const double gamma = this->numbers.gamma();
    const double sigma = round % 3 == 0 ? 1e-150 : this->numbers.parameter();
    const Real weight = Real(gamma) * (1.0 / (sigma * sigma));
    this->expect_right(
        L2{sigma}, gamma, this->scalars(), this->scalars(),
        [&](Complex p, Complex y) { return std::norm(p - y) / (2 * Real(sigma) * sigma); },
        [&](Complex v, Complex y) {
          const Complex expected = v / (1 + weight) + y * (weight / (1 + weight));
          return std::pair(expected, 8 * inner * (std::abs(v / (1 + weight)) + std::abs(y)));
        });
  }
}

TYPED_TEST(ProxDomain, thresholds) {
  for (int round = 0; round < this->rounds; ++round) {
    const double gamma = this->numbers.gamma(), delta = this->numbers.parameter();
    const auto shorten = [](Complex v, Complex y, Real step) {
      const Complex d = v - y;
      return std::pair(v - d * (step / std::abs(d)), 8 * inner * (std::abs(v) + step));
    };
    const auto v = this->scalars(), y = this->scalars();
    this->expect_right(
        L1{}, gamma, v, y, [](Complex p, Complex y) { return std::abs(p - y); },
        [&](Complex v, Complex y) {
          return std::abs(v - y) <= gamma ? std::pair(y, 0.0L) : shorten(v, y, gamma);
        });
    this->expect_right(
        Huber{delta}, gamma, v, y,
        [&](Complex p, Complex y) {
          return std::max<Real>(1, delta) * std::abs(p - y) + delta * delta;
        },
        [&](Complex v, Complex y) {
          const Real step = Real(gamma) * delta;
          if (std::abs(v - y) > delta * (1 + Real(gamma))) return shorten(v, y, step);
          const Real share = 1 / (1 + Real(gamma));
          return std::pair(v * share + y * (gamma * share),
                           8 * inner * (std::abs(v) + std::abs(y)));
        });
    this->expect_right(
        Zero{}, gamma, v, y, [](Complex, Complex) { return 0.0L; },
        [](Complex v, Complex) { return std::pair(v, 0.0L); });
  }
}

/// The root of w² − b w − γ y in long double, whose exponents hold every product here.
Real raised_mean(Real b, Real product) {
  const Real root = std::hypot(b, 2 * std::sqrt(product));
  if (product == 0) return b > 0 ? b : 0;
  return b >= 0 ? (b + root) / 2 : 2 * product / (root - b);
}

TYPED_TEST(ProxDomain, poisson) {
  using T = TypeParam;
  if constexpr (!detail::is_complex<T>) {
    for (int round = 0; round < 4 * this->rounds; ++round) {
      const double gamma = this->numbers.gamma();
      double gain = round % 2 == 0 ? 10.0 : this->numbers.parameter();
      double background = round % 4 == 0 ? 0.3 : (round % 4 == 1 ? 0.0 : this->numbers.parameter());
      if (round % 20 == 1) gain = 1e300;
      if (round % 20 == 5) gain = 1e-300;
      if (round % 20 == 3) background = 1e-30;
      if (round % 20 == 7) background = 1e20;
      const auto v = this->scalars();
      const auto y = filled<T>(this->n, [&](std::size_t) { return this->numbers.counts(); });
      const Real shift = gain * background;
      const auto value_of = [&](Complex p, Complex y) {
        const Real counts = y.real(), mu = std::abs(p.real() / gain) + background;
        return mu + (counts == 0 ? 0 : counts * (1 + std::abs(std::log(counts)) + 800));
      };
      const auto prox_of = [&](Complex v, Complex y) {
        const Real step = Real(gamma) / gain;
        const Real w = raised_mean(v.real() - step + shift, Real(gamma) * y.real());
        // v, γ/g and gβ are rounded, and count as far as w follows them; then u and its edge.
        const Real rounding =
            16 * inner *
            (std::abs(v.real()) + shift + (y.real() == 0 ? std::min(step, std::abs(v.real())) : 0) +
             std::min(step, w + std::abs(v.real()) + shift));
        return std::pair(Complex(w - shift), rounding + 16 * this->u * shift + 0x1p-1071L * gain);
      };
      this->expect_right(Poisson{gain, background}, gamma, v, y, value_of, prox_of);
    }
  }
}

TYPED_TEST(ProxDomain, poisson_keeps_the_digits_of_v) {
  using T = TypeParam;
  if constexpr (!detail::is_complex<T>) {
    // p = v − γ (1 − y/w) / g where gβ = 3 would swallow v: with y = β the slope is v/(gβ).
    const auto v = filled<T>(1, [](std::size_t) { return T(1e-20); });
    const auto y = filled<T>(1, [](std::size_t) { return T(0.25); });
    const Kokkos::View<T*> p("p", 1);
    prox(this->exec, Poisson{8.0, 0.25}, 1e-12, v, y, p);
    EXPECT_NEAR(on_host(p)[0], on_host(v)[0], 1e-6 * on_host(v)[0]);
  }
}

/// A background of one number for each entry goes the same way.
TYPED_TEST(ProxDomain, poisson_with_a_view) {
  using T = TypeParam;
  if constexpr (!detail::is_complex<T>) {
    const auto background =
        filled<T>(this->n, [&](std::size_t) { return static_cast<T>(this->numbers.parameter()); });
    for (int round = 0; round < this->rounds; ++round) {
      const double gain = this->numbers.parameter(), gamma = this->numbers.gamma();
      const Poisson distance{gain, background};
      const auto v =
          filled<T>(this->n, [&](std::size_t) { return -std::abs(this->numbers.real()); });
      const auto y = filled<T>(this->n, [&](std::size_t j) { return T(j % 2); });
      prox(this->exec, distance, gamma, v, y, this->p);
      EXPECT_TRUE(std::isfinite(value(this->exec, distance, this->p, y)))
          << "gain " << gain << ", gamma " << gamma;
    }
  }
}

/// Where the value is finite, so is the gradient: the largest number where it is beyond T.
TYPED_TEST(ProxDomain, gradients_are_finite) {
  using T = TypeParam;
  if constexpr (!detail::is_complex<T>) {
    const Kokkos::View<T*> u("u", 1), y("y", 1), r("r", 1);
    int beyond = 0;
    const auto check = [&](const auto& distance) {
      for (int k = 0; k < 2000; ++k) {
        Kokkos::deep_copy(u, this->numbers.real());
        Kokkos::deep_copy(y, this->numbers.counts());
        if (!std::isfinite(value(this->exec, distance, u, y))) continue;
        gradient(this->exec, distance, u, y, r);
        EXPECT_TRUE(all_finite(r)) << "u " << on_host(u)[0] << ", y " << on_host(y)[0];
        beyond += std::abs(on_host(r)[0]) == std::numeric_limits<T>::max();
      }
    };
    check(Poisson{});
    check(Poisson{10.0, 0.3});
    check(Amplitude{});
    check(Amplitude{1e-300});
    check(LogPoisson{});
    EXPECT_GT(beyond, 10);
  }
}

}  // namespace
}  // namespace misfit::test
