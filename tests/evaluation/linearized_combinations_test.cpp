// SPDX-License-Identifier: BSD-3-Clause

// Combinations of operators that are not linear, at a point: their products against central
// differences, wherever operators and signals lie.

#include "evaluation/linearization_checks.hpp"
#include "evaluation/transmissions.hpp"
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
using misfit::test::Batch;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_near;
using misfit::test::expect_point;
using misfit::test::gauss_newton;
using misfit::test::hessian;
using misfit::test::KeptSquare;
using misfit::test::KeptTransmission;
using misfit::test::MatrixOperator;
using misfit::test::sum_of;
using misfit::test::Transmission;
using misfit::test::vector_of;
using misfit::test::world_size;
using Complex = Kokkos::complex<double>;
using Matrix = MatrixOperator<double>;
using Waves = PhaseRetrieval<MatrixOperator<Complex>>;
using Any = misfit::AnyOperator<double>;
using AnyWaves = misfit::AnyOperator<Complex, Exec, double>;

/// `rows` is odd: what an outer operator keeps of as many reals ends in half a complex number.
constexpr std::size_t unknowns = 9, rows = 7;

Matrix matrix(int i, std::size_t m = rows, std::size_t n = unknowns) {
  return {static_cast<std::size_t>(i), m, n};
}
Waves waves(int i, std::size_t m = rows) {
  return Waves({static_cast<std::size_t>(i), m, unknowns});
}
PhaseRetrieval<Matrix> squares(int i, std::size_t m, std::size_t n) {
  return PhaseRetrieval(matrix(i, m, n));
}

/// Small, for exponents.
template <typename T>
Batch<T> signals(std::size_t k, std::size_t n = unknowns) {
  const auto batch = batch_of<T>(k, 2, n);
  return sum_of(Batch<T>("signals", 2, n), 0.3, batch);
}

