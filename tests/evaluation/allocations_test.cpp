// SPDX-License-Identifier: BSD-3-Clause

// After the first call with the same shapes, Views allocate nothing: seen through Kokkos's hooks
// for tools.

#include "evaluation/allocations.hpp"

#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace {

using misfit::test::allocations_of_second;
using misfit::test::Exec;
using misfit::test::expect_no_allocations;
using misfit::test::expect_no_allocations_if_nonlinear;
using misfit::test::vector_of;
using None = std::vector<std::string>;

TEST(Allocations, hook_sees_a_view) {
  EXPECT_EQ(allocations_of_second([] { Kokkos::View<double*> view("seen", 3); }), None{"seen"});
}

TEST(Allocations, users_operator) {
  expect_no_allocations(7, [](int i) {
    return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 3, 7);
  });
}

TEST(Allocations, dense) {
  expect_no_allocations(7, [](int i) {
    return misfit::Dense{
        misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 3, 7).matrix};
  });
}

/// Of operators make(i) on 7 unknowns, at a point.
template <typename Make>
void expect_no_allocations_at_a_point(const Make& make) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, make);
  const auto y = operators.measurements([&](int i) {
    return misfit::test::positive_vector_of(static_cast<std::size_t>(i), operators.range_size(i));
  });
  const auto x = vector_of<double>(1, 7);
  const Kokkos::View<double*> result("result", 7);
  const misfit::DistributedDataFidelity fidelity(misfit::Huber{0.5});
  auto point = fidelity.at(exec, x, y, operators);
  EXPECT_EQ(allocations_of_second([&] {
              point.move_to(x);
              point.gradient(result);
              point.gauss_newton(x, result);
              point.hessian(x, result);
            }),
            None{});
}
TEST(Allocations, of_a_point_that_moves) {
  const auto matrix = [](int i, std::size_t rows) {
    return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), rows, 7);
  };
  const auto squares = [&](int i) { return misfit::PhaseRetrieval(matrix(i, 3)); };
  expect_no_allocations_at_a_point(squares);
  expect_no_allocations_at_a_point([&](int i) {
    const misfit::PhaseRetrieval outer(misfit::test::MatrixOperator<double>(0, 2, 3));
    return misfit::stack(misfit::scale(0.1, misfit::compose(outer, squares(i))), matrix(i, 4));
  });
  expect_no_allocations_at_a_point([](int i) {
    const misfit::test::MatrixOperator<double> of_slice(static_cast<std::size_t>(i), 3, 1);
    return misfit::slice_by_slice(misfit::PhaseRetrieval(of_slice), 7);
  });
}

TEST(Allocations, sparse) {
  expect_no_allocations(3, [](int) {
    Kokkos::View<int*> row_map("row_map", 3), columns("columns", 2);
    const auto rows = Kokkos::create_mirror_view(row_map);
    rows(1) = 1, rows(2) = 2;
    Kokkos::deep_copy(row_map, rows);
    Kokkos::deep_copy(columns, 2);
    return misfit::Sparse(row_map, columns, vector_of<double>(3, 2), 3);
  });
}

TEST(Allocations, downsampled_blur_and_the_general_composition) {
  const misfit::Shape shape{6, 8};
  const auto blur = [=](int) {
    Kokkos::View<double**> kernel("kernel", 3, 3);
    Kokkos::deep_copy(kernel, 1.0 / 9);
    return misfit::Blur(shape, kernel);
  };
  expect_no_allocations(
      48, [=](int i) { return misfit::compose(misfit::Downsample(shape, 2), blur(i)); });
  expect_no_allocations(48, [=](int i) {
    return misfit::scale(0.5, misfit::compose(misfit::Mask{vector_of<double>(4, 48)}, blur(i)));
  });
}

TEST(Allocations, blurs_on_slabs) {
  const misfit::Slabs slabs(MPI_COMM_WORLD, {9, 8});
  const misfit::DistributedOperator operators(slabs, 2, [](int i) {
    return misfit::Blur({9, 8}, misfit::test::batch_of<double>(static_cast<std::size_t>(i), 3, 3));
  });
  const auto y = operators.measurements([](int) { return vector_of<double>(1, 72); });
  const auto x = vector_of<double>(2, slabs.owned_size()), g = vector_of<double>(3, x.extent(0));
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  EXPECT_EQ(allocations_of_second([&] { fidelity.fn_and_grad(Exec{}, x, y, operators, g); }),
            None{});
}

TEST(Allocations, dense_matrices_that_are_split) {
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, misfit::Partition::split(3), [](int i) {
        return misfit::Dense(misfit::test::batch_of<double>(static_cast<std::size_t>(i), 5, 7));
      });
  const auto y = operators.measurements([](int) { return vector_of<double>(1, 5); });
  const auto x = vector_of<double>(2, 7), g = vector_of<double>(3, 7);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  EXPECT_EQ(allocations_of_second([&] { fidelity.fn_and_grad(Exec{}, x, y, operators, g); }),
            None{});
}

