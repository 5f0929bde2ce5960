// SPDX-License-Identifier: BSD-3-Clause

// Operators that are split over ranks against the same operators, whole, on one rank.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/operators/any_operator.hpp>
#include <misfit/operators/blur.hpp>
#include <misfit/operators/compose.hpp>
#include <misfit/operators/dense.hpp>
#include <misfit/operators/downsample.hpp>
#include <misfit/operators/finite_difference.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/operators/mask.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/operators/radon.hpp>
#include <misfit/operators/scale.hpp>
#include <misfit/operators/sparse.hpp>
#include <misfit/partition.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>
#include <misfit/testing/check_adjoint.hpp>
#if defined(MISFIT_FOURIER)
#include <misfit/operators/nonuniform_fourier.hpp>
#include <misfit/operators/ptychography.hpp>
#endif

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::AnyOperator;
using misfit::Blur;
using misfit::Dense;
using misfit::DistributedOperator;
using misfit::Padding;
using misfit::Partition;
using misfit::Rows;
using misfit::Scope;
using misfit::Shape;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::vector_of;
using misfit::test::widen;
using misfit::test::world_size;

template <typename T>
class SplitOperators : public testing::Test {
 protected:
  using Real = misfit::detail::Real<T>;
  static constexpr double epsilon = std::numeric_limits<Real>::epsilon();
  const Exec exec{};

  template <typename V>
  void expect_near(const V& view, const V& expected, double scale) const {
    const auto a = on_host(view), b = on_host(expected);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t j = 0; j < a.size(); ++j)
      ASSERT_LE(std::abs(widen(a[j]) - widen(b[j])), 200 * epsilon * scale) << "entry " << j;
  }

  /// Of operators make(i), of measurements of type U. The bound of the parts' norm is no larger
  /// than `looseness` times that of the whole.
  template <typename U = T, typename Make>
  void check(const std::string& name, const Make& make, double looseness = 1) {
    const int ranks = world_size();
    for (const int n : std::set{0, 1, ranks - 1, ranks, ranks + 1}) {
      SCOPED_TRACE(name + ", " + std::to_string(n) + " operators");
      std::vector<double> costs;
      for (int i = 0; i < n; ++i) costs.push_back(1 + i % 3);
      const DistributedOperator parts(MPI_COMM_WORLD, Partition::split(costs), make);
      const DistributedOperator whole(MPI_COMM_SELF, n, make);
      const std::size_t unknowns = n > 0 ? whole.domain_size() : 5;
      EXPECT_EQ(parts.domain_size(), whole.domain_size());
      expect_rows_of_the_plan(parts, whole, Partition::split(costs));
      const auto data = [&](int i) {
        return batch_of<U>(30 + static_cast<std::size_t>(i), 2, whole.range_size(i));
      };
      const auto y = parts.measurements(data), all_y = whole.measurements(data);
      const auto x = batch_of<T>(1, 2, unknowns);
      const decltype(batch_of<T>(1, 2, 1)) g("g", 2, unknowns), expected_g("g", 2, unknowns);
      const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, misfit::Reduction::mean);
      const auto expected = fidelity.fn_and_grad(exec, x, all_y, whole, expected_g);
      const auto values = fidelity.fn_and_grad(exec, x, y, parts, g);
      for (std::size_t b = 0; b < 2; ++b)
        EXPECT_NEAR(values[b], expected[b], 200 * epsilon * (1 + expected[b]));
      expect_near(g, expected_g, 50 + 20 * expected[0]);
      using Op = typename decltype(whole)::operator_type;
      if constexpr (misfit::LinearOperator<Op, T, U>) check_linear(parts, whole, x, looseness);
    }
  }

  /// Each rank has the rows that the plan gives it, and no others.
  template <typename Parts, typename Whole>
  void expect_rows_of_the_plan(const Parts& parts, const Whole& whole,
                               const misfit::SplitPartition& plan) const {
    std::size_t k = 0;
    for (const misfit::OperatorPart& part : plan.parts(misfit::test::world_rank(), world_size())) {
      const auto& op = whole.local_operator(static_cast<std::size_t>(part.index));
      EXPECT_EQ(parts.owner(part.index), -1);
      if (op.range_size() == 0) continue;
      const Rows rows = part.of(op.measurement_rows().rows.size());
      if (rows.empty()) continue;
      ASSERT_LT(k, parts.local_indices().size());
      EXPECT_EQ(parts.local_indices()[k], part.index);
      EXPECT_EQ(parts.local_rows(k), rows);
      EXPECT_EQ(parts.local_operator(k).range_size() * op.measurement_rows().rows.size(),
                op.range_size() * rows.size());
      ++k;
    }
    EXPECT_EQ(k, parts.local_indices().size());
  }

  template <typename Parts, typename Whole, typename X>
  void check_linear(const Parts& parts, const Whole& whole, const X& x, double looseness) {
    const X g("g", 2, x.extent(1)), expected_g("g", 2, x.extent(1));
    for (const Scope scope : {Scope::local, Scope::global}) {
      auto own = parts.template allocate_measurements<T>(2);
      auto all = whole.template allocate_measurements<T>(2);
      parts.forward(exec, x, own, scope);
      whole.forward(exec, x, all, Scope::local);
      exec.fence();
      const auto expected =
          parts.measurements([&](int i) { return all[static_cast<std::size_t>(i)]; });
      for (std::size_t k = 0; k < own.size(); ++k) expect_near(own[k], expected[k], 50);
      parts.adjoint(exec, own, g);
      whole.adjoint(exec, all, expected_g);
      expect_near(g, expected_g, 500);
    }
    parts.normal(exec, x, g);
    whole.normal(exec, x, expected_g);
    expect_near(g, expected_g, 500);
    const auto adjoint = misfit::check_adjoint<T>(exec, parts);
    EXPECT_TRUE(adjoint.passed()) << adjoint;
    if (whole.size() == 0) return;
    const double bound = parts.template norm_squared_bound<T>(exec);
    EXPECT_GE((1 + 1e-4) * bound, whole.template norm_squared<T>(exec).value);
    EXPECT_LE(bound, (1 + 1e-4) * looseness * whole.template norm_squared_bound<T>(exec));
  }
};
// How operators are cut does not depend on what they hold: two types stand for four.
using TwoScalars = testing::Types<float, Kokkos::complex<double>>;
TYPED_TEST_SUITE(SplitOperators, TwoScalars);

