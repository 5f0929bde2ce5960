// SPDX-License-Identifier: BSD-3-Clause

// Combinations of operators that are not linear, at a point: in parts, in slabs, and what they keep
// and compute.

#include "evaluation/linearization_checks.hpp"
#include "evaluation/nonlinear_operators.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <cstddef>
#include <memory>

namespace {

using namespace misfit::test::nonlinear;
using misfit::Compose;
using misfit::compose;
using misfit::DistributedDataFidelity;
using misfit::DistributedOperator;
using misfit::L2;
using misfit::LinearizableOperator;
using misfit::Mask;
using misfit::PhaseRetrieval;
using misfit::scale;
using misfit::slice_by_slice;
using misfit::stack;
using misfit::TwiceDifferentiableOperator;
using misfit::test::Exec;
using misfit::test::expect_hessian;
using misfit::test::gauss_newton;
using misfit::test::hessian;
using misfit::test::KeptTransmission;
using misfit::test::Transmission;
using misfit::test::vector_of;
using misfit::test::world_size;

TEST(LinearizedCombinations, of_rows_of_operators) {
  const auto split = misfit::Partition::split(3);
  const DistributedOperator scaled(MPI_COMM_WORLD, split,
                                   [](int i) { return scale(0.7, slice_by_slice(waves(i), 4)); });
  expect_hessian(scaled, signals<Complex>(1, 4 * unknowns), signals<Complex>(2, 4 * unknowns));
  const DistributedOperator masked(MPI_COMM_WORLD, split, [](int i) {
    return compose(PhaseRetrieval(misfit::Dense{matrix(i).matrix}),
                   Mask{vector_of<double>(4, unknowns)});
  });
  expect_hessian(masked, signals<double>(1), signals<double>(2));
}

TEST(LinearizedCombinations, in_slabs) {
  const misfit::test::SlabCase blurs{{11, 5}, 0, misfit::Padding::reflect, 1};
  const misfit::Slabs slabs(MPI_COMM_WORLD, blurs.shape, {.dimension = 0});
  const auto slices = [&](int i) { return slice_by_slice(squares(i, 4, 5), 11); };
  const std::size_t own = slabs.owned_size();
  const auto x = signals<double>(1, own), v = signals<double>(2, own);
  expect_hessian(DistributedOperator(slabs, 2, slices), x, v);
  // Beside operators that read ghost rows, which slices do not.
  expect_hessian(DistributedOperator(slabs, 3,
                                     [&](int i) -> Any {
                                       if (i == 1) return blurs.make<double>(i);
                                       return scale(1.3, slices(i));
                                     }),
                 x, v);
}

/// A matrix that counts what is asked of it.
struct Counted : Matrix {
  using Matrix::Matrix;
  std::shared_ptr<std::array<int, 2>> calls = std::make_shared<std::array<int, 2>>();
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    ++(*calls)[0];
    Matrix::apply(exec, x, y);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    ++(*calls)[1];
    Matrix::add_adjoint(exec, y, x);
  }
};

/// Of operators make(i, matrix), of which the matrix is applied once for a point.
template <typename Make>
void expect_counts(const char* name, const Make& make) {
  SCOPED_TRACE(name);
  std::shared_ptr<std::array<int, 2>> counts;
  const DistributedOperator operators(MPI_COMM_WORLD, world_size(), [&](int i) {
    const Counted counted(static_cast<std::size_t>(i), rows, unknowns);
    counts = counted.calls;
    return make(counted);
  });
  const auto y =
      operators.measurements([&](int i) { return vector_of<double>(1, operators.range_size(i)); });
  const auto x = vector_of<double>(1, unknowns), v = vector_of<double>(2, unknowns);
  const Kokkos::View<double*> g("g", unknowns);
  const DistributedDataFidelity fidelity(L2{0.7});
  auto point = fidelity.at(Exec{}, x, y, operators);
  EXPECT_EQ(*counts, (std::array{1, 0}));
  point.gradient(g);
  EXPECT_EQ(*counts, (std::array{1, 1}));
  point.gauss_newton(v, g);
  EXPECT_EQ(*counts, (std::array{2, 2}));
  point.hessian(v, g);
  EXPECT_EQ(*counts, (std::array{3, 3}));
}
TEST(LinearizedCombinations, compute_nothing_twice) {
  const KeptTransmission outer{rows};
  expect_counts("compose", [&](const Counted& a) { return compose(outer, a); });
  expect_counts("scale", [&](const Counted& a) { return scale(2.0, compose(outer, a)); });
  expect_counts("stack", [&](const Counted& a) { return stack(compose(outer, a), squares(1, 2)); });
  expect_counts("a linear part of a stack",
                [&](const Counted& a) { return stack(a, squares(1, 2)); });
  expect_counts("slice", [&](const Counted& a) { return slice_by_slice(compose(outer, a), 1); });
  expect_counts("of any", [&](const Counted& a) { return Any(compose(Any(outer), Any(a))); });
}

TEST(LinearizedCombinations, keep_what_their_parts_keep) {
  const auto kept = [](const auto& op, auto of) {
    return op.template kept_size<decltype(of), double, Exec>();
  };
  EXPECT_EQ(kept(compose(Transmission{rows}, waves(0)), Complex()), rows / 2 + 1 + rows);
  EXPECT_EQ(kept(compose(Transmission{rows}, matrix(0)), double()), rows);
  EXPECT_EQ(kept(compose(Any(Transmission{rows}), Any(matrix(0))), double()), rows);
  EXPECT_EQ(kept(scale(2.0, waves(0)), Complex()), rows);
  EXPECT_EQ(kept(stack(waves(0, 3), waves(0, 5)), Complex()), 8);
  EXPECT_EQ(kept(stack(matrix(0), squares(0, 3)), double()), 3);
  EXPECT_EQ(kept(slice_by_slice(waves(0), 4), Complex()), 4 * rows);

  const DistributedOperator operators(MPI_COMM_WORLD, world_size(),
                                      [](int i) { return compose(Transmission{rows}, waves(i)); });
  for (const auto& rank : operators.plan<Complex>().ranks)
    EXPECT_EQ(rank.linearization_bytes,
              (2 * rows + rows / 2 + 1 + rows + 3 * rows) * sizeof(Complex));
}

// Where nothing can be had, or all is linear, there is nothing.
using Squared = misfit::test::SquaredOperator<double>;
static_assert(misfit::DifferentiableOperator<Compose<Squared, Matrix>>);
static_assert(!LinearizableOperator<Compose<Squared, Matrix>>);
static_assert(!LinearizableOperator<misfit::Stack<Squared, Waves>>);
static_assert(!LinearizableOperator<Compose<Matrix, Matrix>>);
static_assert(!LinearizableOperator<misfit::Stack<Matrix, Matrix>>);
static_assert(!LinearizableOperator<misfit::Scale<double, Matrix>>);
static_assert(!LinearizableOperator<misfit::SliceBySlice<Matrix>>);
static_assert(LinearizableOperator<Compose<Transmission, Matrix>>);
static_assert(!TwiceDifferentiableOperator<Compose<Transmission, Matrix>>);
// Complex numbers in memory for reals.
static_assert(!LinearizableOperator<Compose<misfit::AnyOperator<Complex>, misfit::test::ToComplex>,
                                    double, Complex>);

}  // namespace
