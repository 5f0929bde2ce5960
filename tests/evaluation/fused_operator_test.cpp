// SPDX-License-Identifier: BSD-3-Clause

// A user's operator with passes of its own.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace {

using misfit::test::batch_of;
using misfit::test::Exec;

struct Counts {
  int applied = 0, fused = 0, prepared = 0;
};

/// A x = 2 x, with one sum for even and one for odd entries. It wants −y for y.
struct Doubling {
  std::size_t size;
  Counts* counts;

  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }

  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    ++counts->applied;
    Kokkos::parallel_for(
        "Doubling::apply", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = 2 * x(j); });
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    Kokkos::parallel_for(
        "Doubling::add_adjoint", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += 2 * y(j); });
  }

  std::size_t prepared_size() const { return size; }
  template <typename Y, typename P>
  void prepare(const Exec& exec, const Y& y, const P& prepared) const {
    ++counts->prepared;
    Kokkos::parallel_for(
        "Doubling::prepare", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) { prepared(j) = -y(j); });
  }

  template <misfit::SeparableDistance D>
  std::size_t partial_sums(const D&) const {
    return 2;
  }
  template <misfit::SeparableDistance D, typename X, typename P, typename Sums>
  void fused_fn(const Exec& exec, const D& distance, const X& x, const P& minus_y,
                const Sums& sums) const {
    ++counts->fused;
    const std::size_t n = size;
    Kokkos::parallel_for(
        "Doubling::fused_fn", misfit::detail::range(exec, 2), KOKKOS_LAMBDA(const std::int64_t s) {
          misfit::PartialSum sum;
          for (auto j = static_cast<std::size_t>(s); j < n; j += 2)
            sum.value += distance.value_at(j, 2 * x(j), -minus_y(j));
          sums(s) = sum;
        });
  }
  template <misfit::SeparableDistance D, typename X, typename P, typename G, typename Sums>
  void fused_fn_and_grad(const Exec& exec, const D& distance, const X& x, const P& minus_y,
                         double factor, const G& g, const Sums& sums) const {
    fused_fn(exec, distance, x, minus_y, sums);
    Kokkos::parallel_for(
        "Doubling::fused_fn_and_grad", misfit::detail::range(exec, size),
        KOKKOS_LAMBDA(const std::int64_t j) {
          const auto i = static_cast<std::size_t>(j);
          g(j) += 2 * factor * distance.gradient_at(i, 2 * x(j), -minus_y(j));
        });
  }
};

static_assert(misfit::FusedOperator<Doubling, misfit::L2>);
static_assert(!misfit::FusedOperator<Doubling, misfit::IndicatorL2>);
static_assert(misfit::PreparingOperator<Doubling>);

TEST(FusedOperator, takes_the_distance_itself) {
  constexpr std::size_t size = 9;
  constexpr int n = 5;
  const Exec exec;
  Counts counts;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, n,
                                              [&](int) { return Doubling{size, &counts}; });
  const misfit::DistributedOperator plain(
      MPI_COMM_WORLD, n, [&](int) { return misfit::scale(2, misfit::Identity(size)); });
  const auto y = operators.measurements(
      [&](int i) { return batch_of<double>(static_cast<std::size_t>(20 + i), 2, size); });
  const auto x = batch_of<double>(1, 2, size), g = batch_of<double>(2, 2, size),
             h = batch_of<double>(3, 2, size);
  const misfit::DistributedDataFidelity fidelity(misfit::Huber(0.4), misfit::Reduction::mean);
  const auto local = static_cast<int>(operators.local_indices().size());

  const auto expected = fidelity.fn_and_grad(exec, x, y, plain, h);
  const auto value = fidelity.fn(exec, x, y, operators);
  const auto with_gradient = fidelity.fn_and_grad(exec, x, y, operators, g);

  EXPECT_EQ(counts.applied, 0);
  EXPECT_EQ(counts.fused, 2 * 2 * local);
  EXPECT_EQ(counts.prepared, (misfit::detail::in_cpu_form<Exec> ? 2 : 4) * local);
  const double rounding = 10 * n * size * std::numeric_limits<double>::epsilon();
  for (std::size_t b = 0; b < 2; ++b) {
    EXPECT_NEAR(value[b], expected[b], rounding * expected[b]);
    EXPECT_EQ(value[b], with_gradient[b]);
  }
  const auto found = misfit::test::on_host(g), wanted = misfit::test::on_host(h);
  for (std::size_t j = 0; j < found.size(); ++j) EXPECT_NEAR(found[j], wanted[j], rounding);
}

