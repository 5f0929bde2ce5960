// SPDX-License-Identifier: BSD-3-Clause

// Threads that take operators of their own: the sums of all operators one after the other, and the
// gradients of the threads added.

#include "fourier_transforms.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/partial_sum.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <support/reference.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using fourier_transforms::origins;
using fourier_transforms::shapes;
using fourier_transforms::text;
using misfit::L2;
using misfit::PartialSum;
using misfit::Shape;
using misfit::detail::Quantity;

template <typename T>
class FourierSideBySide : public testing::Test {};
TYPED_TEST_SUITE(FourierSideBySide, fourier_transforms::ComplexScalars);

constexpr double factor = 0.75;

/// What is left of an evaluation: the gradient, and the sums of all operators.
template <typename T>
struct Left {
  misfit::Vector<T> gradient;
  misfit::Vector<PartialSum> sums;
};

template <typename V>
void expect_same_bytes(const V& actual, const V& expected) {
  EXPECT_EQ(0, std::memcmp(actual.data(), expected.data(), actual.size() * sizeof(actual[0])));
}

/// Operators of one transform, their distances and data, and x.
template <typename Op>
struct Problem {
  using T = typename Op::value_type;
  using Fourier = std::remove_cvref_t<decltype(std::declval<Op>().term_maker())>;
  static constexpr std::int64_t most_parts = 8;

  template <typename Factory>
  Problem(const Shape& shape, int count, const Factory& factory)
      : count(count), x(reference::random_vector<T>(shape.size(), 1)) {
    for (int w = 0; w < count; ++w) {
      operators.push_back(factory(w));
      distances.push_back(L2{0.5 + w});
      y.push_back(reference::random_vector<T>(shape.size(), static_cast<unsigned>(20 + w)));
    }
  }

  std::size_t sums_of_one() const { return operators[0].partial_sums(distances[0]); }
  Left<T> nothing_yet() const {
    return {reference::random_vector<T>(x.extent(0), 2),
            misfit::Vector<PartialSum>("sums", operators.size() * sums_of_one())};
  }

  /// Operators first to end − 1, one after the other.
  void one_by_one(bool gradient, std::int64_t first, std::int64_t end, const Left<T>& left) const {
    const Kokkos::DefaultExecutionSpace exec;
    for (auto w = static_cast<std::size_t>(first); w < static_cast<std::size_t>(end); ++w) {
      const std::size_t own = sums_of_one();
      const misfit::Vector<PartialSum> sums(left.sums.data() + w * own, own);
      if (!gradient)
        operators[w].fused_fn(exec, distances[w], x, y[w], sums);
      else if (w == static_cast<std::size_t>(first))
        operators[w].fused_fn_and_set_grad(exec, distances[w], x, y[w], factor, left.gradient,
                                           sums);
      else
        operators[w].fused_fn_and_grad(exec, distances[w], x, y[w], factor, left.gradient, sums);
    }
  }
  Left<T> expected(bool gradient) const {
    const Left<T> left = nothing_yet(), more = {nothing_yet().gradient, left.sums};
    const std::int64_t parts = std::min(most_parts, count);
    for (std::int64_t p = 0; p < parts; ++p) {
      one_by_one(gradient, count * p / parts, count * (p + 1) / parts, p == 0 ? left : more);
      for (std::size_t j = 0; gradient && p > 0 && j < x.extent(0); ++j)
        left.gradient(j) += more.gradient(j);
    }
    return left;
  }

  template <Quantity Wanted>
  Left<T> side_by_side() const {
    const Left<T> left = nothing_yet();
    const auto term = [&](std::int64_t w) -> typename Fourier::template Term<L2> {
      const auto k = static_cast<std::size_t>(w);
      return {&operators[k].term_maker(), &distances[k], y[k].data(),
              left.sums.data() + k * sums_of_one()};
    };
    operators[0].term_maker().template evaluate_side_by_side<Wanted>(
        Kokkos::DefaultExecutionSpace(), term, count, x, factor, left.gradient);
    return left;
  }

  template <Quantity Wanted>
  void check() const {
    const Left<T> right = expected(Wanted != Quantity::value), left = side_by_side<Wanted>();
    expect_same_bytes(left.gradient, right.gradient);
    expect_same_bytes(left.sums, right.sums);
  }
  void check_all() const {
    check<Quantity::value>();
    check<Quantity::both>();
  }

  std::int64_t count;
  misfit::Vector<T> x;
  std::vector<Op> operators;
  std::vector<L2> distances;
  std::vector<misfit::Vector<T>> y;
};

TYPED_TEST(FourierSideBySide, coils) {
  using T = TypeParam;
  using Op = misfit::CoilFourier<misfit::Vector<T>, misfit::Vector<T>>;
  for (const Shape& shape : shapes())
    for (const misfit::Origin origin : origins) {
      SCOPED_TRACE(text(shape, origin));
      const auto mask = reference::random_vector<T>(shape.size(), 7);
      const Problem<Op> problem(shape, 11, [&](int w) {
        const auto seed = static_cast<unsigned>(40 + w);
        return Op(shape, reference::random_vector<T>(shape.size(), seed), mask, origin);
      });
      problem.check_all();
      problem.x(shape.size() - 1) = std::numeric_limits<double>::infinity();
      const auto left = problem.template side_by_side<Quantity::both>();
      EXPECT_TRUE(std::isnan(left.gradient(shape.size() - 1).real()));
    }
}

TYPED_TEST(FourierSideBySide, without_coils) {
  using Op = misfit::Fourier<TypeParam>;
  for (const Shape& shape : shapes()) {
    SCOPED_TRACE(text(shape, misfit::Origin::centre));
    for (const int count : {2, 5, 8, 17})
      Problem<Op>(shape, count, [&](int) { return Op(shape); }).check_all();
  }
}

}  // namespace
