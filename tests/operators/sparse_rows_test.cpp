// SPDX-License-Identifier: BSD-3-Clause

// What Sparse computes by rows, on a CPU, against sums of products.

#include <misfit/operators/sparse.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <algorithm>
#include <complex>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

using reference::Numbers;

/// Row i has `lengths`[i] entries, in columns that are in no order and may come twice.
struct Pattern {
  std::string name;
  std::size_t n_columns;
  std::vector<int> lengths;

  int column(std::size_t i, int k) const {
    return static_cast<int>((i * 7919 + static_cast<std::size_t>(k) * 40507) % n_columns);
  }
};

/// Empty rows, rows of less than four entries and of several times four; more columns than 16 bits
/// can tell apart; one column; a row longer than what is fetched ahead, and short ones behind it.
std::vector<Pattern> patterns() {
  Pattern many{"many columns", 70001, {}}, one{"one column", 1, {}};
  for (int i = 0; i < 200; ++i) many.lengths.push_back(i % 41);
  for (int i = 0; i < 30; ++i) one.lengths.push_back(i % 14);
  return {many, one, {"long row", 3001, {0, 5, 40000, 3, 0, 8}}, {"empty", 5, {0, 0}}};
}

template <typename T>
class SparseRowsTest : public testing::Test {};
TYPED_TEST_SUITE(SparseRowsTest, reference::Scalars);

template <typename T, typename Offset>
auto matrix_of(const Pattern& p) {
  using Host = Kokkos::HostSpace;
  Kokkos::View<Offset*> row_map("row_map", p.lengths.size() + 1);
  const auto starts = Kokkos::create_mirror_view(row_map);
  for (std::size_t i = 0; i < p.lengths.size(); ++i)
    starts(i + 1) = starts(i) + static_cast<Offset>(p.lengths[i]);
  const auto count = static_cast<std::size_t>(starts(p.lengths.size()));
  Kokkos::View<int*> columns("columns", count);
  const auto places = Kokkos::create_mirror_view_and_copy(Host(), columns);
  std::size_t at = 0;
  for (std::size_t i = 0; i < p.lengths.size(); ++i)
    for (int k = 0; k < p.lengths[i]; ++k) places(at++) = p.column(i, k);
  Kokkos::deep_copy(row_map, starts);
  Kokkos::deep_copy(columns, places);
  return misfit::Sparse(row_map, columns, reference::random_vector<T>(count, 21), p.n_columns);
}

/// Expects found[i] to be sums[i], which at most `most` terms of the absolute sum sizes[i] make: a
/// term is rounded at most four times, and then once for each addition.
template <typename T>
void expect_sums(const std::vector<T>& found, const Numbers& sums,
                 const std::vector<long double>& sizes, std::size_t most) {
  constexpr long double eps = std::numeric_limits<misfit::detail::Real<T>>::epsilon();
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_LE(std::abs(reference::number(found[i]) - sums[i]),
              static_cast<long double>(most + 4) * eps * sizes[i])
        << "entry " << i;
}

template <typename T, typename Offset>
void expect_rows(const Pattern& p) {
  SCOPED_TRACE(p.name);
  const auto a = matrix_of<T, Offset>(p);
  if constexpr (requires { a.rows_at_once(); }) {
    const std::size_t rows = a.range_size(), n = a.domain_size();
    const auto values = reference::numbers(reference::random_vector<T>(a.entries(), 21));
    const auto x = reference::random_vector<T>(n, 1), r = reference::random_vector<T>(rows, 2);
    const auto x_numbers = reference::numbers(x), r_numbers = reference::numbers(r);
    Numbers forward(rows, 0), adjoint(n, 0);
    std::vector<long double> forward_sizes(rows, 0), adjoint_sizes(n, 0);
    std::size_t at = 0;
    for (std::size_t i = 0; i < rows; ++i)
      for (int k = 0; k < p.lengths[i]; ++k, ++at) {
        const auto j = static_cast<std::size_t>(p.column(i, k));
        forward[i] += values[at] * x_numbers[j];
        forward_sizes[i] += std::abs(values[at] * x_numbers[j]);
        adjoint[j] += std::conj(values[at]) * r_numbers[i];
        adjoint_sizes[j] += std::abs(values[at] * r_numbers[i]);
      }

    std::vector<T> u(rows), alone(rows), g(n, T(0));
    for (std::size_t begin = 0; begin < rows; begin += 7) {
      const std::size_t end = std::min(begin + 7, rows);
      a.apply_rows(begin, end, x.data(), u.data() + begin);
      a.apply_rows_alone(begin, end, x.data(), alone.data() + begin);
      a.add_adjoint_rows(begin, end, r.data() + begin, g.data());
    }

    expect_sums(u, forward, forward_sizes, a.entries());
    expect_sums(alone, forward, forward_sizes, a.entries());
    expect_sums(g, adjoint, adjoint_sizes, a.entries());
  } else {
    GTEST_SKIP() << "no rows in this execution space";
  }
}

TYPED_TEST(SparseRowsTest, are_sums_of_products) {
  for (const Pattern& p : patterns()) {
    expect_rows<TypeParam, int>(p);
    expect_rows<TypeParam, std::size_t>(p);
  }
}

}  // namespace