TEST(FusedOperator, falls_back_for_other_distances) {
  const Exec exec;
  Counts counts;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 4,
                                              [&](int) { return Doubling{3, &counts}; });
  const auto y = operators.measurements([](int) { return batch_of<double>(20, 1, 3); });
  const misfit::DistributedDataFidelity fidelity(misfit::IndicatorL2(100));

  EXPECT_EQ(fidelity.fn(exec, batch_of<double>(1, 1, 3), y, operators)[0], 0);
  EXPECT_EQ(counts.applied, static_cast<int>(operators.local_indices().size()));
  EXPECT_EQ(counts.fused, 0);
}

/// What is prepared is kept for as long as y has the same bits.
TEST(FusedOperator, prepares_again_when_data_change) {
  if (!misfit::detail::in_cpu_form<Exec>) GTEST_SKIP() << "on a CPU only";
  const Exec exec;
  Counts counts;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 4,
                                              [&](int) { return Doubling{9000, &counts}; });
  const auto local = static_cast<int>(operators.local_indices().size());
  const misfit::DistributedDataFidelity fidelity(misfit::L2(0.5));
  const auto x = batch_of<double>(1, 1, 9000);
  const auto y = operators.measurements([](int) { return batch_of<double>(20, 1, 9000); });
  const auto value = [&](const auto& data) { return fidelity.fn(exec, x, data, operators)[0]; };

  const double first = value(y);
  value(y);
  EXPECT_EQ(counts.prepared, local);
  for (std::size_t k = 0; k < y.size(); ++k) {
    const auto last = Kokkos::subview(y[k], 0, 8999);
    Kokkos::deep_copy(last, 1000.0);
  }
  EXPECT_GT(value(y), first + 1e5);
  EXPECT_EQ(counts.prepared, 2 * local);
  const auto other = operators.measurements([](int) { return batch_of<double>(20, 1, 9000); });
  EXPECT_EQ(value(other), first);
  EXPECT_EQ(counts.prepared, 3 * local);
}

/// A x = 3 x, by rows, with sizes of another type than misfit's.
struct Tripling {
  int size;

  int domain_size() const { return size; }
  int range_size() const { return size; }
  int rows_at_once() const { return 8; }

  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    Kokkos::parallel_for(
        "Tripling::apply", misfit::detail::range(exec, x.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j) { y(j) = 3 * x(j); });
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    Kokkos::parallel_for(
        "Tripling::add_adjoint", misfit::detail::range(exec, x.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j) { x(j) += 3 * y(j); });
  }
  void apply_rows(std::size_t begin, std::size_t end, const double* x, double* u) const {
    for (std::size_t i = begin; i < end; ++i) u[i - begin] = 3 * x[i];
  }
  void add_adjoint_rows(std::size_t begin, std::size_t end, const double* r, double* g) const {
    for (std::size_t i = begin; i < end; ++i) g[i] += 3 * r[i - begin];
  }
};

/// With clang, to which narrowing is an error.
TEST(RowwiseOperator, has_sizes_of_any_integer_type) {
  constexpr int size = 1100;  // in more than one piece
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3,
                                              [](int) { return Tripling{size}; });
  const auto x = misfit::test::vector_of<double>(1, size);
  const auto y = operators.measurements([](int) { return Kokkos::View<double*>("zeros", size); });
  const Kokkos::View<double*> gradient("gradient", size);
  misfit::DistributedDataFidelity(misfit::L2{1.0}).grad(Exec{}, x, y, operators, gradient);
  const auto found = misfit::test::on_host(gradient), at = misfit::test::on_host(x);
  for (std::size_t j = 0; j < found.size(); ++j) EXPECT_DOUBLE_EQ(found[j], 27 * at[j]);
}

}  // namespace
