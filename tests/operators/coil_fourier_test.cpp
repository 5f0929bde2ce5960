// SPDX-License-Identifier: BSD-3-Clause
#include "fourier_transforms.hpp"

#include <misfit/operators/coil_fourier.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <limits>

namespace {

using fourier_transforms::masked;
using fourier_transforms::origins;
using fourier_transforms::shapes;
using fourier_transforms::text;
using fourier_transforms::tolerance;
using fourier_transforms::transform;
using misfit::CoilFourier;
using misfit::Origin;
using misfit::Shape;
using misfit::test::expect_argument_error;
using reference::Numbers;

template <typename T>
class CoilFourierTest : public testing::Test {};
TYPED_TEST_SUITE(CoilFourierTest, fourier_transforms::ComplexScalars);

template <typename T, typename M>
void check_coils(const Shape& shape, Origin origin) {
  const auto x = reference::random_vector<T>(shape.size(), 1);
  const auto coil = reference::random_vector<T>(shape.size(), 6);
  const auto mask = reference::random_vector<M>(shape.size(), 7);
  const auto c = reference::numbers(coil);
  Numbers through_coil = reference::numbers(x);
  for (std::size_t j = 0; j < c.size(); ++j) through_coil[j] *= c[j];
  const auto expected = transform(shape, origin, through_coil);

  const CoilFourier of_coil(shape, coil, origin);
  const CoilFourier of_masked_coil(shape, misfit::Vector<const T>(coil), mask, origin);

  reference::expect_close(reference::apply<T>(of_coil, x), expected, tolerance<T>());
  reference::expect_close(reference::apply<T>(of_masked_coil, x),
                          masked(reference::numbers(mask), expected), tolerance<T>());
  reference::expect_adjoint<T>(of_coil);
  reference::expect_adjoint<T>(of_masked_coil);
}

TYPED_TEST(CoilFourierTest, with_and_without_masks) {
  for (const Shape& shape : shapes())
    for (const Origin origin : origins) {
      SCOPED_TRACE(text(shape, origin));
      check_coils<TypeParam, TypeParam>(shape, origin);
      check_coils<TypeParam, misfit::detail::Real<TypeParam>>(shape, origin);
    }
}

TYPED_TEST(CoilFourierTest, refuses) {
  using T = TypeParam;
  const misfit::Vector<T> right("right", 12), wrong("wrong", 11), nan("nan", 12);
  Kokkos::deep_copy(Kokkos::subview(nan, 11),
                    T(0, std::numeric_limits<misfit::detail::Real<T>>::quiet_NaN()));

  expect_argument_error("CoilFourier: coil map: has 11 entries",
                        [&] { CoilFourier({3, 4}, wrong, right); });
  expect_argument_error("CoilFourier: mask: has 11 entries",
                        [&] { CoilFourier({3, 4}, right, wrong); });
  expect_argument_error("CoilFourier: coil map: has entries that are not finite",
                        [&] { CoilFourier({3, 4}, nan); });
}

}  // namespace