template <typename V>
double dot(const V& a, const V& b) {
  const double own =
      misfit::detail::dot(Exec{}, misfit::detail::all_signals(a), misfit::detail::all_signals(b));
  double sum = 0;
  MPI_Allreduce(&own, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return sum;
}
template <typename Point, typename V, typename Product>
void expect_symmetric(Point& point, const V& a, const V& b, const Product& product) {
  const V of_a("of a", a.layout()), of_b("of b", a.layout());
  product(point, a, of_a);
  product(point, b, of_b);
  EXPECT_NEAR(dot(b, of_a), dot(a, of_b),
              1e-13 * std::sqrt(dot(of_a, of_a) * dot(b, b) + dot(of_b, of_b) * dot(a, a)));
}

/// Where the data are what is predicted, Gauss–Newton's product is the Hessian's.
template <typename U, typename Ops, typename X>
void expect_gauss_newton(const Ops& operators, const X& x, const X& v) {
  const DistributedDataFidelity fidelity(L2{0.7}, misfit::Reduction::mean);
  const auto predicted = operators.template allocate_measurements<U>(2);
  operators.forward(Exec{}, x, predicted, misfit::Scope::local);
  expect_point(fidelity, x, operators.measurements(Exec{}, predicted), operators, v, gauss_newton);
  auto point = fidelity.at(Exec{}, x, misfit::test::data_for<U>(operators), operators);
  expect_symmetric(point, x, v, gauss_newton);
  const X expected("expected", x.layout()), gradient("gradient", x.layout());
  fidelity.grad(Exec{}, x, misfit::test::data_for<U>(operators), operators, expected);
  point.gradient(gradient);
  expect_near(gradient, expected, 1e-13, "gradient");
}
template <typename Ops, typename X>
void expect_hessian(const Ops& operators, const X& x, const X& v) {
  expect_gauss_newton<double>(operators, x, v);
  const DistributedDataFidelity fidelity(L2{0.7}, misfit::Reduction::mean);
  const auto y = misfit::test::data_for<double>(operators);
  expect_point(fidelity, x, y, operators, v, hessian);
  auto point = fidelity.at(Exec{}, x, y, operators);
  expect_symmetric(point, x, v, hessian);
}
/// Of operators make(i) from signals of T.
template <typename T, typename Make>
void check_gauss_newton(const char* name, const Make& make) {
  SCOPED_TRACE(name);
  const DistributedOperator operators(MPI_COMM_WORLD, 3, make);
  expect_gauss_newton<double>(operators, signals<T>(1, operators.domain_size()),
                              signals<T>(2, operators.domain_size()));
}
template <typename T, typename Make>
void check_hessian(const char* name, const Make& make) {
  SCOPED_TRACE(name);
  const DistributedOperator operators(MPI_COMM_WORLD, 3, make);
  expect_hessian(operators, signals<T>(1, operators.domain_size()),
                 signals<T>(2, operators.domain_size()));
}

auto beer_lambert(int i) { return compose(KeptTransmission{rows}, matrix(i)); }

TEST(LinearizedCombinations, of_a_transmission) {
  check_gauss_newton<double>(
      "by entries", [](int i) { return scale(3.0, compose(Transmission{rows}, matrix(i))); });
  check_hessian<double>("keeps what it transmits",
                        [](int i) { return scale(-3.0, beer_lambert(i)); });
  check_hessian<double>("of projections", [](int i) {
    const std::vector<double> angles{0.3 + i, 1.1 + i};
    misfit::Radon projections({4, 3}, angles, 5);
    return compose(KeptTransmission{projections.range_size()}, std::move(projections));
  });
  const DistributedOperator operators(MPI_COMM_WORLD, 3, beer_lambert);
  const auto y = misfit::test::data_for<double>(operators);
  expect_point(DistributedDataFidelity(misfit::Poisson{1.0, 0.1}), signals<double>(1), y, operators,
               signals<double>(2), hessian);
}

TEST(LinearizedCombinations, of_operators_that_are_scaled) {
  check_hessian<Complex>("intensities", [](int i) { return scale(-1.7, waves(i)); });
  check_gauss_newton<double>("by entries", [](int) { return scale(2.5, Transmission{unknowns}); });
}

TEST(LinearizedCombinations, of_complex_measurements_have_complex_factors) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [](int) {
    return scale(Complex(0.6, -1.1), KeptSquare<Complex>{unknowns});
  });
  expect_gauss_newton<Complex>(operators, signals<Complex>(1), signals<Complex>(2));
}

TEST(LinearizedCombinations, of_stacks) {
  check_hessian<double>("a linear part among others", [](int i) {
    return stack(beer_lambert(i), matrix(i, 4), squares(i, 5, unknowns));
  });
  check_gauss_newton<double>("a part by entries", [](int i) {
    return stack(Transmission{unknowns}, matrix(i), Mask{vector_of<double>(3, unknowns)});
  });
  check_hessian<Complex>("parts that keep differently many", [](int i) {
    return stack(std::vector{waves(i, 5), waves(i + 1, 2), waves(i + 2, 7)});
  });
  check_hessian<double>("linear parts and others of one type", [](int i) {
    return stack(std::vector<Any>{squares(i, 4, unknowns), matrix(i, 3), beer_lambert(i)});
  });
}

TEST(LinearizedCombinations, of_slices) {
  check_hessian<Complex>("one for all", [](int i) { return slice_by_slice(waves(i), 3); });
  check_hessian<double>("one for each, linear or not", [](int i) {
    return slice_by_slice(std::vector<Any>{squares(i, 4, 5), matrix(i, 4, 5), squares(7, 4, 5)});
  });
  check_gauss_newton<double>("by entries", [](int) { return slice_by_slice(Transmission{3}, 2); });
}