template <typename T, typename Layout>
Kokkos::View<T**, Layout> matrix(std::size_t k, std::size_t rows, std::size_t columns) {
  const auto entries = batch_of<T>(k, rows, columns);
  const Kokkos::View<T**, Layout> view("matrix", rows, columns);
  Kokkos::deep_copy(view, entries);
  return view;
}

TYPED_TEST(SplitOperators, dense) {
  using T = TypeParam;
  this->check("by rows", [](int i) -> AnyOperator<T> {
    return Dense(matrix<T, Kokkos::LayoutRight>(static_cast<std::size_t>(i),
                                                3 + static_cast<std::size_t>(i), 4));
  });
  this->check("by columns, some without rows", [](int i) -> AnyOperator<T> {
    return Dense(matrix<T, Kokkos::LayoutLeft>(static_cast<std::size_t>(i),
                                               3 * static_cast<std::size_t>(i % 2), 4));
  });
}

/// A View of the same memory that does not keep it.
template <typename V>
auto unmanaged(const V& view) {
  return Kokkos::View<typename V::data_type, typename V::array_layout, typename V::memory_space,
                      Kokkos::MemoryTraits<Kokkos::Unmanaged>>(view.data(), view.layout());
}

TYPED_TEST(SplitOperators, rows_of_unmanaged_views_are_owned) {
  using T = TypeParam;
  const DistributedOperator parts(MPI_COMM_WORLD, Partition::split(2), [](int i) {
    return Dense{batch_of<T>(static_cast<std::size_t>(i), 90, 4)};
  });
  std::vector<decltype(batch_of<T>(1, 2, 1))> memory;
  for (std::size_t i = 0; i < 2; ++i) memory.push_back(batch_of<T>(30 + i, 2, 90));
  const auto data = [&](int i) { return memory[static_cast<std::size_t>(i)]; };
  // With a gap between the signals.
  const decltype(batch_of<T>(1, 2, 1)) wide("wide", 2, 180);
  const auto part = [&](std::size_t i) {
    return Kokkos::subview(unmanaged(wide), Kokkos::ALL, std::pair(90 * i, 90 * (i + 1)));
  };
  for (std::size_t i = 0; i < 2; ++i) Kokkos::deep_copy(this->exec, part(i), memory[i]);
  const auto x = batch_of<T>(1, 2, 4);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto expected = fidelity.fn(this->exec, x, parts.measurements(data), parts);

  const auto of_factory =
      parts.measurements([&](int i) { return unmanaged(memory[static_cast<std::size_t>(i)]); });
  const auto of_list = parts.measurements(this->exec, std::vector{part(0), part(1)});
  // Where memory was given back others have it now.
  std::vector<Kokkos::View<T*>> others;
  for (std::size_t n = 1; n <= 180; ++n)
    for (int k = 0; k < 3; ++k) others.push_back(vector_of<T>(n, n));

  EXPECT_EQ(fidelity.fn(this->exec, x, of_factory, parts), expected);
  EXPECT_EQ(fidelity.fn(this->exec, x, of_list, parts), expected);
}

TYPED_TEST(SplitOperators, sparse) {
  using T = TypeParam;
  this->check("sparse", [](int i) -> AnyOperator<T> {
    // Row r has r % 3 entries.
    std::vector<int> starts{0}, columns;
    for (int r = 0; r < 8 + i; ++r) {
      for (int e = 0; e < r % 3; ++e) columns.push_back((2 * r + 3 * e + i) % 7);
      starts.push_back(static_cast<int>(columns.size()));
    }
    const auto in_view = [](const std::vector<int>& numbers) {
      const Kokkos::View<int*> view("numbers", numbers.size());
      const auto host = Kokkos::create_mirror_view(view);
      for (std::size_t j = 0; j < numbers.size(); ++j) host(j) = numbers[j];
      Kokkos::deep_copy(view, host);
      return view;
    };
    return misfit::Sparse(in_view(starts), in_view(columns),
                          vector_of<T>(static_cast<std::size_t>(i), columns.size()), 7);
  });
}

