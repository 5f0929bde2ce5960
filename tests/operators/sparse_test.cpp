// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/operators/sparse.hpp>

#include <gtest/gtest.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::test::expect_argument_error;
using reference::Numbers;

template <typename T>
class SparseTest : public testing::Test {};
TYPED_TEST_SUITE(SparseTest, reference::Scalars);

/// A matrix with an empty row, an empty column (5) and, in row 3, one column twice.
template <typename T>
struct MatrixRows {
  std::vector<std::size_t> row_map = {0, 3, 3, 4, 7, 8};
  std::vector<int> columns = {0, 4, 2, 6, 1, 3, 1, 0};
  std::size_t n_columns = 7;
  T bad = T(0);
  bool has_bad = false;

  static std::size_t n_rows() { return 5; }

  template <typename V, typename C>
  static V view(const C& container) {
    const V v("v", container.size());
    const auto host = Kokkos::create_mirror_view(v);
    for (std::size_t k = 0; k < container.size(); ++k) host(k) = container[k];
    Kokkos::deep_copy(v, host);
    return v;
  }

  auto values() const {
    const auto v = reference::random_vector<T>(8, 21);
    if (has_bad) Kokkos::deep_copy(Kokkos::subview(v, 5), bad);
    return v;
  }
  template <typename Offset = int>
  auto offsets() const {
    return view<Kokkos::View<Offset*>>(row_map);
  }
  auto indices() const { return view<Kokkos::View<int*>>(columns); }
  Numbers product(const Numbers& of_values, const Numbers& x) const {
    Numbers y(row_map.size() - 1, 0);
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t k = row_map[i]; k < row_map[i + 1]; ++k)
        y[i] += of_values[k] * x[static_cast<std::size_t>(columns[k])];
    return y;
  }
  auto sparse() const { return misfit::Sparse(offsets(), indices(), values(), n_columns); }
};

/// Also of the column that a row has twice.
TYPED_TEST(SparseTest, diagonal_of_its_gram_matrix) {
  using T = TypeParam;
  const MatrixRows<T> rows;
  const Kokkos::View<double*> weights("weights", 5), diagonal("diagonal", rows.n_columns);
  for (std::size_t i = 0; i < 5; ++i) weights(i) = 1 + static_cast<double>(i);
  rows.sparse().add_gram_diagonal(Kokkos::DefaultExecutionSpace{}, weights, diagonal);
  for (std::size_t j = 0; j < rows.n_columns; ++j) {
    Numbers unit(rows.n_columns, 0);
    unit[j] = 1;
    const Numbers column = rows.product(reference::numbers(rows.values()), unit);
    long double expected = 0;
    for (std::size_t i = 0; i < 5; ++i)
      expected += static_cast<long double>(weights(i)) * std::norm(column[i]);
    EXPECT_NEAR(diagonal(j), static_cast<double>(expected), 1e-5) << j;
  }
}

TYPED_TEST(SparseTest, is_the_product) {
  using T = TypeParam;
  const MatrixRows<T> rows;
  const auto x = reference::random_vector<T>(rows.n_columns, 1);
  const Numbers expected = rows.product(reference::numbers(rows.values()), reference::numbers(x));

  const auto from_views = rows.sparse();
  const misfit::Sparse from_long_offsets(rows.template offsets<std::size_t>(), rows.indices(),
                                         rows.values(), rows.n_columns);
  using Matrix = KokkosSparse::CrsMatrix<T, int, Kokkos::DefaultExecutionSpace, void, int>;
  const misfit::Sparse from_matrix(
      Matrix("a", 5, 7, 8, rows.values(), rows.offsets(), rows.indices()));

  const auto tolerance = reference::adjoint_tolerance<T>();
  reference::expect_close(reference::apply<T>(from_views, x), expected, tolerance);
  reference::expect_close(reference::apply<T>(from_long_offsets, x), expected, tolerance);
  reference::expect_close(reference::apply<T>(from_matrix, x), expected, tolerance);
  reference::expect_adjoint<T>(from_views);
  reference::expect_adjoint<T>(from_long_offsets);
  reference::expect_adjoint<T>(from_matrix);
}

