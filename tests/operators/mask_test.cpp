// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/mask.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cmath>
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

/// Booleans without a pattern, and the same as numbers.
template <typename R>
struct ZerosAndOnes {
  explicit ZerosAndOnes(std::size_t n) : booleans("booleans", n), reals("reals", n) {
    const auto chance = reference::numbers(reference::random_vector<double>(n, 7));
    const auto bools = Kokkos::create_mirror_view(booleans);
    const auto numbers = Kokkos::create_mirror_view(reals);
    for (std::size_t j = 0; j < n; ++j) bools(j) = chance[j].real() > 0;
    for (std::size_t j = 0; j < n; ++j) numbers(j) = bools(j) ? R(1) : R(0);
    Kokkos::deep_copy(booleans, bools);
    Kokkos::deep_copy(reals, numbers);
  }
  misfit::Vector<bool> booleans;
  misfit::Vector<R> reals;
};

/// What both make of the same vector, NaN in place of a number too.
template <typename T, typename A, typename B>
void expect_same(const A& a, const B& b, std::size_t n) {
  auto x = reference::random_vector<T>(n, 1);
  Kokkos::deep_copy(Kokkos::subview(x, n / 2), T(NAN));
  const auto found = reference::apply<T>(a, x), expected = reference::apply<T>(b, x);
  const Kokkos::DefaultExecutionSpace exec;
  a.add_adjoint(exec, misfit::Vector<const T>(x), found);
  b.add_adjoint(exec, misfit::Vector<const T>(x), expected);
  exec.fence();

  const auto ours = reference::numbers(found), theirs = reference::numbers(expected);
  for (std::size_t j = 0; j < ours.size(); ++j) {
    EXPECT_EQ(std::isnan(ours[j].real()), j == n / 2) << "entry " << j << " of " << n;
    if (j == n / 2) continue;
    ASSERT_EQ(ours[j], theirs[j]) << "entry " << j << " of " << n;
  }
}

/// Around words of 32 bits and of 64.
TYPED_TEST(MaskTest, of_booleans_is_that_of_zeros_and_ones) {
  for (std::size_t n = 1; n <= 130; ++n) {
    const ZerosAndOnes<misfit::detail::Real<TypeParam>> m(n);
    const misfit::Mask a(m.booleans);
    const misfit::Mask stored(m.reals);

    ASSERT_EQ(a.domain_size(), n);
    expect_same<TypeParam>(a, stored, n);
    if (n < 3) continue;
    const misfit::Rows rows{n / 3, n};
    EXPECT_EQ(reference::numbers(reference::apply<TypeParam>(
                  a.on_rows(rows), reference::random_vector<TypeParam>(n, 2))),
              reference::numbers(reference::apply<TypeParam>(
                  stored.on_rows(rows), reference::random_vector<TypeParam>(n, 2))));
  }
}

TYPED_TEST(MaskTest, of_booleans_keeps_a_copy) {
  const ZerosAndOnes<misfit::detail::Real<TypeParam>> m(50);
  const misfit::Mask a(m.booleans);
  const misfit::Mask of_const{misfit::Vector<const bool>(m.booleans)};

  Kokkos::deep_copy(m.booleans, false);

  expect_same<TypeParam>(a, misfit::Mask(m.reals), 50);
  expect_same<TypeParam>(of_const, misfit::Mask(m.reals), 50);
  reference::expect_adjoint<TypeParam>(a);
}

static_assert(misfit::Operator<misfit::Mask<misfit::Vector<bool>>, float>);
static_assert(!misfit::Operator<misfit::Mask<misfit::Vector<bool>>, double, float>);
static_assert(!misfit::Operator<misfit::Mask<misfit::Vector<Kokkos::complex<double>>>, double>);
static_assert(!misfit::Operator<misfit::Mask<misfit::Vector<double>>, float>);

TYPED_TEST(MaskTest, refuses) {
  using R = misfit::detail::Real<TypeParam>;
  const misfit::Vector<TypeParam> m("m", 3);

  expect_argument_error("Mask: diagonal", [] { misfit::Mask{misfit::Vector<TypeParam>{}}; });
  expect_argument_error("Mask: diagonal", [] { misfit::Mask{misfit::Vector<bool>{}}; });
  for (const R bad : {std::numeric_limits<R>::infinity(), std::numeric_limits<R>::quiet_NaN()}) {
    Kokkos::deep_copy(Kokkos::subview(m, 1), TypeParam(bad));
    expect_argument_error("Mask: diagonal", [&] { misfit::Mask{m}; });
  }
}

}  // namespace