TEST(Allocations, members_of_an_ensemble) {
  const misfit::Ensemble ensemble(MPI_COMM_WORLD);
  const misfit::DistributedOperator operators(ensemble, 3, [](int i) {
    return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 3, 7);
  });
  const auto y = operators.measurements([](int) { return vector_of<double>(1, 3); });
  const auto x = vector_of<double>(2, 7), g = vector_of<double>(3, 7);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  EXPECT_EQ(allocations_of_second([&] { fidelity.fn_and_grad(Exec{}, x, y, operators, g); }),
            None{});
}

TEST(Allocations, finite_difference) {
  expect_no_allocations(48, [](int) { return misfit::FiniteDifference({6, 8}); });
}

TEST(Allocations, phase_retrieval) {
  using T = Kokkos::complex<double>;
  expect_no_allocations_if_nonlinear<T, double>([](int i) {
    return misfit::PhaseRetrieval(
        misfit::test::MatrixOperator<T>(static_cast<std::size_t>(i), 9, 7));
  });
}

TEST(Allocations, any_operator_and_any_distance) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [](int i) {
    if (i % 2 == 0) return misfit::AnyOperator<double>(misfit::Identity{6});
    return misfit::AnyOperator<double>(misfit::Mask{vector_of<double>(4, 6)});
  });
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 6); });
  const misfit::DistributedDataFidelity fidelity(operators, [](int i) {
    return i % 2 == 0 ? misfit::AnyDistance<double>(misfit::L1{})
                      : misfit::AnyDistance<double>(misfit::Huber{0.1});
  });
  const auto x = vector_of<double>(1, 6), gradient = vector_of<double>(2, 6);

  EXPECT_EQ(allocations_of_second([&] { fidelity.fn_and_grad(exec, x, y, operators, gradient); }),
            None{});
}

/// Of `call()`, which is made after one that filled all caches, and `clear()`.
template <typename Call, typename Clear>
std::size_t allocations_after(const Clear& clear, const Call& call) {
  const double before = call();
  EXPECT_EQ(allocations_of_second(call), None{});
  clear();
  misfit::test::allocations.clear();
  Kokkos::Tools::Experimental::set_allocate_data_callback(misfit::test::note_allocation);
  const double after = call();
  Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
  EXPECT_EQ(before, after);
  return misfit::test::allocations.size();
}

TEST(Allocations, are_freed_by_clear_caches_and_made_again) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, [](int i) {
    return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 3, 7);
  });
  const auto y = operators.measurements([](int) { return vector_of<double>(20, 3); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  const auto x = vector_of<double>(1, 7), gradient = vector_of<double>(2, 7);
  EXPECT_GT(allocations_after(
                [&] {
                  operators.clear_caches();
                  fidelity.clear_caches();
                },
                [&] {
                  operators.normal(exec, x, gradient);
                  return fidelity.fn_and_grad(exec, x, y, operators, gradient);
                }),
            1U);
}

// That in which messages of a long gradient wait, too.
TEST(Allocations, of_sums_over_ranks_are_freed_by_clear_caches) {
  const Exec exec;
  const std::size_t n = 2000;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 2,
                                              [=](int) { return misfit::Identity(n); });
  if (operators.communicator().size() == 1) return;
  const auto y = operators.measurements([=](int) { return vector_of<double>(20, n); });
  const auto gradient = vector_of<double>(2, n);
  allocations_after([&] { operators.clear_caches(); },
                    [&] {
                      operators.adjoint(exec, y, gradient);
                      return operators.communicator().size();
                    });
  const auto& labels = misfit::test::allocations;
  EXPECT_NE(std::find(labels.begin(), labels.end(), "misfit::Communicator::scratch"), labels.end());
}

// x with ghost rows, the gradient with ghost rows, and two kinds of messages.
TEST(Allocations, of_slabs_are_freed_by_clear_caches) {
  const Exec exec;
  const misfit::Slabs slabs(MPI_COMM_WORLD, {9, 8});
  const misfit::DistributedOperator operators(slabs, 2, [](int i) {
    return misfit::Blur({9, 8}, misfit::test::batch_of<double>(static_cast<std::size_t>(i), 3, 3));
  });
  const auto x = vector_of<double>(2, slabs.owned_size()), g = vector_of<double>(3, x.extent(0));
  const auto forward_and_back = [&] {
    operators.normal(exec, x, g);
    return slabs.norm(exec, g);
  };
  EXPECT_GE(allocations_after([&] { operators.clear_caches(); }, forward_and_back), 5U);
}

}  // namespace
