// SPDX-License-Identifier: BSD-3-Clause

// Operators other than blurs on images in slabs, against the same on the whole image.

#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"
#include "support/stencils.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/halo.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/radon.hpp>
#include <misfit/operators/scale.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <string>

namespace {

using misfit::AnyOperator;
using misfit::Blur;
using misfit::DistributedOperator;
using misfit::Mask;
using misfit::Padding;
using misfit::Shape;
using misfit::Slabs;
using misfit::test::Batch;
using misfit::test::batch_of;
using misfit::test::sparse_matrix;
using misfit::test::stencil;
using misfit::test::vector_of;

template <typename T>
class SlabOperators : public misfit::test::SlabTest<T> {
 protected:
  template <typename Make>
  void check(const Shape& shape, std::size_t dimension, const Make& make) {
    SCOPED_TRACE(shape.text() + " along " + std::to_string(dimension));
    const Slabs slabs(MPI_COMM_WORLD, shape, {.dimension = dimension});
    const DistributedOperator parts(slabs, 3, make);
    const DistributedOperator whole(MPI_COMM_SELF, 3, make);
    const auto data = [&](int i) {
      return batch_of<T>(30 + static_cast<std::size_t>(i), 2, whole.range_size(i));
    };
    const auto y = parts.measurements(data), all_y = whole.measurements(data);
    const auto x = batch_of<T>(1, 2, shape.size());
    const Batch<T> g("g", 2, shape.size()), own("own g", 2, slabs.owned_size());
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
    const auto expected = fidelity.fn_and_grad(this->exec, x, all_y, whole, g);
    const auto values = fidelity.fn_and_grad(this->exec, this->cut(slabs, x), y, parts, own);
    for (std::size_t b = 0; b < 2; ++b)
      EXPECT_NEAR(values[b], expected[b], 100 * this->epsilon * (1 + expected[b]));
    this->expect_near(own, this->cut(slabs, g), 100);
    // A bound of parts may be nearer to the norm than that of the whole.
    const double bound = parts.template norm_squared_bound<T>(this->exec);
    EXPECT_LE(bound, (1 + 1e-4) * whole.template norm_squared_bound<T>(this->exec));
    EXPECT_GE((1 + 1e-4) * bound, whole.template norm_squared<T>(this->exec).value);
    const auto adjoint = misfit::check_adjoint<T>(this->exec, parts);
    EXPECT_TRUE(adjoint.passed()) << adjoint;
  }
  template <typename Make>
  void check_all(const Make& make) {
    check({7, 5}, 0, make({7, 5}));
    check({7, 5}, 1, make({7, 5}));
    check({2, 9, 4}, 1, make({2, 9, 4}));
  }
};
TYPED_TEST_SUITE(SlabOperators, misfit::test::TwoScalars);

TYPED_TEST(SlabOperators, identity) {
  this->check_all([](const Shape& shape) {
    return [=](int) -> AnyOperator<TypeParam> { return misfit::Identity(shape.size()); };
  });
}

TYPED_TEST(SlabOperators, mask) {
  this->check_all([](const Shape& shape) {
    return [=](int i) -> AnyOperator<TypeParam> {
      return Mask{vector_of<TypeParam>(10 + static_cast<std::size_t>(i), shape.size())};
    };
  });
}

TYPED_TEST(SlabOperators, mask_of_booleans) {
  this->check_all([](const Shape& shape) {
    return [=](int i) -> AnyOperator<TypeParam> {
      return Mask{misfit::test::booleans_of(10 + static_cast<std::size_t>(i), shape.size())};
    };
  });
}

TYPED_TEST(SlabOperators, scaled_blur) {
  this->check_all([](const Shape& shape) {
    return [=](int i) -> AnyOperator<TypeParam> {
      return misfit::scale(1.5, Blur(shape, batch_of<TypeParam>(static_cast<std::size_t>(i), 3, 2),
                                     Padding::reflect));
    };
  });
}

TYPED_TEST(SlabOperators, mask_of_a_blur) {
  using T = TypeParam;
  this->check_all([](const Shape& shape) {
    return [=](int i) -> AnyOperator<T> {
      const Blur blur(shape, batch_of<T>(static_cast<std::size_t>(i), 3, 2), Padding::valid);
      return misfit::compose(Mask{vector_of<T>(5, blur.range_size())}, blur);
    };
  });
}

TYPED_TEST(SlabOperators, projections) {
  using T = TypeParam;
  const auto make = [](const Shape& shape) {
    return [=](int i) -> AnyOperator<T> {
      return misfit::Radon(shape, {0.1, 0.9 + 0.1 * i, 1.7, 2.3, 2.9});
    };
  };
  this->check({6, 5}, 0, make({6, 5}));
  this->check({6, 5}, 1, make({6, 5}));
  this->check({7, 4, 3}, 0, make({7, 4, 3}));
}

TYPED_TEST(SlabOperators, differences) {
  using T = TypeParam;
  const auto make = [](const Shape& shape) {
    return [=](int i) -> AnyOperator<T> {
      return misfit::FiniteDifference(shape, i == 1 ? 1 : shape.rank());
    };
  };
  this->check_all(make);
  for (const std::size_t dimension : {0UL, 2UL}) this->check({3, 4, 9}, dimension, make({3, 4, 9}));
  this->check({11}, 0, make({11}));
}

// Some read ghost rows, some none, some all of x.
TYPED_TEST(SlabOperators, of_all_kinds_in_one_list) {
  using T = TypeParam;
  const auto make = [](const Shape& shape) {
    return [=](int i) -> AnyOperator<T> {
      if (i == 0) return misfit::FiniteDifference(shape);
      if (i == 1) return Mask{vector_of<T>(10, shape.size())};
      return Blur(shape, batch_of<T>(4, 3, 2), Padding::reflect);
    };
  };
  this->check_all(make);
  this->check({7, 4, 3}, 0, [&](int i) -> AnyOperator<T> {
    if (i == 0) return misfit::Radon({7, 4, 3}, {0.1, 1.7});
    if (i == 1) return misfit::Dense(batch_of<T>(1, 5, 84));
    return make({7, 4, 3})(i);
  });
}

// The outputs of inner are cut along another dimension than the image.
TYPED_TEST(SlabOperators, masks_of_differences) {
  using T = TypeParam;
  this->check_all([](const Shape& shape) {
    return [=](int) -> AnyOperator<T> {
      const misfit::FiniteDifference differences(shape);
      return misfit::compose(Mask{vector_of<T>(5, differences.range_size())}, differences);
    };
  });
}

TYPED_TEST(SlabOperators, matrices_read_all_of_x) {
  using T = TypeParam;
  this->check_all([](const Shape& shape) {
    return [=](int i) -> AnyOperator<T> {
      return misfit::Dense(batch_of<T>(static_cast<std::size_t>(i),
                                       i == 1 ? 0 : 6 + static_cast<std::size_t>(i), shape.size()));
    };
  });
}

// Row j of the matrix for pixel j, or one derivative behind the other, and a matrix that reads all
// of x.
TYPED_TEST(SlabOperators, sparse_matrices) {
  using T = TypeParam;
  const auto make = [](const Shape& shape) {
    return [=](int i) -> AnyOperator<T> {
      const std::size_t last = shape.rank() - 1;
      auto columns = stencil(shape, i == 0 ? last : last - 1, {-1, 0, 2});
      if (i == 1) return misfit::scale(0.5, sparse_matrix<T>(columns, shape.size()));
      if (i == 2)
        for (const auto& row : stencil(shape, last, {0, 1})) columns.push_back(row);
      return sparse_matrix<T>(columns, shape.size());
    };
  };
  this->check_all(make);
  this->check({7, 5}, 0, [&](int i) -> AnyOperator<T> {
    if (i == 0) return sparse_matrix<T>({{34}, {}, {0, 20}}, 35);
    if (i == 1) return misfit::FiniteDifference({7, 5});
    return make({7, 5})(i);
  });
}

// As they are, not behind AnyOperator. Widths show in how many rows a part takes.
TYPED_TEST(SlabOperators, sparse_matrices_read_what_their_columns_reach) {
  using T = TypeParam;
  const Shape shape{2, 9, 4};
  const auto columns = stencil(shape, 1, {-1, 0, 2});
  const auto make = [&](int i) {
    return sparse_matrix<T>(columns, shape.size(), static_cast<std::size_t>(i));
  };
  this->check(shape, 1, make);
  this->check(shape, 1, [&](int i) { return misfit::scale(1.5, make(i)); });
  const Slabs slabs(MPI_COMM_WORLD, shape, {.dimension = 1});
  const DistributedOperator parts(slabs, 3, make);
  const misfit::Halo halo(slabs, {1, 2});
  EXPECT_EQ(parts.local_indices().size(), slabs.owned().empty() ? 0u : 3u);
  for (std::size_t k = 0; k < parts.local_indices().size(); ++k) {
    EXPECT_EQ(parts.local_operator(k).domain_size(), halo.extended_size());
    EXPECT_EQ(parts.local_rows(k)->size(), slabs.owned().size() * 4);
  }
}

TEST(SlabOperatorFaults, name_what_does_not_fit) {
  const Slabs slabs(MPI_COMM_WORLD, {9, 4});
  const auto kernel = batch_of<double>(1, 3, 3);
  using misfit::test::expect_same_error;
  expect_same_error<misfit::ArgumentError>(
      [&] {
        DistributedOperator(slabs, 2, [](int i) { return misfit::Identity(i == 1 ? 35 : 36); });
      },
      {"operator 1", "domain size is 35", "9 x 4"});
  expect_same_error<misfit::ArgumentError>(
      [&] {
        DistributedOperator(slabs, 2, [&](int i) {
          return Blur({9, 4}, kernel, i == 0 ? Padding::circular : Padding::reflect);
        });
      },
      {"operator 1", "circular"});
  expect_same_error<misfit::ArgumentError>(
      [&] {
        DistributedOperator(slabs, 1, [&](int) {
          return misfit::compose(Blur({9, 4}, kernel, Padding::reflect), misfit::Identity(36));
        });
      },
      {"operator 0", "outer reaches over rows"});
  // Along dimension 1 of the differences, of which a kernel of one dimension blurs the last.
  expect_same_error<misfit::ArgumentError>(
      [&] {
        DistributedOperator(misfit::Slabs(MPI_COMM_WORLD, {9, 4}, {.dimension = 1}), 1, [](int) {
          const misfit::FiniteDifference differences({9, 4});
          return misfit::compose(
              Blur(differences.range_shape(), vector_of<double>(1, 3), Padding::reflect),
              differences);
        });
      },
      {"operator 0", "outer reaches over rows"});
  expect_same_error<misfit::ArgumentError>(
      [&] { DistributedOperator(slabs, -1, [](int) { return misfit::Identity(36); }); },
      {"n: is -1"});
}

}  // namespace
