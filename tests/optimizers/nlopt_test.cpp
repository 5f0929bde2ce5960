// SPDX-License-Identifier: BSD-3-Clause

// misfit/nlopt.hpp: NLopt finds the known solution; what an evaluation throws comes out on every
// rank.

#include "evaluation/allocations.hpp"
#include "optimizers/masks.hpp"

#include <misfit/misfit.hpp>
#include <misfit/nlopt.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using misfit::test::Exec;
using misfit::test::expect_error;
using misfit::test::expect_solution;
using misfit::test::image_size;
using misfit::test::masks;
using misfit::test::measurements_of;

using Opt = std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)>;

Opt made(unsigned n, nlopt_algorithm algorithm = NLOPT_LD_LBFGS) {
  Opt opt(nlopt_create(algorithm, n), nlopt_destroy);
  nlopt_set_ftol_rel(opt.get(), 1e-15);
  nlopt_set_maxeval(opt.get(), 500);
  return opt;
}

/// Weights 1 … n, which fail on the last rank from a number of applications on.
struct Failing {
  int* applications;
  int good;

  std::size_t domain_size() const { return image_size; }
  std::size_t range_size() const { return image_size; }
  template <typename X, typename Y>
  void apply(const Exec&, const X& x, const Y& y) const {
    const bool last = misfit::test::world_rank() == misfit::test::world_size() - 1;
    if (++*applications > good && last) throw std::runtime_error("the simulation failed");
    for (std::size_t j = 0; j < image_size; ++j) y(j) = static_cast<double>(j + 1) * x(j);
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec&, const Y& y, const X& x) const {
    for (std::size_t j = 0; j < image_size; ++j) x(j) += static_cast<double>(j + 1) * y(j);
  }
};

class NloptTest : public testing::Test {
 protected:
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.5}};
};

TEST_F(NloptTest, minimises) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  misfit::NloptObjective objective(Exec{}, fidelity, x, y, operators);
  const auto opt = made(objective.size());
  objective.attach(opt.get());
  double value = 0;
  EXPECT_GT(objective.optimize(opt.get(), value), 0);
  expect_solution(x);
  EXPECT_EQ(value, fidelity.fn(Exec{}, x, y, operators));
}

TEST_F(NloptTest, minimises_over_a_complex_x) {
  using T = Kokkos::complex<double>;
  const auto operators = masks();
  const auto y = measurements_of<T>(operators);
  const Kokkos::View<T*> x("x", image_size);
  misfit::NloptObjective objective(Exec{}, fidelity, x, y, operators);
  EXPECT_EQ(objective.size(), 2 * image_size);
  const auto opt = made(objective.size());
  objective.attach(opt.get());
  double value = 0;
  EXPECT_GT(objective.optimize(opt.get(), value), 0);
  expect_solution(x);
}

TEST_F(NloptTest, lets_methods_ask_for_values_alone) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  const double start = fidelity.fn(Exec{}, x, y, operators);
  misfit::NloptObjective objective(Exec{}, fidelity, x, y, operators);
  const auto opt = made(objective.size(), NLOPT_LN_BOBYQA);
  objective.attach(opt.get());
  double value = 0;
  objective.optimize(opt.get(), value);
  EXPECT_LT(value, start);
}

/// A maximum of time, to which each rank comes by its own clock.
TEST_F(NloptTest, refuses_what_ranks_cannot_agree_on) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  misfit::NloptObjective objective(Exec{}, fidelity, x, y, operators);
  const auto opt = made(objective.size());
  objective.attach(opt.get());
  nlopt_set_maxtime(opt.get(), 3600);
  double value = 0;
  if (misfit::test::world_size() == 1)
    EXPECT_GT(objective.optimize(opt.get(), value), 0);
  else
    expect_error<misfit::ArgumentError>("opt: has a maximum of time",
                                        [&] { objective.optimize(opt.get(), value); });
  nlopt_set_maxtime(opt.get(), 0);
  EXPECT_GT(objective.optimize(opt.get(), value), 0);
}

