// SPDX-License-Identifier: BSD-3-Clause

// Views of every layout give what contiguous ones give, to the last bit, and nothing is written
// beside them.

#include "evaluation/laid_views.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <vector>

namespace {

using misfit::Scope;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_neighbours_untouched;
using misfit::test::fill;
using misfit::test::GapsBetweenEntries;
using misfit::test::GapsBetweenSignals;
using misfit::test::laid;
using misfit::test::LeftLayout;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::vector_of;

constexpr std::size_t unknowns = 5, batch = 3;
constexpr int count = 4;

std::size_t rows(int i) { return 2 + static_cast<std::size_t>(i); }

template <typename Parameters>
class LayoutsTest : public testing::Test {
 protected:
  using T = typename Parameters::T;
  using Layout = typename Parameters::Layout;
  using Plain = Kokkos::View<T**, Kokkos::LayoutRight>;

  static Plain plain(std::size_t seed, std::size_t n) { return batch_of<T>(seed, batch, n); }
  static auto user(std::size_t seed, std::size_t n) { return laid<Layout>(plain(seed, n)).view; }
  static auto target(std::size_t n) {
    const auto made = Layout::template make<T>(batch, n);
    fill<T>(made);
    return made;
  }
  static std::vector<Plain> plain_data(const std::vector<int>& indices) {
    std::vector<Plain> data;
    for (const int i : indices) data.push_back(plain(20 + static_cast<std::size_t>(i), rows(i)));
    return data;
  }
  static auto user_data(const std::vector<int>& indices) {
    std::vector<decltype(user(0, 1))> data;
    for (const int i : indices) data.push_back(user(20 + static_cast<std::size_t>(i), rows(i)));
    return data;
  }

  const Exec exec{};
  const misfit::DistributedOperator<MatrixOperator<T>> operators{
      MPI_COMM_WORLD, count,
      [](int i) { return MatrixOperator<T>(static_cast<std::size_t>(i), rows(i), unknowns); }};
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.7}};
};

template <typename S, typename L>
struct Case {
  using T = S;
  using Layout = L;
};
using Cases = testing::Types<Case<float, LeftLayout>, Case<double, LeftLayout>,
                             Case<Kokkos::complex<float>, LeftLayout>,
                             Case<double, GapsBetweenSignals>, Case<double, GapsBetweenEntries>,
                             Case<Kokkos::complex<double>, GapsBetweenEntries>>;
TYPED_TEST_SUITE(LayoutsTest, Cases);

TYPED_TEST(LayoutsTest, values_and_gradients) {
  using T = typename TypeParam::T;
  const auto& indices = this->operators.local_indices();
  const auto x = this->plain(1, unknowns);
  const auto user_x = this->user(1, unknowns);
  const auto y = this->plain_data(indices);
  const auto user_y = this->user_data(indices);
  const auto kept = this->operators.measurements(user_y);
  const typename TestFixture::Plain gradient("gradient", batch, unknowns);
  for (const auto scope : {Scope::global, Scope::local}) {
    const auto target = this->target(unknowns), target_of_grad = this->target(unknowns);

    const auto expected =
        this->fidelity.fn_and_grad(this->exec, x, y, this->operators, gradient, scope);
    const auto both =
        this->fidelity.fn_and_grad(this->exec, user_x, user_y, this->operators, target.view, scope);
    this->fidelity.grad(this->exec, user_x, kept, this->operators, target_of_grad.view, scope);

    EXPECT_EQ(both, expected);
    EXPECT_EQ(this->fidelity.fn(this->exec, user_x, user_y, this->operators, scope),
              this->fidelity.fn(this->exec, x, y, this->operators, scope));
    EXPECT_EQ(on_host(target.view), on_host(gradient));
    EXPECT_EQ(on_host(target_of_grad.view), on_host(gradient));
    expect_neighbours_untouched<T>(target);
    expect_neighbours_untouched<T>(target_of_grad);
  }
}

