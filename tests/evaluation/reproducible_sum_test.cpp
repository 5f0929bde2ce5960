// SPDX-License-Identifier: BSD-3-Clause

// Sum::reproducible: the bits of one rank, on any number of ranks and with any partition.

#include "evaluation/same_bits.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::Partition;
using misfit::Sum;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::vector_of;
using misfit::test::world_rank;
using misfit::test::world_size;

using misfit::test::append;
using misfit::test::Bits;
using misfit::test::expect_same_bits;

/// f, ∇f of a signal and of a batch, twice; the second time with what the first has left.
template <typename Operators, typename Y, typename Z, typename D, typename T>
Bits values_and_gradients(const Operators& operators, const Y& y, const Z& of_batch,
                          const D& fidelity, const Kokkos::View<T*>& x,
                          const Kokkos::View<T**>& batch) {
  const Exec exec;
  Bits bits;
  for (int call = 0; call < 2; ++call) {
    Kokkos::View<T*> gradient("gradient", x.extent(0));
    Kokkos::View<T**> gradients("gradients", batch.extent(0), batch.extent(1));
    const double both = fidelity.fn_and_grad(exec, x, y, operators, gradient);
    const double value = fidelity.fn(exec, x, y, operators);
    append(bits, &both, 1);
    append(bits, &value, 1);
    append(bits, gradient);
    fidelity.grad(exec, x, y, operators, gradient);
    append(bits, gradient);
    const auto values = fidelity.fn_and_grad(exec, batch, of_batch, operators, gradients);
    append(bits, values.data(), values.size());
    append(bits, gradients);
  }
  return bits;
}

template <typename T, typename Factory>
auto evaluator(std::size_t size, const Factory& factory) {
  return [=](MPI_Comm comm, const Partition& partition, Sum sum) {
    const misfit::DistributedOperator operators(comm, partition, factory);
    const auto data = [&](int i) {
      return vector_of<T>(static_cast<std::size_t>(40 + i), operators.range_size(i));
    };
    const auto of_batch = [&](int i) {
      return batch_of<T>(static_cast<std::size_t>(70 + i), 2, operators.range_size(i));
    };
    const misfit::DistributedDataFidelity fidelity(
        operators, [](int i) { return misfit::L2{0.3 + 0.1 * i}; }, misfit::Reduction::mean, sum);
    return values_and_gradients(operators, operators.measurements(data),
                                operators.measurements(of_batch), fidelity, vector_of<T>(1, size),
                                Kokkos::View<T**>(batch_of<T>(2, 2, size)));
  };
}

template <typename T>
class ReproducibleSum : public testing::Test {
  // More ranks than cores take their time: there one type, and of many ranks one test, say it all.
  void SetUp() override {
    const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    if (world_size() > 3 && !std::is_same_v<T, double>) GTEST_SKIP();
    if (world_size() > 8 && test != "pointwise_operators") GTEST_SKIP();
  }
};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(ReproducibleSum, Scalars);

/// Operators whose loops are the same for all scalars: one real type and one complex.
template <typename T>
class ReproducibleSumOfOperators : public ReproducibleSum<T> {};
using TwoScalars = testing::Types<double, Kokkos::complex<float>>;
TYPED_TEST_SUITE(ReproducibleSumOfOperators, TwoScalars);

/// Of a gradient that travels with the agreement, and of one that follows it.
TYPED_TEST(ReproducibleSum, pointwise_operators) {
  for (const std::size_t size : {37, 5003})
    expect_same_bits(evaluator<TypeParam>(size, [=](int i) {
      return misfit::Mask(vector_of<TypeParam>(static_cast<std::size_t>(10 + i), size));
    }));
}

TYPED_TEST(ReproducibleSum, masks_of_booleans) {
  expect_same_bits(evaluator<TypeParam>(97, [](int i) {
    return misfit::Mask(misfit::test::booleans_of(static_cast<std::size_t>(10 + i), 97));
  }));
}

TYPED_TEST(ReproducibleSumOfOperators, operators_by_rows) {
  expect_same_bits(evaluator<TypeParam>(61, [](int i) {
    const auto k = static_cast<std::size_t>(i);
    return misfit::Dense(
        Kokkos::View<TypeParam**, Kokkos::LayoutRight>(batch_of<TypeParam>(k, 700 + 13 * k, 61)));
  }));
}

TYPED_TEST(ReproducibleSumOfOperators, operators_of_a_user) {
  expect_same_bits(evaluator<TypeParam>(19, [](int i) {
    return misfit::test::MatrixOperator<TypeParam>(static_cast<std::size_t>(i), 9, 19);
  }));
}

#if defined(MISFIT_FOURIER)
/// Passes of the operators' own, some of which begin the gradient, and data that they prepare.
TYPED_TEST(ReproducibleSumOfOperators, operators_with_passes) {
  const misfit::Shape shape{15, 18};
  expect_same_bits(evaluator<TypeParam>(shape.size(), [=](int i) {
    const auto k = static_cast<std::size_t>(60 + i);
    return misfit::FourierBlur<TypeParam>(shape, batch_of<TypeParam>(k, 3, 4));
  }));
}
#endif

/// prox is made of gradients, and of inner products that every rank takes alike.
TEST(ReproducibleSumOf, prox) {
  expect_same_bits([](MPI_Comm comm, const Partition& partition, Sum sum) {
    const misfit::DistributedOperator operators(comm, partition, [](int i) {
      return misfit::Mask(vector_of<double>(static_cast<std::size_t>(10 + i), 501));
    });
    const auto y = operators.measurements(
        [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), 501); });
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5}, misfit::Reduction::sum, sum);
    const Kokkos::View<double*> result("result", 501);
    fidelity.prox(Exec{}, 0.7, vector_of<double>(3, 501), y, operators, result);
    Bits bits;
    append(bits, result);
    return bits;
  });
}

/// Fewer operators than the tree of a sum has in its root.
TEST(ReproducibleSumOf, one_operator_and_two) {
  for (const int operators_in_all : {1, 2}) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, operators_in_all, [](int i) {
      return misfit::Mask(vector_of<double>(static_cast<std::size_t>(10 + i), 5));
    });
    const auto x = vector_of<double>(1, 5);
    const auto y = operators.measurements(
        [](int i) { return vector_of<double>(static_cast<std::size_t>(40 + i), 5); });
    const auto value = [&](Sum sum) {
      return misfit::DistributedDataFidelity(misfit::L2{1.0}, misfit::Reduction::sum, sum)
          .fn(Exec{}, x, y, operators);
    };
    EXPECT_DOUBLE_EQ(value(Sum::reproducible), value(Sum::run_to_run));
  }
}

TEST(ReproducibleSumOf, nothing) {
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, 0, [](int) { return misfit::Mask(vector_of<double>(0, 5)); });
  const auto y = operators.measurements([](int) { return vector_of<double>(0, 5); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const auto gradient = vector_of<double>(2, 5);
  EXPECT_EQ(fidelity.fn_and_grad(Exec{}, vector_of<double>(1, 5), y, operators, gradient), 0.0);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, gradient);
  for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(host(j), 0.0);
}

}  // namespace
