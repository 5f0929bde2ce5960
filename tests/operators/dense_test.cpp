// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/dense.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace {

using misfit::test::expect_argument_error;
using reference::Numbers;

template <typename T>
class DenseTest : public testing::Test {};
TYPED_TEST_SUITE(DenseTest, reference::Scalars);

template <typename T, typename Layout>
auto random_matrix(std::size_t rows, std::size_t columns) {
  const Kokkos::View<T**, Layout> a("a", rows, columns);
  const auto host = Kokkos::create_mirror_view(a);
  const auto entries = Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace{}, reference::random_vector<T>(rows * columns, 11));
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) host(i, j) = entries(i * columns + j);
  Kokkos::deep_copy(a, host);
  return a;
}

template <typename T, typename Layout>
void check_dense(std::size_t rows, std::size_t columns) {
  const auto matrix = random_matrix<T, Layout>(rows, columns);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, matrix);
  const auto x = reference::random_vector<T>(columns, 1);
  const auto numbers = reference::numbers(x);
  Numbers expected(rows, 0);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      expected[i] += reference::number(host(i, j)) * numbers[j];

  const misfit::Dense a{matrix};
  const misfit::Dense constant{Kokkos::View<const T**, Layout>(matrix)};

  EXPECT_EQ(a.range_size(), rows);
  EXPECT_EQ(a.domain_size(), columns);
  reference::expect_close(reference::apply<T>(a, x), expected,
                          10 * reference::adjoint_tolerance<T>());
  reference::expect_close(reference::apply<T>(constant, x), expected,
                          10 * reference::adjoint_tolerance<T>());
  reference::expect_adjoint<T>(a);
}

TYPED_TEST(DenseTest, is_the_product) {
  for (const auto& [rows, columns] :
       std::vector<std::pair<int, int>>{{1, 1}, {7, 30}, {30, 7}, {64, 65}, {0, 5}, {5, 0}}) {
    check_dense<TypeParam, Kokkos::LayoutLeft>(rows, columns);
    check_dense<TypeParam, Kokkos::LayoutRight>(rows, columns);
  }
}

#if defined(KOKKOS_ENABLE_SERIAL)
// One thread, against as many as the default host space has.
template <typename T, typename Layout>
void expect_same_bits_with_threads() {
  const misfit::Dense a{random_matrix<T, Layout>(700, 65)};
  const auto x = reference::random_vector<T>(65, 1), y = reference::random_vector<T>(700, 2);
  Numbers products[2], adjoints[2];
  const auto take = [&](const auto& exec, int k) {
    const misfit::Vector<T> product("product", 700), adjoint("adjoint", 65);
    a.apply(exec, x, product);
    a.add_adjoint(exec, y, adjoint);
    exec.fence();
    products[k] = reference::numbers(product), adjoints[k] = reference::numbers(adjoint);
  };
  take(Kokkos::Serial{}, 0);
  take(Kokkos::DefaultHostExecutionSpace{}, 1);
  EXPECT_EQ(products[0], products[1]);
  EXPECT_EQ(adjoints[0], adjoints[1]);
}
TYPED_TEST(DenseTest, gives_the_same_bits_for_any_number_of_threads) {
  if constexpr (misfit::detail::in_cpu_form<Kokkos::DefaultExecutionSpace>) {
    expect_same_bits_with_threads<TypeParam, Kokkos::LayoutLeft>();
    expect_same_bits_with_threads<TypeParam, Kokkos::LayoutRight>();
  } else {
    GTEST_SKIP() << "for CPUs";
  }
}
#endif

TYPED_TEST(DenseTest, refuses) {
  const Kokkos::View<TypeParam**, Kokkos::LayoutLeft> matrix("matrix", 3, 4);
  Kokkos::deep_copy(Kokkos::subview(matrix, 2, 3),
                    TypeParam(std::numeric_limits<misfit::detail::Real<TypeParam>>::infinity()));

  expect_argument_error("Dense: matrix", [&] { misfit::Dense{matrix}; });
}

}  // namespace