TEST_F(NloptTest, ends_with_the_error_of_an_evaluation) {
  const auto operators = masks();
  const auto y = operators.measurements([](int i) {
    return misfit::test::positive_vector_of(static_cast<std::size_t>(i), image_size);
  });
  const misfit::DistributedDataFidelity poisson(misfit::Poisson{});
  const Kokkos::View<double*> x("x", image_size);
  misfit::NloptObjective objective(Exec{}, poisson, x, y, operators);
  const auto opt = made(objective.size());
  objective.attach(opt.get());
  double value = 0;
  for (int time = 0; time < 2; ++time) {
    Kokkos::deep_copy(x, -1);
    expect_error<misfit::DomainError>("fn_and_grad: rank 0, operator 0: distance: no gradient",
                                      [&] { objective.optimize(opt.get(), value); });
  }
}

// Methods go on for some evaluations, which may be as many on one rank and fewer on another.
TEST_F(NloptTest, evaluates_no_more_after_an_error) {
  for (const auto method : {NLOPT_LD_LBFGS, NLOPT_LD_TNEWTON, NLOPT_LD_VAR2, NLOPT_LD_MMA,
                            NLOPT_LN_BOBYQA, NLOPT_GN_ORIG_DIRECT})
    for (const int good : {0, 1, 3}) {
      SCOPED_TRACE(std::string(nlopt_algorithm_name(method)) + ", " + std::to_string(good));
      int applications = 0;
      const misfit::DistributedOperator operators(
          MPI_COMM_WORLD, misfit::test::world_size(),
          [&](int) { return Failing{&applications, good}; });
      const auto y = measurements_of<double>(operators);
      const Kokkos::View<double*> x("x", image_size);
      const misfit::DistributedDataFidelity huber(misfit::Huber{1.5});
      misfit::NloptObjective objective(Exec{}, huber, x, y, operators);
      const auto opt = made(objective.size(), method);
      nlopt_set_lower_bounds1(opt.get(), -3);
      nlopt_set_upper_bounds1(opt.get(), 4);
      objective.attach(opt.get());
      applications = 0;
      double value = 0;
      expect_error<misfit::CallbackError>("the simulation failed",
                                          [&] { objective.optimize(opt.get(), value); });
      EXPECT_EQ(applications, good + 1);
    }
}

// As where nodes round otherwise.
TEST_F(NloptTest, says_where_ranks_found_different_solutions) {
  if (misfit::test::world_size() == 1) GTEST_SKIP() << "needs two ranks";
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  const auto term = [](const auto&, const auto& gradient) {
    gradient(7) += 1e-3 * misfit::test::world_rank();
    return 0.0;
  };
  misfit::NloptObjective objective(Exec{}, fidelity, x, y, operators, term);
  const auto opt = made(objective.size());
  nlopt_set_maxeval(opt.get(), 3);
  objective.attach(opt.get());
  double value = 0;
  expect_error<misfit::Error>("ranks computed steps with other roundings",
                              [&] { objective.optimize(opt.get(), value); });
}

TEST_F(NloptTest, refuses_pieces_and_other_dimensions) {
  const auto operators = masks();
  const auto y = measurements_of<double>(operators);
  const Kokkos::View<double*> x("x", image_size);
  misfit::NloptObjective objective(Exec{}, fidelity, x, y, operators);
  const auto opt = made(7);
  expect_error<misfit::ArgumentError>("opt: has dimension 7, x has 24 numbers",
                                      [&] { objective.attach(opt.get()); });

  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::test::image_shape);
  const auto in_slabs = masks(slabs);
  const auto own_y = measurements_of<double>(in_slabs);
  const Kokkos::View<double*> piece("x", in_slabs.domain_size());
  expect_error<misfit::ArgumentError>("x: is in pieces", [&] {
    misfit::NloptObjective in_pieces(Exec{}, fidelity, piece, own_y, in_slabs);
  });
}

}  // namespace
