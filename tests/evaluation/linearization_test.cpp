// SPDX-License-Identifier: BSD-3-Clause

// A data fidelity at a point against fn, grad and central differences of grad, wherever operators
// and signals lie.

#include "evaluation/linearization_checks.hpp"
#include "evaluation/shared_matrix.hpp"
#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

namespace {

using misfit::AnyDistance;
using misfit::AnyOperator;
using misfit::Dense;
using misfit::DistributedDataFidelity;
using misfit::DistributedOperator;
using misfit::L2;
using misfit::Mask;
using misfit::PhaseRetrieval;
using misfit::Poisson;
using misfit::Reduction;
using misfit::test::Batch;
using misfit::test::batch_of;
using misfit::test::change_of_gradient;
using misfit::test::data_for;
using misfit::test::Exec;
using misfit::test::expect_near;
using misfit::test::expect_point;
using misfit::test::gauss_newton;
using misfit::test::hessian;
using misfit::test::MatrixOperator;
using misfit::test::positive_batch;
using misfit::test::positive_vector_of;
using misfit::test::sum_of;
using misfit::test::vector_of;
using misfit::test::world_size;
using Complex = Kokkos::complex<double>;

constexpr std::size_t unknowns = 9, rows = 14;

Dense<Kokkos::View<double**>> positive_matrix(int i) {
  const Kokkos::View<double**> a("matrix", rows, unknowns);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = positive_vector_of(100 + rows * static_cast<std::size_t>(i) + r, unknowns);
    for (std::size_t c = 0; c < unknowns; ++c) a(r, c) = row(c);
  }
  return Dense{a};
}

TEST(Linearization, OfMatricesIsTheHessian) {
  const DistributedOperator operators(MPI_COMM_WORLD, 4, positive_matrix);
  const auto y = data_for<double>(operators);
  const auto x = positive_batch(1, unknowns), v = batch_of<double>(2, 2, unknowns);
  expect_point(DistributedDataFidelity(L2{0.7}, Reduction::mean), x, y, operators, v, hessian);
  expect_point(DistributedDataFidelity(Poisson{1.0, 0.1}), x, y, operators, v, gauss_newton);
  expect_point(DistributedDataFidelity(AnyDistance<double>(Poisson{1.0, 0.1})), x, y, operators, v,
               hessian);
}

TEST(Linearization, OfMasksIsTheHessianAndItsDiagonal) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return Mask{positive_vector_of(static_cast<std::size_t>(i), unknowns)};
  });
  const auto y = data_for<double>(operators);
  const auto x = positive_batch(1, unknowns), ones = sum_of(x, -1, x);
  Kokkos::deep_copy(ones, 1.0);
  const DistributedDataFidelity fidelity(Poisson{1.0, 0.1}, Reduction::mean);
  expect_point(fidelity, x, y, operators, ones, hessian);
  const Batch<double> diagonal("diagonal", 2, unknowns), product("product", 2, unknowns);
  auto point = fidelity.at(Exec{}, x, y, operators);
  point.gauss_newton_diagonal(diagonal);
  point.gauss_newton(ones, product);
  expect_near(diagonal, product, 1e-14, "diagonal");
}

/// Column j of the Gauss–Newton matrix has the diagonal's entry j in place j.
template <typename Op>
void expect_diagonal(const DistributedOperator<Op>& operators) {
  const auto y = data_for<Complex>(operators);
  const auto x = batch_of<Complex>(1, 2, unknowns);
  const DistributedDataFidelity fidelity(AnyDistance<Complex>(L2{0.5}), Reduction::mean);
  auto point = fidelity.at(Exec{}, x, y, operators);
  const Batch<double> diagonal("diagonal", 2, unknowns);
  point.gauss_newton_diagonal(diagonal);
  for (std::size_t j = 0; j < unknowns; ++j) {
    const Batch<Complex> unit("unit", 2, unknowns), column("column", 2, unknowns);
    unit(0, j) = unit(1, j) = 1;
    point.gauss_newton(unit, column);
    EXPECT_NEAR(column(1, j).real(), diagonal(1, j), 1e-13 * diagonal(1, j));
  }
}
TEST(Linearization, HasTheDiagonalOfMatrices) {
  const auto matrix = [](int i) {
    const Kokkos::View<Complex**> a("matrix", rows, unknowns);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < unknowns; ++c)
        a(r, c) = misfit::test::entry<Complex>(static_cast<std::size_t>(i) + r, c);
    return a;
  };
  expect_diagonal(DistributedOperator(MPI_COMM_WORLD, 3, [&](int i) { return Dense{matrix(i)}; }));
  expect_diagonal(DistributedOperator(MPI_COMM_WORLD, 3, [&](int i) {
    const auto a = matrix(i);
    const Kokkos::View<int*> row_map("row map", rows + 1), columns("columns", rows * 2);
    const Kokkos::View<Complex*> values("values", rows * 2);
    for (std::size_t r = 0; r < rows; ++r) {
      row_map(r + 1) = static_cast<int>(2 * r + 2);
      for (std::size_t k = 0; k < 2; ++k) {
        columns(2 * r + k) = static_cast<int>((r + 4 * k) % unknowns);
        values(2 * r + k) = a(r, k);
      }
    }
    return misfit::Sparse(row_map, columns, values, unknowns);
  }));
}

