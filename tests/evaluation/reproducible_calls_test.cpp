// SPDX-License-Identifier: BSD-3-Clause

// Sum::reproducible at a point, in the prox of a distance that is not quadratic, and in calls that
// fail.

#include "evaluation/reproducible_operators.hpp"
#include "evaluation/same_bits.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <string>

namespace {

using misfit::Partition;
using misfit::Subset;
using misfit::Sum;
using misfit::test::append;
using misfit::test::batch_of;
using misfit::test::Bits;
using misfit::test::data_of;
using misfit::test::Exec;
using misfit::test::expect_same_bits;
using misfit::test::intensities;
using misfit::test::mask_of;
using misfit::test::matrix_by_rows;
using misfit::test::matrix_of_a_user;
using misfit::test::vector_of;
using misfit::test::world_size;

/// What at() gives at two points: values, gradient, product, diagonal and Hessian where there are.
template <typename T, typename Factory, typename Distance>
void expect_same_bits_at_points(std::size_t size, const Factory& factory,
                                const Distance& distance) {
  using R = misfit::detail::Real<T>;
  using Op = decltype(factory(0));
  using U = typename decltype(distance(0))::value_type;
  expect_same_bits([=](MPI_Comm comm, const Partition& partition, Sum sum) {
    const misfit::DistributedOperator operators(comm, partition, factory);
    const auto y = data_of<U>(operators, 2);
    const misfit::DistributedDataFidelity fidelity(
        operators, [&](int i) { return distance(i).distance; }, misfit::Reduction::sum, sum);
    const Kokkos::View<T**> x(batch_of<T>(2, 2, size)), v(batch_of<T>(3, 2, size)),
        out("out", 2, size);
    Bits bits;
    auto point = fidelity.at(Exec{}, x, y, operators);
    for (int moved = 0; moved < 2; ++moved) {
      for (const auto& values : {point.value(), point.values()})
        append(bits, values.data(), values.size());
      point.gradient(out);
      append(bits, out);
      point.gauss_newton(v, out);
      append(bits, out);
      if constexpr (misfit::GramDiagonalOperator<Op, R> ||
                    misfit::detail::DiagonalByEntries<Op, T, T>) {
        const Kokkos::View<R**> diagonal("diagonal", 2, size);
        point.gauss_newton_diagonal(diagonal);
        append(bits, diagonal);
      }
      if constexpr (misfit::TwiceDifferentiableOperator<Op, T, U>) {
        point.hessian(v, out);
        append(bits, out);
      }
      point.move_to(v);
    }
    return bits;
  });
}

template <typename D, typename U>
struct DistanceOf {
  using value_type = U;
  D distance;
};

TEST(ReproducibleLinearization, pointwise_operators) {
  expect_same_bits_at_points<double>(601, mask_of<double>(601), [](int i) {
    return DistanceOf<misfit::Huber, double>{misfit::Huber{0.3 + 0.1 * i}};
  });
}
TEST(ReproducibleLinearization, operators_by_rows) {
  expect_same_bits_at_points<double>(61, matrix_by_rows(61), [](int i) {
    return DistanceOf<misfit::L2, double>{misfit::L2{0.3 + 0.1 * i}};
  });
}
TEST(ReproducibleLinearization, operators_of_a_user) {
  expect_same_bits_at_points<double>(19, matrix_of_a_user(19), [](int i) {
    return DistanceOf<misfit::Huber, double>{misfit::Huber{0.3 + 0.1 * i}};
  });
}
// A long sum is taken in lanes: not that of a short one that the rank has beside it.
TEST(ReproducibleLinearization, operators_of_many_sizes) {
  const auto values = [](MPI_Comm comm) {
    const misfit::DistributedOperator operators(comm, Partition::blocks(2), [](int i) {
      return matrix_of_a_user(1, i == 0 ? 40960 : 140000)(i);
    });
    const auto y = data_of<double>(operators, 8);
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::sum,
                                                   Sum::reproducible);
    const Kokkos::View<double**> x(batch_of<double>(2, 8, 1));
    auto point = fidelity.at(Exec{}, x, y, operators);
    return point.values();
  };
  EXPECT_EQ(values(MPI_COMM_WORLD), values(MPI_COMM_SELF));
}
TEST(ReproducibleLinearization, intensities) {
  expect_same_bits_at_points<Kokkos::complex<double>>(
      23, intensities<Kokkos::complex<double>>(23),
      [](int i) { return DistanceOf<misfit::L2, double>{misfit::L2{0.3 + 0.1 * i}}; });
}

