// SPDX-License-Identifier: BSD-3-Clause

// Sum::reproducible over a Subset.

#include "evaluation/reproducible_operators.hpp"
#include "evaluation/same_bits.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <utility>
#include <vector>

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
using misfit::test::mask_of;
using misfit::test::matrix_by_rows;
using misfit::test::matrix_of_a_user;
using misfit::test::world_size;

/// f and ∇f over three subsets, of which ranks own some, one or none.
template <typename T, typename Factory>
void expect_same_bits_of_subsets(std::size_t size, const Factory& factory) {
  expect_same_bits([=](MPI_Comm comm, const Partition& partition, Sum sum) {
    const misfit::DistributedOperator operators(comm, partition, factory);
    const auto y = data_of<T>(operators, 2);
    const misfit::DistributedDataFidelity fidelity(
        operators, [](int i) { return misfit::L2{0.3 + 0.1 * i}; }, misfit::Reduction::mean, sum);
    const Kokkos::View<T**> x(batch_of<T>(2, 2, size)), gradient("gradient", 2, size);
    Bits bits;
    for (const Subset& subset :
         {Subset({12, 3, 5, 4, 0, 7, 8, 1, 10}, Subset::Scale::unbiased),
          Subset({6, 2, 9}, Subset::Scale::none), Subset({11}, Subset::Scale::unbiased),
          Subset({}, Subset::Scale::none)}) {
      const auto both = fidelity.fn_and_grad(Exec{}, x, y, operators, gradient, subset);
      append(bits, both.data(), both.size());
      append(bits, gradient);
      const auto value = fidelity.fn(Exec{}, x, y, operators, subset);
      append(bits, value.data(), value.size());
      fidelity.grad(Exec{}, x, y, operators, gradient, subset);
      append(bits, gradient);
    }
    return bits;
  });
}

TEST(ReproducibleSubset, pointwise_operators) {
  for (const std::size_t size : {37, 5003})
    expect_same_bits_of_subsets<double>(size, mask_of<double>(size));
}
TEST(ReproducibleSubset, complex_pointwise_operators) {
  expect_same_bits_of_subsets<Kokkos::complex<float>>(97, mask_of<Kokkos::complex<float>>(97));
}
TEST(ReproducibleSubset, operators_by_rows) {
  expect_same_bits_of_subsets<double>(61, matrix_by_rows(61));
}
TEST(ReproducibleSubset, operators_of_a_user) {
  expect_same_bits_of_subsets<double>(19, matrix_of_a_user(19));
}

/// Of a part of the operators it is what the part as a whole gives.
TEST(ReproducibleSubset, is_the_sum_over_its_operators) {
  const std::size_t size = 503;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 13, mask_of<double>(size));
  const auto y = data_of<double>(operators, 1);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const Kokkos::View<double**> x(batch_of<double>(2, 1, size));
  const auto value = [&](std::vector<int> indices) {
    return fidelity.fn(Exec{}, x, y, operators, Subset(std::move(indices), Subset::Scale::none))[0];
  };
  const double all = fidelity.fn(Exec{}, x, y, operators)[0];
  EXPECT_NEAR(value({0, 2, 4, 6, 8, 10, 12}) + value({11, 9, 7, 5, 3, 1}), all, 1e-13 * all);
  EXPECT_EQ(value({12, 1, 5}), value({5, 12, 1}));
  const double share = 13.0 / 3;
  EXPECT_NEAR(fidelity.fn(Exec{}, x, y, operators, Subset({12, 1, 5}, Subset::Scale::unbiased))[0],
              share * value({1, 5, 12}), 1e-13 * all);
}

TEST(ReproducibleSubset, an_error_is_that_of_all) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 13, mask_of<double>(7));
  const auto y = data_of<double>(operators, 1);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const Kokkos::View<double**> x(batch_of<double>(2, 1, 7));
  const auto call = [&](std::vector<int> indices) {
    return fidelity.fn(Exec{}, x, y, operators, Subset(std::move(indices), Subset::Scale::none))[0];
  };
  const double before = call({3, 4});
  misfit::test::expect_same_error<misfit::ArgumentError>([&] { call({3, 13}); },
                                                         {"no operator 13"});
  misfit::test::expect_same_error<misfit::ArgumentError>([&] { call({3, 3}); }, {"3 twice"});
  if (world_size() > 1) {
    const int own = misfit::test::world_rank() == 1 ? 5 : 6;
    misfit::test::expect_same_error<misfit::ArgumentError>([&] { call({own}); },
                                                           {"fingerprint of the subset"});
    misfit::test::expect_same_error<misfit::ArgumentError>(
        [&] { call(own == 5 ? std::vector<int>{} : std::vector<int>{6}); },
        {"fingerprint of the subset"});
  }
  EXPECT_EQ(call({4, 3}), before);
}

}  // namespace