PhaseRetrieval<MatrixOperator<Complex>> intensities(int i) {
  return PhaseRetrieval(MatrixOperator<Complex>(static_cast<std::size_t>(i), rows, unknowns));
}

TEST(Linearization, OfIntensitiesHasAHessian) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, intensities);
  const auto y = data_for<double>(operators);
  const auto x = batch_of<Complex>(1, 2, unknowns), v = batch_of<Complex>(2, 2, unknowns);
  const DistributedDataFidelity fidelity(L2{0.7}, Reduction::mean);
  expect_point(fidelity, x, y, operators, v, hessian);
  using Any = AnyOperator<Complex, Exec, double>;
  const DistributedOperator any(MPI_COMM_WORLD, 3, [](int i) { return Any(intensities(i)); });
  expect_point(fidelity, x, y, any, v, hessian);
}

// f(x + t v) − f(x) − t ⟨∇f, v⟩ − t² ⟨v, ∇²f v⟩ / 2 is of third order in t; symmetric.
TEST(Linearization, OfIntensitiesHasTheTaylorSeries) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, intensities);
  const auto y = data_for<double>(operators);
  const auto x = batch_of<Complex>(1, 2, unknowns), v = batch_of<Complex>(2, 2, unknowns);
  const DistributedDataFidelity fidelity(L2{0.7});
  auto point = fidelity.at(Exec{}, x, y, operators);
  const Batch<Complex> g("g", 2, unknowns), h("h", 2, unknowns), of_x("of x", 2, unknowns);
  point.gradient(g);
  point.hessian(v, h);
  point.hessian(x, of_x);
  const auto dot = [](const auto& a, const auto& b) {
    return misfit::detail::dot(Exec{}, misfit::detail::signal(a, 0), misfit::detail::signal(b, 0));
  };
  EXPECT_NEAR(dot(x, h), dot(of_x, v), 1e-13 * std::sqrt(dot(h, h) * dot(x, x)));
  const auto rest = [&](double t) {
    return fidelity.fn(Exec{}, sum_of(x, t, v), y, operators)[0] - point.value()[0] -
           t * dot(g, v) - 0.5 * t * t * dot(v, h);
  };
  EXPECT_NEAR(std::log2(rest(2e-3) / rest(1e-3)), 3, 0.02);
}

/// A matrix that counts what is asked of it.
struct Counted : MatrixOperator<double> {
  using MatrixOperator::MatrixOperator;
  std::shared_ptr<std::array<int, 2>> calls = std::make_shared<std::array<int, 2>>();
  template <typename E, typename X, typename Y>
  void apply(const E& exec, const X& x, const Y& y) const {
    ++(*calls)[0];
    MatrixOperator::apply(exec, x, y);
  }
  template <typename E, typename Y, typename X>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    ++(*calls)[1];
    MatrixOperator::add_adjoint(exec, y, x);
  }
};

TEST(Linearization, ComputesNothingTwice) {
  const DistributedOperator operators(MPI_COMM_WORLD, world_size(), [](int i) {
    return PhaseRetrieval(Counted(static_cast<std::size_t>(i), rows, unknowns));
  });
  const auto y = operators.measurements(
      [](int i) { return positive_vector_of(static_cast<std::size_t>(i), rows); });
  const auto x = vector_of<double>(1, unknowns), v = vector_of<double>(2, unknowns);
  const Kokkos::View<double*> g("g", unknowns);
  const DistributedDataFidelity fidelity(L2{0.7});
  const auto& calls = *operators.local_operator(0).linear_operator().calls;
  auto point = fidelity.at(Exec{}, x, y, operators);
  EXPECT_EQ(calls, (std::array{1, 0}));
  EXPECT_GT(point.value(), 0);
  EXPECT_EQ(point.values().size(), static_cast<std::size_t>(world_size()));
  point.gradient(g);
  EXPECT_EQ(calls, (std::array{1, 1}));
  point.gauss_newton(v, g);
  EXPECT_EQ(calls, (std::array{2, 2}));
  point.hessian(v, g);
  EXPECT_EQ(calls, (std::array{3, 3}));
  point.move_to(v);
  EXPECT_EQ(calls, (std::array{4, 3}));
  EXPECT_EQ(fidelity.data_passes(), 4);
  EXPECT_EQ(point.value(), fidelity.at(Exec{}, v, y, operators).value());
}

