// SPDX-License-Identifier: BSD-3-Clause

// A copy of a distance is another object: the two may be used from two threads at once. What was
// moved from is as it was, or says what it is.

#include <misfit/concepts.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/any_distance.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/distances/huber.hpp>
#include <misfit/distances/indicator_l2.hpp>
#include <misfit/distances/l1.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/log_poisson.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distances/weighted_l2.hpp>
#include <misfit/distances/zero.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>
#include <support/two_threads.hpp>

#include <barrier>
#include <cstddef>
#include <utility>

// Named, for nvcc wants so of what holds kernels.
namespace copies {

using Exec = Kokkos::DefaultExecutionSpace;
using misfit::Vector;

/// Σ |2u − 2y|, with memory for 2u, and a wait before it is read.
struct WithMemory {
  std::barrier<>* both;
  double value(const Exec& exec, const Vector<const double>& u,
               const Vector<const double>& y) const {
    const auto doubled = memory.get<double, Exec::memory_space>(u.extent(0), "doubled");
    Kokkos::deep_copy(exec, doubled, u);
    misfit::detail::axpby(exec, 1, u, 1, doubled);
    if (both != nullptr) both->arrive_and_wait();
    misfit::detail::axpby(exec, -2, y, 1, doubled);
    return misfit::value(exec, misfit::L1{}, Vector<const double>(doubled),
                         Vector<const double>(zeros(u.extent(0))));
  }
  static Vector<double> zeros(std::size_t n) { return Vector<double>("zeros", n); }
  mutable misfit::detail::Workspace memory;
};

}  // namespace copies

namespace {

using copies::Exec;
using misfit::Vector;
using misfit::test::in_two_threads;
using misfit::test::kernels_from_two_threads;
using reference::Numbers;
using reference::random_vector;

/// The value and the gradient, by a copy, in two threads.
template <typename D>
void expect_own_distance(const D& distance) {
  if (!kernels_from_two_threads) return;
  const Exec exec;
  const std::size_t n = 5000;
  const D copy = distance;
  const D* const distances[] = {&distance, &copy};
  Vector<double> u[] = {random_vector<double>(n, 1), random_vector<double>(n, 2)},
                 r[] = {Vector<double>("r", n), Vector<double>("r", n)};
  const Vector<double> y("y", n);
  Kokkos::deep_copy(y, 1.0);
  for (const auto& predicted : u) misfit::detail::axpby(exec, 1.0, y, 0.2, predicted);
  const auto evaluate = [&](const D& d, int t) {
    Numbers all{misfit::value(exec, d, u[t], y)};
    if constexpr (misfit::DifferentiableDistance<D, double>) {
      misfit::gradient(exec, d, u[t], y, r[t]);
      for (const auto& z : reference::numbers(r[t])) all.push_back(z);
    } else {
      misfit::prox(exec, d, 0.3, u[t], y, r[t]);
      for (const auto& z : reference::numbers(r[t])) all.push_back(z);
    }
    return all;
  };
  const Numbers expected[] = {evaluate(D(distance), 0), evaluate(D(distance), 1)};

  int wrong[] = {0, 0};
  in_two_threads([&](int t) {
    for (int round = 0; round < 20; ++round)
      wrong[t] += evaluate(*distances[t], t) == expected[t] ? 0 : 1;
  });

  EXPECT_EQ(wrong[0] + wrong[1], 0);
}

TEST(Copies, of_distances) {
  const auto positive = [](std::size_t n) {
    const Vector<double> w("w", n);
    Kokkos::deep_copy(w, 0.7);
    return w;
  };
  expect_own_distance(misfit::L2{0.5});
  expect_own_distance(misfit::WeightedL2{positive(5000)});
  expect_own_distance(misfit::L1{});
  expect_own_distance(misfit::Huber{0.1});
  expect_own_distance(misfit::Poisson{0.5, positive(5000)});
  expect_own_distance(misfit::LogPoisson{});
  expect_own_distance(misfit::Amplitude{});
  expect_own_distance(misfit::IndicatorL2{0.1});
  expect_own_distance(misfit::Zero{});
  expect_own_distance(misfit::AnyDistance<double>(misfit::Poisson{0.5, positive(5000)}));
}

TEST(Copies, of_any_distances) {
  if (!kernels_from_two_threads) GTEST_SKIP() << misfit::test::why_not_two_threads;
  const Exec exec;
  std::barrier both(2);
  const misfit::AnyDistance<double> alone = copies::WithMemory{nullptr, {}},
                                    one = copies::WithMemory{&both, {}}, copy = one;
  const Vector<double> u[] = {random_vector<double>(50, 1), random_vector<double>(50, 2)};
  const Vector<double> y("y", 50);
  const double expected[] = {value(exec, alone, u[0], y), value(exec, alone, u[1], y)};

  double found[2] = {};
  in_two_threads([&](int t) { found[t] = value(exec, t == 0 ? one : copy, u[t], y); });

  EXPECT_EQ(found[0], expected[0]);
  EXPECT_EQ(found[1], expected[1]);
}

// NOLINTBEGIN(bugprone-use-after-move)
TEST(MovedFrom, any_distance_says_so) {
  const Exec exec;
  const Vector<double> u("u", 3), y("y", 3);
  misfit::AnyDistance<double> any = misfit::L2{};
  const auto taken = std::move(any);
  EXPECT_THROW(value(exec, any, u, y), misfit::ArgumentError);
  EXPECT_THROW(gradient(exec, any, u, y, u), misfit::ArgumentError);
  EXPECT_THROW(value_and_gradient(exec, any, u, y, u), misfit::ArgumentError);
  EXPECT_THROW(prox(exec, any, 1.0, u, y, u), misfit::ArgumentError);
  EXPECT_THROW(any.is_quadratic(), misfit::ArgumentError);
  EXPECT_THROW(any.require_size(3), misfit::ArgumentError);
  any = taken;
  EXPECT_EQ(value(exec, any, u, y), 0.0);
}

/// Distances that hold Views are as they were, though nobody else holds the Views.
TEST(MovedFrom, distances_are_as_they_were) {
  const Exec exec;
  const std::size_t n = 40000;
  const auto ones = [&] {
    const Vector<double> w("w", n);
    Kokkos::deep_copy(w, 1.0);
    return w;
  };
  const auto u = ones();
  const Vector<double> y("y", n);
  misfit::WeightedL2 weighted{ones()};
  misfit::Poisson poisson{1.0, ones()};
  {
    [[maybe_unused]] const auto a = std::move(weighted);
    [[maybe_unused]] const auto b = std::move(poisson);
  }
  const Vector<double> others[] = {random_vector<double>(n, 5), random_vector<double>(n, 6)};

  EXPECT_EQ(value(exec, weighted, u, y), 0.5 * n);
  EXPECT_EQ(value(exec, poisson, u, y), 2.0 * n);
}
// NOLINTEND(bugprone-use-after-move)

}  // namespace
