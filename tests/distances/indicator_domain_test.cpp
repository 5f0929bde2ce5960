// SPDX-License-Identifier: BSD-3-Clause

// prox of the indicator of a ball lies in the ball, and on its sphere where v is outside.

#include "distances/cases.hpp"

#include <misfit/distances/indicator_l2.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace misfit::test {
namespace {

template <typename T>
class IndicatorDomain : public testing::Test {
 protected:
  static constexpr Real u = unit_roundoff<T>();
  static constexpr std::size_t n = 200;
  const Exec exec{};
  const Kokkos::View<T*> p{"p", n};
};
using Scalars = testing::Types<float, double, ComplexFloat, ComplexDouble>;
TYPED_TEST_SUITE(IndicatorDomain, Scalars);

TYPED_TEST(IndicatorDomain, prox_lies_in_the_ball) {
  using T = TypeParam;
  const double most = std::numeric_limits<detail::Real<T>>::max();
  for (const double size : {1.0, 1e3, 1e-20, most / 4, most, most * 1e-30, 1e-37, 1e-300})
    for (const double centre : {0.0, 1.0, 1e6, most})
      for (const double relative : {0.0, 1e-9, 1e-3, 0.1, 0.5, 1.0 - 1e-9, 1.0, 2.0})
        for (unsigned seed = 0; seed < 4; ++seed) {
          const auto at = [&](double scale, unsigned k) {
            return filled<T>(this->n, [&, k](std::size_t j) {
              return detail::nearest<T>(detail::Wide<T>(entry<detail::Wide<T>>(k, j)) * scale);
            });
          };
          const auto v = at(size, 2 * seed), y = at(centre, 2 * seed + 1);
          const IndicatorL2 distance{std::min(relative * size * 10, 1e300)};
          SCOPED_TRACE(testing::Message() << "size " << size << ", centre " << centre << ", radius "
                                          << relative << " of it");
          prox(this->exec, distance, 1.0, v, y, this->p);
          ASSERT_TRUE(all_finite(this->p));
          ASSERT_EQ(value(this->exec, distance, this->p, y), 0.0);
          prox(this->exec, distance, 1.0, v, y, v);
          ASSERT_EQ(on_host(v), on_host(this->p)) << "in place";
        }
}

TYPED_TEST(IndicatorDomain, prox_reaches_the_sphere) {
  using T = TypeParam;
  // The radius is that of the sum that misfit takes: in lanes and by halves on a CPU; else a chain,
  // by whose roundings of a double the root of n equal squares is off by at most n/2.
  const double rounding =
      8 * this->u + (detail::in_cpu_form<misfit::test::Exec>
                         ? 0.0
                         : 0.5 * static_cast<double>(this->n) * detail::unit_roundoff<double>);
  // Also where squares are beyond a double, either way.
  const double scales[] = {1.0, 1e-36, 1e36, 1e-180, 1e180};
  for (const double scale : scales) {
    if (sizeof(detail::Real<T>) == 4 && std::abs(std::log10(scale)) > 40) continue;
    const auto v =
        filled<T>(this->n, [&](std::size_t) { return detail::nearest<T>(detail::Wide<T>(scale)); });
    const Kokkos::View<T*> y("y", this->n);
    const double radius = 0.37 * scale;
    prox(this->exec, IndicatorL2{radius}, 1.0, v, y, this->p);
    Real squares = 0;
    for (const auto& z : on_host(this->p)) squares += std::norm(widen(z));
    EXPECT_LE(std::abs(std::sqrt(squares) - radius), rounding * radius) << scale;
    EXPECT_EQ(value(this->exec, IndicatorL2{radius}, v, y), static_cast<double>(INFINITY));
  }
}

}  // namespace
}  // namespace misfit::test
