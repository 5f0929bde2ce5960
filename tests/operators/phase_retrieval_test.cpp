// SPDX-License-Identifier: BSD-3-Clause
#include "combinations.hpp"

#include <misfit/distances/amplitude.hpp>
#include <misfit/distances/l2.hpp>
#include <misfit/distances/poisson.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <gtest/gtest.h>
#include <mpi.h>
#include <operators/intensities.hpp>
#include <support/errors.hpp>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>

namespace {

using combinations::matrix;
using misfit::PhaseRetrieval;
using misfit::detail::Real;
using misfit::test::expect_fidelities_of_intensities;
using reference::Number;
using reference::Numbers;

constexpr std::size_t rows = 11, columns = 7;

template <typename T>
class PhaseRetrievalTest : public testing::Test {
 protected:
  /// Sums of at most 11 products, each rounded.
  static constexpr long double rounding = 50 * std::numeric_limits<Real<T>>::epsilon();
};
TYPED_TEST_SUITE(PhaseRetrievalTest, reference::Scalars);

/// B x with B of matrix().
template <typename T>
Numbers product(const Numbers& x) {
  const auto b = reference::numbers(reference::random_vector<T>(rows * columns, 11));
  Numbers u(rows);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) u[i] += b[i * columns + j] * x[j];
  return u;
}

TYPED_TEST(PhaseRetrievalTest, is_the_squared_magnitude) {
  using T = TypeParam;
  const auto x = reference::random_vector<T>(columns, 1);
  Numbers expected;
  for (const Number& u : product<T>(reference::numbers(x))) expected.emplace_back(std::norm(u));

  const PhaseRetrieval a(matrix<T>(rows, columns));

  EXPECT_EQ(a.domain_size(), columns);
  EXPECT_EQ(a.range_size(), rows);
  reference::expect_close(reference::apply<Real<T>>(a, x), expected, this->rounding);
}

TYPED_TEST(PhaseRetrievalTest, derivative_is_its_formula_and_accumulates) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const auto x = reference::random_vector<T>(columns, 1);
  const auto g = reference::random_vector<T>(columns, 2);
  const auto r = reference::random_vector<Real<T>>(rows, 3);
  const auto b = reference::numbers(reference::random_vector<T>(rows * columns, 11));
  const auto u = product<T>(reference::numbers(x)), weights = reference::numbers(r);
  Numbers expected = reference::numbers(g);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      expected[j] += 2.0L * std::conj(b[i * columns + j]) * weights[i] * u[i];

  PhaseRetrieval(matrix<T>(rows, columns))
      .add_vjp(exec, misfit::Vector<const T>(x), misfit::Vector<const Real<T>>(r), g);
  exec.fence();

  reference::expect_close(g, expected, this->rounding);
}

TYPED_TEST(PhaseRetrievalTest, derivative_is_the_limit_of_differences) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  using Any = misfit::AnyOperator<T, Kokkos::DefaultExecutionSpace, Real<T>>;
  const PhaseRetrieval a(matrix<T>(rows, columns));
  const auto weighted =
      misfit::compose(misfit::Mask(reference::random_vector<Real<T>>(rows, 5)), a);
  const auto of_mask = misfit::compose(
      PhaseRetrieval(misfit::compose(matrix<T>(rows, columns), misfit::Identity(columns))),
      misfit::Mask(reference::random_vector<T>(columns, 6)));

  for (const auto& checked :
       {misfit::check_adjoint<T>(exec, a), misfit::check_adjoint<T>(exec, weighted),
        misfit::check_adjoint<T>(exec, of_mask), misfit::check_adjoint<T>(exec, Any(a)),
        misfit::check_adjoint<T>(exec, Any(weighted))})
    EXPECT_TRUE(checked.passed()) << checked.error;
  EXPECT_FALSE(Any(a).is_linear());
  static_assert(misfit::DifferentiableOperator<decltype(a), T, Real<T>>);
  static_assert(misfit::FusedOperator<decltype(a), misfit::L2, T, Real<T>>);
  static_assert(misfit::FusedOperator<decltype(a), misfit::Amplitude, T, Real<T>>);
  static_assert(!misfit::LinearOperator<decltype(a), T, Real<T>>);
  if constexpr (misfit::detail::is_complex<T>) {
    static_assert(!misfit::Operator<decltype(a), T, T>);
    static_assert(!misfit::Operator<decltype(a), Real<T>, Real<T>>);
  }
}

TYPED_TEST(PhaseRetrievalTest, fidelities) {
  expect_fidelities_of_intensities<TypeParam>([](int i) {
    return PhaseRetrieval(matrix<TypeParam>(rows + static_cast<std::size_t>(i), columns,
                                            11 + static_cast<std::uint64_t>(i)));
  });
}

/// A linear operator that counts how often it is used.
template <typename T>
struct Counted {
  misfit::test::MatrixOperator<T> inner;
  int* applied;
  int* adjoints;
  std::size_t domain_size() const { return inner.domain_size(); }
  std::size_t range_size() const { return inner.range_size(); }
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    ++*applied;
    inner.apply(exec, x, y);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    ++*adjoints;
    inner.add_adjoint(exec, y, x);
  }
};