TEST(Linearization, OfAnOperatorWithAGradientAloneHasThat) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return misfit::test::SquaredOperator<double>(static_cast<std::size_t>(i), rows, unknowns);
  });
  const auto y = data_for<double>(operators);
  const auto x = batch_of<double>(1, 2, unknowns);
  const DistributedDataFidelity fidelity(L2{0.7});
  const Batch<double> g("g", 2, unknowns), expected("expected", 2, unknowns);
  fidelity.grad(Exec{}, x, y, operators, expected);
  fidelity.at(Exec{}, x, y, operators).gradient(g);
  expect_near(g, expected, 1e-13, "gradient");
}

/// e^{−x}, with a derivative entry by entry alone.
struct Transmission {
  std::size_t domain_size() const { return unknowns; }
  std::size_t range_size() const { return unknowns; }
  template <typename E, typename X, typename Y>
  void apply(const E&, const X& x, const Y& y) const {
    for (std::size_t j = 0; j < unknowns; ++j) y(j) = apply_at(j, x(j));
  }
  KOKKOS_FUNCTION double apply_at(std::size_t, double x) const { return std::exp(-x); }
  KOKKOS_FUNCTION double vjp_at(std::size_t, double x, double r) const { return -std::exp(-x) * r; }
};

// Where the data are what is predicted, Gauss–Newton's product is the Hessian's.
TEST(Linearization, OfAnOperatorByEntries) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [](int) { return Transmission{}; });
  const auto x = batch_of<double>(1, 2, unknowns);
  const Batch<double> predicted("predicted", 2, unknowns);
  for (std::size_t k = 0; k < x.size(); ++k) predicted.data()[k] = std::exp(-x.data()[k]);
  const auto y = operators.measurements([&](int) { return predicted; });
  const DistributedDataFidelity fidelity(L2{0.7});
  const auto v = batch_of<double>(2, 2, unknowns);
  const Batch<double> product("product", 2, unknowns);
  auto point = fidelity.at(Exec{}, x, y, operators);
  point.gauss_newton(v, product);
  expect_near(product, change_of_gradient(fidelity, x, y, operators, v, 1e-5), 1e-8, "product");
}

TEST(Linearization, OfPartsIsTheHessian) {
  const DistributedOperator operators(MPI_COMM_WORLD, misfit::Partition::split({3, 1, 2}),
                                      positive_matrix);
  const auto y = data_for<double>(operators);
  expect_point(DistributedDataFidelity(Poisson{1.0, 0.1}), positive_batch(1, unknowns), y,
               operators, batch_of<double>(2, 2, unknowns), hessian);
}

TEST(Linearization, InSlabsIsTheHessian) {
  const misfit::test::SlabCase blurs{{11, 5}, 0, misfit::Padding::reflect, 2};
  const misfit::Slabs slabs(MPI_COMM_WORLD, blurs.shape, {.dimension = 0});
  const DistributedOperator operators(slabs, 2, [&](int i) { return blurs.make<double>(i); });
  const auto y = data_for<double>(operators);
  const std::size_t own = slabs.owned_size();
  expect_point(DistributedDataFidelity(misfit::Huber{0.8}), batch_of<double>(3, 2, own), y,
               operators, batch_of<double>(4, 2, own), hessian);
}

TEST(Linearization, InAnEnsembleIsTheHessian) {
  const misfit::Ensemble ensemble(MPI_COMM_WORLD,
                                  {.ranks_per_member = world_size() % 2 == 0 ? 2 : 1});
  const DistributedOperator operators(ensemble, 3, [&](int i) {
    return misfit::test::SharedMatrix<double>(ensemble.space(), static_cast<std::size_t>(i), rows,
                                              unknowns);
  });
  const auto y = data_for<double>(operators);
  const auto own = operators.domain_size();
  expect_point(DistributedDataFidelity(L2{0.6}), batch_of<double>(3, 2, own), y, operators,
               batch_of<double>(4, 2, own), hessian);
}

}  // namespace
