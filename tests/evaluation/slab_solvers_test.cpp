// SPDX-License-Identifier: BSD-3-Clause

// Solvers and checkers of images in slabs against those of the whole image on one rank.

#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/huber.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>

namespace {

using misfit::DistributedOperator;
using misfit::Slabs;
using misfit::test::Batch;
using misfit::test::batch_of;
using misfit::test::slab_cases;
using misfit::test::SlabCase;

template <typename T>
class SlabSolvers : public misfit::test::SlabTest<T> {
 protected:
  template <typename Check>
  void for_cases(const Check& check) {
    for (const SlabCase& test : slab_cases()) {
      SCOPED_TRACE(test.text());
      const auto make = [&](int i) { return test.make<T>(i); };
      const Slabs slabs(MPI_COMM_WORLD, test.shape, {.dimension = test.dimension});
      check(slabs, DistributedOperator(slabs, 3, make),
            DistributedOperator(MPI_COMM_SELF, 3, make));
    }
  }
  /// Data for both.
  template <typename Operators>
  auto data(const Operators& whole) const {
    return [&whole](int i) {
      return batch_of<T>(30 + static_cast<std::size_t>(i), 2, whole.range_size(i));
    };
  }
  /// That the prox of `distance`, solved to `tolerance`, differs by less than `apart` from that of
  /// the whole image.
  template <typename D>
  void check_prox(const D& distance, double tolerance, double apart) {
    for_cases([&](const Slabs& slabs, const auto& parts, const auto& whole) {
      const auto y = parts.measurements(data(whole)), all_y = whole.measurements(data(whole));
      const auto v = batch_of<T>(1, 2, slabs.shape().size());
      const Batch<T> x("x", 2, slabs.shape().size()), own("x", 2, slabs.owned_size());
      const misfit::DistributedDataFidelity fidelity(distance);
      const misfit::SolverOptions options{.tolerance = tolerance, .max_iterations = 500};
      const auto expected = fidelity.prox(this->exec, 0.3, v, all_y, whole, x, options);
      const auto result =
          fidelity.prox(this->exec, 0.3, this->cut(slabs, v), y, parts, own, options);
      EXPECT_TRUE(expected.converged);
      EXPECT_TRUE(result.converged);
      this->expect_near(own, this->cut(slabs, x), apart / this->epsilon / 200);
    });
  }
};
TYPED_TEST_SUITE(SlabSolvers, misfit::test::TwoScalars);

TYPED_TEST(SlabSolvers, norms) {
  using T = TypeParam;
  this->for_cases([&](const Slabs&, const auto& parts, const auto& whole) {
    const auto norm = parts.template norm_squared<T>(this->exec, {1e-3, 500});
    const auto expected = whole.template norm_squared<T>(this->exec, {1e-3, 500});
    EXPECT_TRUE(norm.converged);
    EXPECT_NEAR(norm.value, expected.value, 2e-3 * expected.value);
    const double bound = parts.template norm_squared_bound<T>(this->exec);
    EXPECT_NEAR(bound, whole.template norm_squared_bound<T>(this->exec), 1e-4 * bound);
    EXPECT_GE(bound, norm.value);
  });
}

TYPED_TEST(SlabSolvers, least_squares) {
  using T = TypeParam;
  this->for_cases([&](const Slabs& slabs, const auto& parts, const auto& whole) {
    const auto y = parts.measurements(this->data(whole)),
               all_y = whole.measurements(this->data(whole));
    const Batch<T> x("x", 2, slabs.shape().size()), own("x", 2, slabs.owned_size());
    const misfit::LeastSquaresOptions options{
        .tolerance = 1e-4, .max_iterations = 100, .tikhonov = 0.5};
    const auto expected = whole.least_squares(this->exec, all_y, x, options);
    const auto result = parts.least_squares(this->exec, y, own, options);
    EXPECT_EQ(result.converged, expected.converged);
    for (std::size_t b = 0; b < 2; ++b)
      EXPECT_NEAR(result.signals[b].iterations, expected.signals[b].iterations, 4);
    this->expect_near(own, this->cut(slabs, x), 1e-2 / this->epsilon / 200);
  });
}

TYPED_TEST(SlabSolvers, prox) { this->check_prox(misfit::L2{0.7}, 1e-5, 1e-3); }

TYPED_TEST(SlabSolvers, prox_on_the_dual_problem) {
  this->check_prox(misfit::Huber{0.4}, 1e-4, 1e-2);
}

TYPED_TEST(SlabSolvers, checkers_pass) {
  using T = TypeParam;
  this->for_cases([&](const Slabs& slabs, const auto& parts, const auto& whole) {
    const auto adjoint = misfit::check_adjoint<T>(this->exec, parts);
    EXPECT_TRUE(adjoint.passed()) << adjoint;
    const auto y = parts.measurements(this->data(whole));
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
    const auto x = this->cut(slabs, batch_of<T>(1, 2, slabs.shape().size()));
    const auto gradient = misfit::check_gradient(this->exec, fidelity, x, y, parts);
    EXPECT_TRUE(gradient.passed()) << gradient;
  });
}

}  // namespace
