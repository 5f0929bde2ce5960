// SPDX-License-Identifier: BSD-3-Clause

// Combinations of operators that are not linear, at a point: their products against central
// differences, wherever operators and signals lie.

#include "evaluation/linearization_checks.hpp"
#include "evaluation/nonlinear_operators.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <utility>
#include <vector>

namespace {

using namespace misfit::test::nonlinear;
using misfit::compose;
using misfit::DistributedDataFidelity;
using misfit::DistributedOperator;
using misfit::L2;
using misfit::Mask;
using misfit::scale;
using misfit::slice_by_slice;
using misfit::stack;
using misfit::test::Batch;
using misfit::test::Exec;
using misfit::test::expect_gauss_newton;
using misfit::test::expect_hessian;
using misfit::test::expect_point;
using misfit::test::gauss_newton;
using misfit::test::hessian;
using misfit::test::KeptSquare;
using misfit::test::KeptTransmission;
using misfit::test::sum_of;
using misfit::test::Transmission;
using misfit::test::vector_of;

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
  check_hessian<double>("a linear part among others",
                        [](int i) { return stack(beer_lambert(i), matrix(i, 4), squares(i, 5)); });
  check_gauss_newton<double>("a part by entries", [](int i) {
    return stack(Transmission{unknowns}, matrix(i), Mask{vector_of<double>(3, unknowns)});
  });
  check_hessian<Complex>("parts that keep differently many", [](int i) {
    return stack(std::vector{waves(i, 5), waves(i + 1, 2), waves(i + 2, 7)});
  });
  check_hessian<double>("linear parts and others of one type", [](int i) {
    return stack(std::vector<Any>{squares(i, 4), matrix(i, 3), beer_lambert(i)});
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
  check_hessian<double>("neither is",
                        [&](int i) { return compose(Any(outer(i)), Any(squares(i, rows))); });
  check_hessian<double>("both are",
                        [](int i) { return compose(Any(matrix(i, 5, rows)), Any(matrix(i))); });
  check_hessian<double>("the combination", [](int i) { return Any(scale(2.0, beer_lambert(i))); });
  check_gauss_newton<double>(
      "by entries", [](int i) { return compose(Any(Transmission{rows}), Any(matrix(i))); });
  check_hessian<Complex>("complex in between", [](int i) {
    return compose(waves(i), misfit::AnyOperator<Complex>(Mask{vector_of<Complex>(4, unknowns)}));
  });
}

TEST(LinearizedCombinations, of_one_without_a_second_derivative_inside_fail_on_all_ranks) {
  const DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    misfit::AnyOperator<Complex> inner(Mask{vector_of<Complex>(4, unknowns)});
    if (i == 2) inner = KeptSquare<Complex>{unknowns};
    return compose(waves(i), inner);
  });
  const auto x = signals<Complex>(1), v = signals<Complex>(2), h = signals<Complex>(3);
  const DistributedDataFidelity fidelity(L2{0.7});
  auto point = fidelity.at(Exec{}, x, misfit::test::data_for<double>(operators), operators);
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] { point.hessian(v, h); }, {"operator 2", "Compose: the inner", "second derivative"});
  expect_gauss_newton<double>(operators, x, v);
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

}  // namespace