TYPED_TEST(PhaseRetrievalTest, value_and_gradient_take_the_operator_once_each_way) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  int applied = 0, adjoints = 0;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [&](int i) {
    return PhaseRetrieval(
        Counted<T>{{static_cast<std::size_t>(i), rows, columns}, &applied, &adjoints});
  });
  const auto y =
      operators.measurements([](int) { return misfit::test::intensities<Real<T>>(3, 1, rows); });
  const auto x = misfit::test::batch_of<T>(1, 1, columns),
             g = misfit::test::batch_of<T>(2, 1, columns);
  const misfit::DistributedDataFidelity fidelity(misfit::Amplitude{});
  const auto local = static_cast<int>(operators.local_indices().size());

  fidelity.fn_and_grad(exec, x, y, operators, g);

  EXPECT_EQ(applied, local);
  EXPECT_EQ(adjoints, local);
  fidelity.fn(exec, x, y, operators);
  EXPECT_EQ(applied, 2 * local);
  EXPECT_EQ(adjoints, local);
}

/// The stack gives every rank all intensities, whoever owns the operator.
TYPED_TEST(PhaseRetrievalTest, forward_on_all_ranks) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const auto factory = [](int i) {
    return PhaseRetrieval(matrix<T>(rows, columns, static_cast<std::uint64_t>(i)));
  };
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, factory);
  const auto x = reference::random_vector<T>(columns, 1);
  std::vector<misfit::Vector<Real<T>>> y;
  for (int i = 0; i < 5; ++i) y.emplace_back("y", rows);

  operators.forward(exec, x, y, misfit::Scope::global);
  exec.fence();

  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(reference::numbers(y[static_cast<std::size_t>(i)]),
              reference::numbers(reference::apply<Real<T>>(factory(i), x)));
}

TEST(PhaseRetrieval, refuses_what_is_not_linear_on_every_rank) {
  using misfit::test::contains;
  using Any = misfit::AnyOperator<double>;
  const int n = 2 * misfit::test::world_size();
  for (const auto& ranks : misfit::test::fault_sets())
    misfit::test::expect_same_error<misfit::ArgumentError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int) {
            const bool bad = contains(ranks, misfit::test::world_rank());
            return PhaseRetrieval(bad ? Any(combinations::Square{3}) : Any(misfit::Identity(3)));
          });
        },
        {"rank " + std::to_string(ranks.front()) + ", operator " + std::to_string(ranks.front()),
         "PhaseRetrieval: the operator in it is not linear"});
}

/// The gradient of Poisson is cut off at the largest number where intensities nearly vanish: twice
/// that is none.
TEST(PhaseRetrievalLimits, of_nearly_no_intensity) {
  using T = Kokkos::complex<float>;
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Vector<T> ones("ones", 2), x("x", 2), g("g", 2);
  Kokkos::deep_copy(ones, T(1));
  Kokkos::deep_copy(x, T(1e-20F));
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, 1, [&](int) { return PhaseRetrieval(misfit::Mask(ones)); });
  const auto y = operators.measurements([](int) {
    const misfit::Vector<float> data("y", 2);
    Kokkos::deep_copy(data, 1.0F);
    return data;
  });
  const double value =
      misfit::DistributedDataFidelity(misfit::Poisson{}).fn_and_grad(exec, x, y, operators, g);
  EXPECT_TRUE(std::isfinite(value));
  for (const Number& z : reference::numbers(g)) {
    EXPECT_TRUE(std::isfinite(std::abs(z)));
    EXPECT_LT(z.real(), -1e18);
  }
}

/// Poisson has no gradient where data meet no intensity, on whatever rank; Amplitude has: at u = 0
/// it is finite, and B^H takes it to 0.
TYPED_TEST(PhaseRetrievalTest, no_intensity) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const int n = 2 * misfit::test::world_size();
  const auto x = reference::random_vector<T>(3, 1);
  const misfit::Vector<T> g("g", 3);
  for (const auto& ranks : misfit::test::fault_sets()) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, n, [&](int) {
      const misfit::Vector<T> m("m", 3);
      const bool bad = misfit::test::contains(ranks, misfit::test::world_rank());
      Kokkos::deep_copy(m, T(1));
      if (bad) Kokkos::deep_copy(Kokkos::subview(m, 1), T(0));
      return PhaseRetrieval(misfit::Mask(m));
    });
    const auto y = operators.measurements([](int) {
      const misfit::Vector<Real<T>> ones("y", 3);
      Kokkos::deep_copy(ones, Real<T>(1));
      return ones;
    });
    const std::string place =
        "rank " + std::to_string(ranks.front()) + ", operator " + std::to_string(ranks.front());

    misfit::test::expect_same_error<misfit::DomainError>(
        [&] { misfit::DistributedDataFidelity(misfit::Poisson{}).grad(exec, x, y, operators, g); },
        {place, "1 "});
    misfit::DistributedDataFidelity(misfit::Amplitude{}).grad(exec, x, y, operators, g);
    for (const Number& z : reference::numbers(g)) EXPECT_TRUE(std::isfinite(std::abs(z)));
    if (ranks.size() == static_cast<std::size_t>(misfit::test::world_size())) {
      EXPECT_EQ(std::abs(reference::numbers(g)[1]), 0);
    }
  }
}

}  // namespace