TYPED_TEST(LayoutsTest, operators_and_adjoints) {
  using T = typename TypeParam::T;
  const auto x = this->plain(1, unknowns);
  const auto user_x = this->user(1, unknowns);
  const auto& indices = this->operators.local_indices();
  const auto y = this->plain_data(indices);
  const auto user_y = this->user_data(indices);
  const typename TestFixture::Plain expected("expected", batch, unknowns);
  const auto check = [&](auto&& plain_call, auto&& user_call) {
    const auto target = this->target(unknowns);
    plain_call(expected);
    user_call(target.view);
    EXPECT_EQ(on_host(target.view), on_host(expected));
    expect_neighbours_untouched<T>(target);
  };
  for (const auto scope : {Scope::global, Scope::local}) {
    check([&](const auto& g) { this->operators.adjoint(this->exec, y, g, scope); },
          [&](const auto& g) { this->operators.adjoint(this->exec, user_y, g, scope); });
    check([&](const auto& g) { this->operators.vjp(this->exec, x, y, g, scope); },
          [&](const auto& g) { this->operators.vjp(this->exec, user_x, user_y, g, scope); });
    check([&](const auto& g) { this->operators.normal(this->exec, x, g, scope); },
          [&](const auto& g) { this->operators.normal(this->exec, user_x, g, scope); });

    std::vector<int> written = indices;
    if (scope == Scope::global) written = {0, 1, 2, 3};
    std::vector<typename TestFixture::Plain> plain_out;
    std::vector<decltype(this->target(1))> targets;
    std::vector<decltype(this->target(1).view)> out;
    for (const int i : written) {
      plain_out.emplace_back("out", batch, rows(i));
      targets.push_back(this->target(rows(i)));
      out.push_back(targets.back().view);
    }
    this->operators.forward(this->exec, x, plain_out, scope);
    this->operators.forward(this->exec, user_x, out, scope);
    for (std::size_t k = 0; k < written.size(); ++k) {
      EXPECT_EQ(on_host(out[k]), on_host(plain_out[k]));
      expect_neighbours_untouched<T>(targets[k]);
    }
  }
}

TYPED_TEST(LayoutsTest, solvers) {
  using T = typename TypeParam::T;
  const auto& indices = this->operators.local_indices();
  const auto x = this->plain(1, unknowns);
  const auto y = this->plain_data(indices);
  const typename TestFixture::Plain expected("expected", batch, unknowns);
  const auto target = this->target(unknowns), from_prox = this->target(unknowns),
             in_place = laid<typename TypeParam::Layout>(x);

  this->operators.least_squares(this->exec, y, expected, {.tolerance = 1e-5});
  this->operators.least_squares(this->exec, this->user_data(indices), target.view,
                                {.tolerance = 1e-5});
  EXPECT_EQ(on_host(target.view), on_host(expected));
  expect_neighbours_untouched<T>(target);

  this->fidelity.prox(this->exec, 0.3, x, y, this->operators, expected);
  this->fidelity.prox(this->exec, 0.3, this->user(1, unknowns), this->user_data(indices),
                      this->operators, from_prox.view);
  this->fidelity.prox(this->exec, 0.3, in_place.view, y, this->operators, in_place.view);
  EXPECT_EQ(on_host(from_prox.view), on_host(expected));
  EXPECT_EQ(on_host(in_place.view), on_host(expected));
  expect_neighbours_untouched<T>(from_prox);
}

TEST(Layouts, left_batch_of_measurements_by_numbers) {
  const Exec exec;
  const misfit::DistributedOperator identity(MPI_COMM_WORLD, 1,
                                             [](int) { return misfit::Identity{3}; });
  const Kokkos::View<double**, Kokkos::LayoutRight> x("x", 2, 3);
  const auto y = identity.measurements([](int) {
    Kokkos::View<double**, Kokkos::LayoutLeft, Kokkos::HostSpace> host("y", 2, 3);
    for (int j = 0; j < 3; ++j) {
      host(0, j) = j;
      host(1, j) = 10 + j;
    }
    return Kokkos::create_mirror_view_and_copy(Exec{}, host);
  });

  const auto values = misfit::DistributedDataFidelity(misfit::L2{1.0}).fn(exec, x, y, identity);

  EXPECT_EQ(values, (std::vector<double>{2.5, 182.5}));  // ½ (0 + 1 + 4), ½ (100 + 121 + 144)
}

TEST(Layouts, columns_of_a_matrix_are_signals) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, count, [](int i) {
    return MatrixOperator<double>(static_cast<std::size_t>(i), rows(i), unknowns);
  });
  const auto y = operators.measurements(
      [](int i) { return vector_of<double>(static_cast<std::size_t>(i), rows(i)); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const Kokkos::View<double**, Kokkos::LayoutRight> columns("columns", unknowns, 2);
  const auto x = vector_of<double>(1, unknowns);
  const Kokkos::View<double*> gradient("gradient", unknowns);
  const auto first = Kokkos::subview(columns, Kokkos::ALL, 0),
             second = Kokkos::subview(columns, Kokkos::ALL, 1);
  Kokkos::deep_copy(first, x);

  const double value = fidelity.fn_and_grad(exec, first, y, operators, second);

  EXPECT_EQ(value, fidelity.fn_and_grad(exec, x, y, operators, gradient));
  EXPECT_EQ(on_host(second), on_host(gradient));
  EXPECT_EQ(on_host(first), on_host(x));
}

TEST(Layouts, wrapped_phases) {
  const Exec exec;
  const auto x = batch_of<double>(1, batch, unknowns);
  const auto left = laid<LeftLayout>(x);
  const auto target = GapsBetweenEntries::make<double>(batch, unknowns);
  const Kokkos::View<double**, Kokkos::LayoutRight> expected("expected", batch, unknowns);

  misfit::wrap(exec, x, expected, 0.3);
  misfit::wrap(exec, left.view, target.view, 0.3);

  EXPECT_EQ(on_host(target.view), on_host(expected));
}

}  // namespace