/// Rows of 0 to 21 entries: loops take several of them at a time.
TYPED_TEST(SparseTest, long_rows) {
  using T = TypeParam;
  MatrixRows<T> rows;
  rows.row_map = {0};
  rows.columns.clear();
  rows.n_columns = 30;
  for (int i = 0; i < 22; ++i) {
    for (int k = 0; k < i; ++k) rows.columns.push_back((7 * i + 11 * k) % 30);
    rows.row_map.push_back(rows.columns.size());
  }
  const auto values = reference::random_vector<T>(rows.columns.size(), 22);
  const misfit::Sparse a(rows.offsets(), rows.indices(), values, rows.n_columns);

  const auto x = reference::random_vector<T>(rows.n_columns, 1);
  reference::expect_close(reference::apply<T>(a, x),
                          rows.product(reference::numbers(values), reference::numbers(x)),
                          reference::adjoint_tolerance<T>());
  reference::expect_adjoint<T>(a);
}

TYPED_TEST(SparseTest, without_entries) {
  using T = TypeParam;
  MatrixRows<T> rows;
  const misfit::Vector<T> none("none", 0);
  const Kokkos::View<int*> no_columns("no_columns", 0);

  for (const auto& [n_rows, n_columns] : std::vector<std::pair<int, int>>{{0, 4}, {4, 0}, {3, 2}}) {
    rows.row_map.assign(static_cast<std::size_t>(n_rows) + 1, 0);
    const misfit::Sparse a(rows.offsets(), no_columns, none, n_columns);
    EXPECT_EQ(a.range_size(), n_rows);
    EXPECT_EQ(a.domain_size(), n_columns);
    reference::expect_close(reference::apply<T>(a, misfit::Vector<T>("x", n_columns)),
                            Numbers(n_rows, 0), 0);
    reference::expect_adjoint<T>(a);
  }
}

TYPED_TEST(SparseTest, refuses) {
  using T = TypeParam;
  using R = misfit::detail::Real<T>;
  const auto expect = [](const std::string& text, auto change) {
    MatrixRows<T> rows;
    change(rows);
    expect_argument_error("Sparse: " + text, [&] { rows.sparse(); });
  };

  expect("columns", [](auto& rows) { rows.columns[4] = 7; });
  expect("columns", [](auto& rows) { rows.columns[4] = -1; });
  expect("columns has 7 entries, values has 8", [](auto& rows) { rows.columns.pop_back(); });
  expect("row_map falls", [](auto& rows) { rows.row_map[2] = 2; });
  expect("row_map does not start", [](auto& rows) { rows.row_map[0] = 1; });
  expect("row_map ends", [](auto& rows) { rows.row_map[5] = 7; });
  expect("5 x 3000000000", [](auto& rows) { rows.n_columns = 3000000000u; });
  expect("values", [](auto& rows) {
    rows.bad = T(std::numeric_limits<R>::quiet_NaN());
    rows.has_bad = true;
  });
}

/// The same bits every time: no atomics anywhere.
TYPED_TEST(SparseTest, adjoint_is_deterministic) {
  const auto a = MatrixRows<TypeParam>{}.sparse();
  const auto y = reference::random_vector<TypeParam>(5, 3);
  const Kokkos::DefaultExecutionSpace exec;
  std::vector<Numbers> results;

  for (int run = 0; run < 2; ++run) {
    const misfit::Vector<TypeParam> x("x", 7);
    a.add_adjoint(exec, y, x);
    exec.fence();
    results.push_back(reference::numbers(x));
  }

  EXPECT_EQ(results[0], results[1]);
}

}  // namespace
