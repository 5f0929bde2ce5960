// SPDX-License-Identifier: BSD-3-Clause

// Projections spread over ranks: subsets of the angles.

#include "projections.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distances/log_poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/radon.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <gtest/gtest.h>
#include <mpi.h>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace {

using misfit::Radon;
using misfit::Shape;
using projections::half_turn;

/// Angles i, i + n, i + 2n, …: what operator i of n projects.
std::vector<double> subset(const std::vector<double>& angles, int i, int n) {
  std::vector<double> some;
  for (auto j = static_cast<std::size_t>(i); j < angles.size(); j += static_cast<std::size_t>(n))
    some.push_back(angles[j]);
  return some;
}

template <typename T>
class Tomography : public testing::Test {};
TYPED_TEST_SUITE(Tomography, reference::Scalars);

TYPED_TEST(Tomography, gradients) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const Shape shape{3, 11, 12};
  const auto angles = half_turn(23);
  const int n = 5;
  const misfit::DistributedOperator radons(
      MPI_COMM_WORLD, n, [&](int i) { return Radon(shape, subset(angles, i, n), 17); });
  const auto y = radons.measurements([&](int i) {
    return reference::random_vector<T>(radons.range_size(i), static_cast<std::uint64_t>(i) + 5);
  });
  const auto x = reference::random_vector<T>(shape.size(), 1);

  const auto adjoint = misfit::check_adjoint<T>(exec, radons);
  const auto gradient =
      misfit::check_gradient(exec, misfit::DistributedDataFidelity(misfit::L2{0.7}), x, y, radons);

  EXPECT_TRUE(adjoint.passed()) << adjoint.error;
  EXPECT_TRUE(gradient.passed()) << gradient.error;
  if constexpr (!misfit::detail::is_complex<T>) {
    const auto counts = misfit::check_gradient(
        exec, misfit::DistributedDataFidelity(misfit::LogPoisson{10.0, 0.1}), x, y, radons);
    EXPECT_TRUE(counts.passed()) << counts.error;
  }
}

/// Subsets of the angles, spread over ranks, are the whole.
TYPED_TEST(Tomography, subsets_are_the_whole) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const Shape shape{20, 21};
  const auto angles = half_turn(30);
  const auto x = reference::random_vector<T>(shape.size(), 1);
  const misfit::Vector<T> g("g", shape.size()), expected("expected", shape.size());
  const misfit::DistributedDataFidelity fidelity(misfit::L2{2.0});
  const auto evaluate = [&](int n, const auto& out) {
    const misfit::DistributedOperator radons(
        MPI_COMM_WORLD, n, [&](int i) { return Radon(shape, subset(angles, i, n)); });
    const auto zeros = radons.measurements(
        [&](int i) { return misfit::Vector<T>("zeros", radons.range_size(i)); });
    return fidelity.fn_and_grad(exec, x, zeros, radons, out);
  };

  const double whole = evaluate(1, expected), stacked = evaluate(7, g);

  const auto tolerance = reference::adjoint_tolerance<T>();
  EXPECT_NEAR(stacked, whole, 10 * static_cast<double>(tolerance) * whole);
  reference::expect_close(g, reference::numbers(expected), 10 * tolerance);
}

/// What only one rank gets wrong is thrown on all, and says where.
TEST(TomographyFaults, errors_of_one_rank) {
  using misfit::test::contains;
  using misfit::test::expect_same_error;
  using misfit::test::world_rank;
  struct Fault {
    Shape shape;
    std::vector<double> angles;
    double spacing;
    std::string words;
  };
  const Fault right{{6, 7}, {0.0, 1.0}, 1.0, ""};
  const std::vector<Fault> faults = {{{6, 7}, {}, 1.0, "no angles"},
                                     {{6, 7}, {0.0, std::nan("")}, 1.0, "angle 1 is not finite"},
                                     {{6, 7}, {0.0}, -1.0, "spacing must be positive"},
                                     {{6, 7}, {0.0}, 1e16, "spacing is too large"},
                                     {{42}, {0.0}, 1.0, "2 dimensions"},
                                     {{7, 7}, {0.0}, 1.0, "domain size"}};
  const int n = 2 * misfit::test::world_size();
  for (const auto& ranks : misfit::test::fault_sets())
    for (const auto& fault : faults) {
      if (fault.words == "domain size" &&
          (ranks.size() == static_cast<std::size_t>(misfit::test::world_size())))
        continue;  // then all are of one size
      expect_same_error<misfit::ArgumentError>(
          [&] {
            misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int) {
              const Fault& f = contains(ranks, world_rank()) ? fault : right;
              return Radon(f.shape, f.angles, 9, f.spacing);
            });
          },
          {"rank ", "operator ", fault.words});
    }
}

}  // namespace