TEST(ReproducibleCalls, of_parts_are_refused) {
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, Partition::split({1.0, 1.0, 1.0}, {8, 8, 8}), [](int i, misfit::Rows rows) {
        return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), rows.size(), 5);
      });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const auto y = operators.measurements(
      [](int, misfit::Rows rows) { return vector_of<double>(4, rows.size()); });
  const misfit::DistributedDataFidelity robust(misfit::L1{}, misfit::Reduction::sum,
                                               Sum::reproducible);
  const auto x = vector_of<double>(1, 5), result = vector_of<double>(2, 5);
  const auto expect_refusal = [](const auto& call) {
    misfit::test::expect_same_error<misfit::ArgumentError>(
        call, {"Sum::reproducible", "whole operators"});
  };
  for (int call = 0; call < 2; ++call) {
    expect_refusal([&] { fidelity.at(Exec{}, x, y, operators); });
    expect_refusal([&] { robust.prox(Exec{}, 1.0, x, y, operators, result); });
    expect_refusal([&] { fidelity.fn(Exec{}, x, y, operators, Subset({1}, Subset::Scale::none)); });
  }
}

/// After a call over a subset that other ranks sum in another way than all operators.
TEST(ReproducibleCalls, that_differ_between_ranks_are_an_error_of_all) {
  if (world_size() == 1) GTEST_SKIP() << "needs two ranks";
  const int n = world_size();  // one node of the tree for each of 2^k ranks
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, Partition::blocks(n),
                                              mask_of<double>(7));
  const auto y = data_of<double>(operators, 1);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const Kokkos::View<double**> x(batch_of<double>(2, 1, 7));
  const Subset one({0}, Subset::Scale::none);
  const auto value = [&] { return fidelity.fn(Exec{}, x, y, operators, one)[0]; };
  const double before = value();
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] {
        if (misfit::test::world_rank() == 0)
          value();
        else
          fidelity.fn(Exec{}, x, y, operators);
      },
      {"the kind of sum, or the fingerprint of the subset"});
  EXPECT_EQ(value(), before);
}

TEST(ReproducibleLinearization, an_argument_of_one_rank_is_named_in_the_first_call) {
  for (const auto& ranks : misfit::test::fault_sets()) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, 13, mask_of<double>(7));
    const auto y = data_of<double>(operators, 1);
    const misfit::DistributedDataFidelity fidelity(misfit::Huber{1.0}, misfit::Reduction::sum,
                                                   Sum::reproducible);
    const bool bad = misfit::test::contains(ranks, misfit::test::world_rank());
    const Kokkos::View<double**> wrong(batch_of<double>(1, 1, bad ? 8 : 7)),
        x(batch_of<double>(1, 1, 7));
    for (int call = 0; call < 2; ++call)
      misfit::test::expect_same_error<misfit::ArgumentError>(
          [&] { fidelity.at(Exec{}, wrong, y, operators); },
          {"rank " + std::to_string(ranks.front()), "x: has 8 entries"});
    auto point = fidelity.at(Exec{}, x, y, operators);
    misfit::test::expect_same_error<misfit::ArgumentError>(
        [&] { point.gradient(wrong); },
        {"rank " + std::to_string(ranks.front()), "gradient: has 8 entries"});
    point.gradient(x);
  }
}

/// prox of a distance that is not quadratic, by the dual method; the last of which has one signal
/// that converges later than the other.
template <typename Factory, typename D>
void expect_same_bits_of_prox(std::size_t size, const Factory& factory, const D& distance) {
  expect_same_bits([=](MPI_Comm comm, const Partition& partition, Sum sum) {
    const misfit::DistributedOperator operators(comm, partition, factory);
    const auto y = data_of<double>(operators, 2);
    const misfit::DistributedDataFidelity fidelity(distance, misfit::Reduction::sum, sum);
    const Kokkos::View<double**> result("result", 2, size);
    const auto ended =
        fidelity.prox(Exec{}, 0.7, Kokkos::View<double**>(batch_of<double>(3, 2, size)), y,
                      operators, result, {.tolerance = 1e-8, .max_iterations = 40});
    Bits bits;
    append(bits, result);
    for (const auto& signal : ended.signals) {
      append(bits, &signal.iterations, 1);
      append(bits, &signal.residual, 1);
    }
    return bits;
  });
}

TEST(ReproducibleProx, pointwise_operators) {
  expect_same_bits_of_prox(501, mask_of<double>(501), misfit::L1{});
}
TEST(ReproducibleProx, operators_of_a_user) {
  expect_same_bits_of_prox(19, matrix_of_a_user(19), misfit::Huber{0.4});
}

}  // namespace
