// SPDX-License-Identifier: BSD-3-Clause

// Blurs whose results are rounded, of dark images: no entry leaves the bounds of the exact ones.

#include "dark_images.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace {

using dark_images::apply;
using dark_images::filled;
using dark_images::negative;
using dark_images::spot;
using misfit::Shape;
using misfit::test::Exec;
using misfit::test::on_host;
namespace detail = misfit::detail;

template <typename T>
class DarkBlurs : public testing::Test {
 protected:
  const Exec exec{};
  const Shape shape{64, 64};
  const Kokkos::View<T*> x = dark_images::dark_image<T>(shape.size());
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(DarkBlurs, Reals);

TYPED_TEST(DarkBlurs, are_not_negative) {
  using T = TypeParam;
  const misfit::FourierBlur<T> blur(this->shape, spot<T>());
  const misfit::Downsample half(this->shape, 2);
  const misfit::Mask mask{filled<T>(this->shape.size(), [](std::size_t j) { return j % 2; })};

  EXPECT_EQ(negative(apply(blur, this->x)), 0);
  EXPECT_EQ(negative(apply(misfit::scale(2.0, blur), this->x)), 0);
  EXPECT_EQ(negative(apply(misfit::compose(half, blur), this->x)), 0);
  EXPECT_EQ(negative(apply(misfit::compose(blur, mask), this->x)), 0);
  EXPECT_EQ(negative(apply(misfit::compose(blur, blur), this->x)), 0);
  EXPECT_EQ(negative(apply(misfit::AnyOperator<T>(blur), this->x)), 0);
  const Kokkos::View<T*> adjoint("adjoint", this->shape.size());
  blur.add_adjoint(this->exec, this->x, adjoint);
  EXPECT_EQ(negative(adjoint), 0);
  // The same of other operators, which sum terms of one sign.
  EXPECT_EQ(negative(apply(misfit::Blur(this->shape, spot<T>()), this->x)), 0);
  EXPECT_EQ(
      negative(apply(misfit::Radon<>(this->shape, std::vector<double>{0.0, 0.3, 0.8, 1.6, 2.9}),
                     this->x)),
      0);
}

TYPED_TEST(DarkBlurs, results_lie_between_bounds) {
  using T = TypeParam;
  const std::size_t n = this->shape.size();
  for (const double sign : {1.0, -1.0})
    for (const double offset : {0.5, 0.0, -3.0}) {
      const auto kernel = spot<T>();
      detail::axpby(this->exec, 0, misfit::flatten(kernel), sign, misfit::flatten(kernel));
      const auto image = filled<T>(n, [&](std::size_t j) { return offset + (j % 1000 == 0); });

      const auto y = on_host(apply(misfit::FourierBlur<T>(this->shape, kernel), image));

      long double exact = 0;
      for (const auto h : on_host(misfit::flatten(kernel))) exact += h;
      const auto sum = static_cast<double>(exact);
      const double one = sum * offset, other = sum * (offset + 1);
      for (const T v : y) {
        ASSERT_GE(v, static_cast<T>(std::fmin(one, other)));
        ASSERT_LE(v, static_cast<T>(std::fmax(one, other)));
      }
    }
  // Not an image: what is not finite stays so, also where it is +∞ by overflow alone.
  const auto image = filled<T>(n, [](std::size_t j) {
    return j == 5 ? static_cast<T>(NAN) : std::numeric_limits<T>::max();
  });
  for (const T v : on_host(apply(misfit::FourierBlur<T>(this->shape, spot<T>()), image)))
    ASSERT_FALSE(std::isfinite(v));
}

}  // namespace
