// SPDX-License-Identifier: BSD-3-Clause

// Threads that take an operator each: the bits of one operator after the other.

#include "fourier_transforms.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>
#include <misfit/partial_sum.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <support/reference.hpp>

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
  using Fourier = std::remove_cvref_t<decltype(std::declval<Op>().masked_fourier())>;
  static constexpr std::size_t count = 5;

  template <typename Factory>
  Problem(const Shape& shape, const Factory& factory)
      : x(reference::random_vector<T>(shape.size(), 1)) {
    for (std::size_t w = 0; w < count; ++w) {
      operators.push_back(factory(w));
      distances.push_back(L2{0.5 + static_cast<double>(w)});
      y.push_back(reference::random_vector<T>(shape.size(), static_cast<unsigned>(20 + w)));
    }
  }

  std::size_t sums() const { return operators[0].partial_sums(distances[0]); }
  Left<T> nothing_yet() const {
    return {reference::random_vector<T>(x.extent(0), 2),
            misfit::Vector<PartialSum>("sums", count * sums())};
  }

  Left<T> one_by_one(Quantity wanted, bool sets) const {
    const Kokkos::DefaultExecutionSpace exec;
    const Left<T> left = nothing_yet();
    for (std::size_t w = 0; w < count; ++w) {
      const misfit::Vector<PartialSum> own(left.sums.data() + w * sums(), sums());
      if (wanted == Quantity::value)
        operators[w].fused_fn(exec, distances[w], x, y[w], own);
      else if (sets && w == 0)
        operators[w].fused_fn_and_set_grad(exec, distances[w], x, y[w], factor, left.gradient, own);
      else
        operators[w].fused_fn_and_grad(exec, distances[w], x, y[w], factor, left.gradient, own);
    }
    return left;
  }

  template <Quantity Wanted, bool Sets>
  Left<T> side_by_side() const {
    const Left<T> left = nothing_yet();
    std::vector<typename Fourier::template Term<L2>> terms;
    for (std::size_t w = 0; w < count; ++w)
      terms.push_back({&operators[w].masked_fourier(), &distances[w], y[w].data(),
                       left.sums.data() + w * sums()});
    operators[0].masked_fourier().template evaluate_side_by_side<Wanted, Sets>(
        Kokkos::DefaultExecutionSpace(), terms.data(), static_cast<std::int64_t>(count), x, factor,
        left.gradient);
    return left;
  }

  template <Quantity Wanted, bool Sets>
  void check() const {
    const Left<T> expected = one_by_one(Wanted, Sets), actual = side_by_side<Wanted, Sets>();
    expect_same_bytes(actual.gradient, expected.gradient);
    expect_same_bytes(actual.sums, expected.sums);
  }
  void check_all() const {
    check<Quantity::value, false>();
    check<Quantity::both, false>();
    check<Quantity::both, true>();
  }

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
      const Problem<Op> problem(shape, [&](std::size_t w) {
        const auto seed = static_cast<unsigned>(40 + w);
        return Op(shape, reference::random_vector<T>(shape.size(), seed), mask, origin);
      });
      problem.check_all();
      problem.x(shape.size() - 1) = std::numeric_limits<double>::infinity();
      const auto left = problem.template side_by_side<Quantity::both, true>();
      EXPECT_TRUE(std::isnan(left.gradient(shape.size() - 1).real()));
    }
}

TYPED_TEST(FourierSideBySide, without_coils) {
  using Op = misfit::Fourier<TypeParam>;
  for (const Shape& shape : shapes()) {
    SCOPED_TRACE(text(shape, misfit::Origin::centre));
    Problem<Op>(shape, [&](std::size_t) { return Op(shape); }).check_all();
  }
}

}  // namespace