TYPED_TEST(SplitOperators, entry_by_entry) {
  using T = TypeParam;
  this->check("masks and identities", [](int i) -> AnyOperator<T> {
    if (i % 2 == 0) return misfit::Mask{vector_of<T>(static_cast<std::size_t>(i), 11)};
    return misfit::scale(1.5, misfit::Identity(11));
  });
}

TYPED_TEST(SplitOperators, blurs) {
  using T = TypeParam;
  for (const Padding padding :
       {Padding::circular, Padding::reflect, Padding::replicate, Padding::valid})
    for (const std::size_t factor : {1UL, 2UL})
      for (const Shape& shape : {Shape{9, 5}, Shape{2, 4, 9}})
        this->check(shape.text() + ", padding " + std::to_string(static_cast<int>(padding)),
                    [&](int i) -> AnyOperator<T> {
                      const auto k = static_cast<std::size_t>(i);
                      const Blur<T> blur(shape, batch_of<T>(10 + k, 1 + k % 3, 3), padding);
                      return compose(misfit::Downsample(blur.range_shape(), factor), blur);
                    });
}

TYPED_TEST(SplitOperators, projections_and_products) {
  using T = TypeParam;
  const std::vector<double> angles{0.1, 1.2, 2.0, 2.9};
  this->check("angles", [&](int) -> AnyOperator<T> { return misfit::Radon({6, 5}, angles); });
  this->check("slices", [&](int) -> AnyOperator<T> { return misfit::Radon({5, 3, 4}, angles); });
  for (const Shape& shape : {Shape{9}, Shape{7, 4}, Shape{5, 3, 4}})
    this->check("differences of " + shape.text(), [&](int i) -> AnyOperator<T> {
      return misfit::FiniteDifference(shape, i % 2 == 1 ? 1 : shape.rank());
    });
  this->check(
      "a mask of a blur",
      [](int i) -> AnyOperator<T> {
        const auto k = static_cast<std::size_t>(i);
        const Blur<T> blur({6, 5}, batch_of<T>(k, 3, 3), Padding::valid);
        return misfit::compose(misfit::Mask{vector_of<T>(5, blur.range_size())}, blur);
      },
      world_size());
}

// As they are, not behind AnyOperator.
TEST(SplitOperatorsOfOneType, blurs_and_dense_matrices) {
  const misfit::test::Exec exec;
  const auto blur = [](int i) {
    return Blur<double>({9, 5}, batch_of<double>(static_cast<std::size_t>(i), 3, 3));
  };
  const DistributedOperator blurs(MPI_COMM_WORLD, Partition::split(2), blur);
  EXPECT_TRUE(misfit::check_adjoint<double>(exec, blurs).passed());
  const DistributedOperator matrices(MPI_COMM_WORLD, Partition::split(2), [](int i) {
    return Dense(matrix<double, Kokkos::LayoutLeft>(static_cast<std::size_t>(i), 7, 4));
  });
  EXPECT_TRUE(misfit::check_adjoint<double>(exec, matrices).passed());
}

TYPED_TEST(SplitOperators, intensities) {
  using T = TypeParam;
  using R = typename TestFixture::Real;
  this->template check<R>("intensities", [](int i) {
    return misfit::PhaseRetrieval(
        Dense(matrix<T, Kokkos::LayoutRight>(static_cast<std::size_t>(i), 5, 4)));
  });
}

#if defined(MISFIT_FOURIER)

template <typename T>
using SplitFourier = SplitOperators<T>;
TYPED_TEST_SUITE(SplitFourier, testing::Types<Kokkos::complex<double>>);

TYPED_TEST(SplitFourier, samples_of_a_spectrum) {
  using T = TypeParam;
  this->check(
      "samples",
      [](int i) -> AnyOperator<T> {
        return misfit::NonuniformFourier<T>({6, 7},
                                            batch_of<double>(static_cast<std::size_t>(i), 9, 2));
      },
      world_size());
}

TYPED_TEST(SplitFourier, positions_of_a_probe) {
  using T = TypeParam;
  const auto make = [](int i) {
    const std::vector<misfit::ScanPosition> positions{{0, 0}, {1, 2}, {3, 1}, {3, 4}, {2, i % 4}};
    return misfit::Ptychography<T>({7, 8}, batch_of<T>(static_cast<std::size_t>(i), 3, 4),
                                   positions);
  };
  this->template check<double>("intensities", make);
  this->check("waves", [&](int i) -> AnyOperator<T> { return make(i).linear_operator(); });
}

#endif

}  // namespace
