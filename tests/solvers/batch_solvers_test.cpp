// SPDX-License-Identifier: BSD-3-Clause

// Every signal of a batch is solved as it is alone, whatever the others are.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>
#include <support/reference.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace {

using misfit::BatchSolverResult;
using misfit::SolverOptions;
using misfit::SolverResult;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::vector_of;

constexpr std::size_t unknowns = 9, rows = 5, batch = 5;

/// Signals of very different sizes: 1, 10⁸, 0, not finite, 10⁻⁶.
constexpr double sizes[batch] = {1, 1e8, 0, NAN, 1e-6};

template <typename T>
class BatchSolvers : public testing::Test {
 protected:
  using Batch = Kokkos::View<T**, Kokkos::LayoutRight>;
  static constexpr bool single = std::is_same_v<misfit::detail::Real<T>, float>;

  static Batch signals(std::size_t k, std::size_t n) {
    const Batch view("signals", batch, n);
    const auto host = Kokkos::create_mirror_view(view);
    for (std::size_t b = 0; b < batch; ++b)
      for (std::size_t j = 0; j < n; ++j)
        host(b, j) =
            static_cast<misfit::detail::Real<T>>(sizes[b]) * misfit::test::entry<T>(k, b * n + j);
    Kokkos::deep_copy(view, host);
    return view;
  }
  static Kokkos::View<T*> one(const Batch& view, std::size_t b) {
    return Kokkos::subview(view, b, Kokkos::ALL);
  }

  const Exec exec{};
  const int n = 6;
  const misfit::DistributedOperator<MatrixOperator<T>> operators{
      MPI_COMM_WORLD, n,
      [](int i) { return MatrixOperator<T>(static_cast<std::size_t>(i), rows, unknowns); }};
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.7}};
  const SolverOptions options{single ? 1e-5 : 1e-11, 100};

  /// The raw data of this rank, which are not checked; of one signal, or of all.
  std::vector<Batch> data() const {
    std::vector<Batch> y;
    for (const int i : operators.local_indices())
      y.push_back(signals(20 + static_cast<std::size_t>(i), rows));
    return y;
  }
  std::vector<Kokkos::View<T*>> data_of(std::size_t b) const {
    std::vector<Kokkos::View<T*>> y;
    for (const auto& all : data()) y.push_back(one(all, b));
    return y;
  }

  void expect_like_alone(const BatchSolverResult& all, const Batch& x, std::size_t b,
                         const SolverResult& alone, const Kokkos::View<T*>& x_alone) const {
    ASSERT_EQ(all.signals.size(), batch);
    EXPECT_NEAR(all.signals[b].iterations, alone.iterations, 1) << b;
    EXPECT_EQ(all.signals[b].converged, alone.converged) << b;
    EXPECT_EQ(all.signals[b].converged, !std::isnan(sizes[b])) << b;
    if (std::isnan(sizes[b])) {
      EXPECT_TRUE(std::isnan(all.signals[b].residual));
      EXPECT_TRUE(std::isnan(misfit::test::widen(on_host(one(x, b))[0]).real()));
      return;
    }
    EXPECT_LE(all.signals[b].residual, options.tolerance) << b;
    // The same sums, which MPI may take in another order.
    const auto found = reference::numbers(one(x, b)), expected = reference::numbers(x_alone);
    EXPECT_LE(reference::norm(reference::difference(found, expected)),
              (single ? 1e-3L : 1e-9L) * reference::norm(expected))
        << b;
  }
  void expect_summary(const BatchSolverResult& all) const {
    EXPECT_FALSE(all.converged);
    EXPECT_TRUE(std::isnan(all.residual));
    int most = 0;
    for (const auto& one : all.signals) most = std::max(most, one.iterations);
    EXPECT_EQ(all.iterations, most);
    EXPECT_EQ(all.signals[2].iterations, 0);
  }
};
TYPED_TEST_SUITE(BatchSolvers, reference::TwoScalars);

TYPED_TEST(BatchSolvers, least_squares) {
  using T = TypeParam;
  const typename TestFixture::Batch x("x", batch, unknowns);
  Kokkos::deep_copy(x, T(7));

  const BatchSolverResult all = this->operators.least_squares(
      this->exec, this->data(), x, {this->options.tolerance, this->options.max_iterations, 0.01});

  for (std::size_t b = 0; b < batch; ++b) {
    const Kokkos::View<T*> x_alone("x", unknowns);
    const SolverResult alone = this->operators.least_squares(
        this->exec, this->data_of(b), x_alone,
        {this->options.tolerance, this->options.max_iterations, 0.01});
    this->expect_like_alone(all, x, b, alone, x_alone);
  }
  this->expect_summary(all);
}

TYPED_TEST(BatchSolvers, prox) {
  using T = TypeParam;
  const auto v = this->signals(1, unknowns);
  for (const bool in_place : {false, true}) {
    const typename TestFixture::Batch x("x", batch, unknowns), start("v", batch, unknowns);
    Kokkos::deep_copy(start, v);
    const auto& result = in_place ? start : x;

    const BatchSolverResult all = this->fidelity.prox(this->exec, 0.3, start, this->data(),
                                                      this->operators, result, this->options);

    for (std::size_t b = 0; b < batch; ++b) {
      const Kokkos::View<T*> x_alone("x", unknowns);
      const SolverResult alone =
          this->fidelity.prox(this->exec, 0.3, this->one(v, b), this->data_of(b), this->operators,
                              x_alone, this->options);
      this->expect_like_alone(all, result, b, alone, x_alone);
    }
    this->expect_summary(all);
  }
}

TYPED_TEST(BatchSolvers, interrupted_each_signal_says_how_far_it_is) {
  const typename TestFixture::Batch x("x", batch, unknowns);
  const BatchSolverResult all =
      this->operators.least_squares(this->exec, this->data(), x, {1e-30, 1, 0});

  EXPECT_FALSE(all.converged);
  for (const std::size_t b : {0, 1, 4}) {
    EXPECT_FALSE(all.signals[b].converged);
    EXPECT_EQ(all.signals[b].iterations, 1);
    EXPECT_GT(all.signals[b].residual, 1e-6);
  }
  EXPECT_TRUE(all.signals[2].converged);
}

TEST(BatchSolversOfDouble, no_signals_at_all) {
  const Exec exec;
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, 3, [](int) { return MatrixOperator<double>(0, rows, unknowns); });
  const std::vector<Kokkos::View<double**, Kokkos::LayoutRight>> y(
      3, Kokkos::View<double**, Kokkos::LayoutRight>("y", 0, rows));
  const Kokkos::View<double**, Kokkos::LayoutRight> x("x", 0, unknowns);

  const auto all = operators.least_squares(exec, y, x);

  EXPECT_TRUE(all.converged);
  EXPECT_TRUE(all.signals.empty());
}

}  // namespace
