// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/mask.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <limits>

namespace {

using misfit::test::expect_argument_error;
using reference::Numbers;

template <typename T>
class MaskTest : public testing::Test {};
TYPED_TEST_SUITE(MaskTest, reference::Scalars);

TYPED_TEST(MaskTest, multiplies_entry_by_entry) {
  const auto m = reference::random_vector<TypeParam>(37, 7);
  const auto x = reference::random_vector<TypeParam>(37, 1);
  const misfit::Mask a(m);
  Numbers expected = reference::numbers(x);
  for (std::size_t j = 0; j < 37; ++j) expected[j] *= reference::numbers(m)[j];

  reference::expect_close(reference::apply<TypeParam>(a, x), expected,
                          reference::adjoint_tolerance<TypeParam>());
  reference::expect_adjoint<TypeParam>(a);
}

TYPED_TEST(MaskTest, of_reals_for_any_signal) {
  using R = misfit::detail::Real<TypeParam>;
  const misfit::Mask a(misfit::Vector<const R>(reference::random_vector<R>(37, 7)));

  EXPECT_EQ(a.domain_size(), 37u);
  reference::expect_adjoint<TypeParam>(a);
}

static_assert(!misfit::Operator<misfit::Mask<misfit::Vector<Kokkos::complex<double>>>, double>);
static_assert(!misfit::Operator<misfit::Mask<misfit::Vector<double>>, float>);

TYPED_TEST(MaskTest, refuses) {
  using R = misfit::detail::Real<TypeParam>;
  const misfit::Vector<TypeParam> m("m", 3);

  expect_argument_error("Mask: diagonal", [] { misfit::Mask{misfit::Vector<TypeParam>{}}; });
  for (const R bad : {std::numeric_limits<R>::infinity(), std::numeric_limits<R>::quiet_NaN()}) {
    Kokkos::deep_copy(Kokkos::subview(m, 1), TypeParam(bad));
    expect_argument_error("Mask: diagonal", [&] { misfit::Mask{m}; });
  }
}

}  // namespace