TEST(LinearizedCombinations, of_two_one_after_the_other) {
  const Mask mask{vector_of<Complex>(4, unknowns)};
  check_hessian<Complex>("linear inside", [&](int i) { return compose(waves(i), mask); });
  check_hessian<Complex>("linear outside",
                         [](int i) { return compose(matrix(i, 4, rows), waves(i)); });
  check_gauss_newton<Complex>("reals kept beside complex numbers",
                              [](int i) { return compose(Transmission{rows}, waves(i)); });
  check_hessian<Complex>("neither linear",
                         [](int i) { return compose(KeptTransmission{rows}, waves(i)); });
  check_hessian<Complex>("three", [](int i) {
    return compose(squares(i, 3, rows), compose(KeptTransmission{rows}, waves(i)));
  });
}

TEST(LinearizedCombinations, of_operators_that_may_be_linear) {
  const auto outer = [](int i) { return squares(i, 5, rows); };
  check_hessian<double>("outside", [&](int i) { return compose(Any(outer(i)), matrix(i)); });
  check_hessian<double>("inside", [&](int i) { return compose(outer(i), Any(matrix(i))); });
  check_hessian<double>(
      "neither is", [&](int i) { return compose(Any(outer(i)), Any(squares(i, rows, unknowns))); });
  check_hessian<double>("both are",
                        [](int i) { return compose(Any(matrix(i, 5, rows)), Any(matrix(i))); });
  check_hessian<double>("the combination", [](int i) { return Any(scale(2.0, beer_lambert(i))); });
  check_gauss_newton<double>(
      "by entries", [](int i) { return compose(Any(Transmission{rows}), Any(matrix(i))); });
  check_hessian<Complex>("complex in between", [](int i) {
    return compose(waves(i), misfit::AnyOperator<Complex>(Mask{vector_of<Complex>(4, unknowns)}));
  });
}

TEST(LinearizedCombinations, without_a_second_derivative_inside_say_so) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return compose(waves(i, unknowns), misfit::AnyOperator<Complex>(KeptSquare<Complex>{unknowns}));
  });
  const auto x = signals<Complex>(1), v = signals<Complex>(2), h = signals<Complex>(3);
  auto point = DistributedDataFidelity(L2{0.7}).at(
      Exec{}, x, misfit::test::data_for<double>(operators), operators);
  misfit::test::expect_same_error<misfit::ArgumentError>([&] { point.hessian(v, h); },
                                                         {"Compose", "inner", "second derivative"});
  point.gauss_newton(v, h);
}

TEST(LinearizedCombinations, have_the_taylor_series) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return stack(scale(2.0, compose(KeptTransmission{rows}, waves(i))), waves(i));
  });
  const auto y = misfit::test::data_for<double>(operators);
  const auto x = signals<Complex>(1), v = signals<Complex>(2);
  const DistributedDataFidelity fidelity(L2{0.7});
  auto point = fidelity.at(Exec{}, x, y, operators);
  const Batch<Complex> g("g", 2, unknowns), h("h", 2, unknowns);
  point.gradient(g);
  point.hessian(v, h);
  const auto of_first = [](const auto& a, const auto& b) {
    return misfit::detail::dot(Exec{}, misfit::detail::signal(a, 0), misfit::detail::signal(b, 0));
  };
  const auto rest = [&](double t) {
    return fidelity.fn(Exec{}, sum_of(x, t, v), y, operators)[0] - point.value()[0] -
           t * of_first(g, v) - 0.5 * t * t * of_first(v, h);
  };
  EXPECT_NEAR(std::log2(rest(2e-3) / rest(1e-3)), 3, 0.02);
}

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
  expect_counts(
      "stack", [&](const Counted& a) { return stack(compose(outer, a), squares(1, 2, unknowns)); });
  expect_counts("a linear part of a stack",
                [&](const Counted& a) { return stack(a, squares(1, 2, unknowns)); });
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
  EXPECT_EQ(kept(stack(matrix(0), squares(0, 3, unknowns)), double()), 3);
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
