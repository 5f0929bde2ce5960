// SPDX-License-Identifier: BSD-3-Clause

// What docs/your_data.md, docs/imaging.md, docs/optimizers.md and docs/own_operator_and_distance.md
// quote.

#include "support/matrix_operator.hpp"

#include <misfit/io/bart.hpp>
#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <complex>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using misfit::test::on_host;

const auto of_ones = [](int) {
  Kokkos::View<double*> ones("ones", 120);
  Kokkos::deep_copy(ones, 1.0);
  return ones;
};

/// e^{−u} of each entry: what is left of a ray.
struct Transmission {
  std::size_t domain_size() const { return size; }
  std::size_t range_size() const { return size; }
  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const Transmission self = *this;
    Kokkos::parallel_for(
        "Transmission", Kokkos::RangePolicy<Exec>(exec, 0, size),
        KOKKOS_LAMBDA(const std::size_t j) { y(j) = self.apply_at(j, x(j)); });
  }
  KOKKOS_FUNCTION double apply_at(std::size_t, double u) const { return std::exp(-u); }
  KOKKOS_FUNCTION double vjp_at(std::size_t, double u, double r) const { return -std::exp(-u) * r; }

  std::size_t size;
};

TEST(YourData, vectors_of_the_standard_library) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3,
                                              [](int) { return misfit::Identity(120); });
  const auto y = operators.measurements(of_ones);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  std::vector<double> data(120), result(120);

  // The memory of the vectors, without a copy.
  using Wrapped = Kokkos::View<double*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  const Wrapped host_x(data.data(), data.size()), host_gradient(result.data(), result.size());

  // Where Exec is a GPU these are copies there, on a CPU the vectors themselves.
  const auto x = Kokkos::create_mirror_view_and_copy(Exec::memory_space{}, host_x);
  const auto gradient = Kokkos::create_mirror_view(Exec::memory_space{}, host_gradient);
  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  Kokkos::deep_copy(host_gradient, gradient);

  EXPECT_DOUBLE_EQ(value, 3 * 0.5 * 120);
  EXPECT_EQ(result, std::vector<double>(120, -3.0));
}

TEST(YourData, images_as_views_of_several_dimensions) {
  const Exec exec;
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});

  // z, y, x; row-major, on a GPU too.
  Kokkos::View<double***, Kokkos::LayoutRight> volume("volume", 6, 5, 4), step("step", 6, 5, 4);
  const misfit::DistributedOperator operators(
      MPI_COMM_WORLD, 3, [](int) { return misfit::FiniteDifference(misfit::Shape{6, 5, 4}); });
  const auto y = operators.measurements(
      [&](int i) { return Kokkos::View<double*>("y", operators.range_size(i)); });
  fidelity.grad(exec, misfit::flatten(volume), y, operators, misfit::flatten(step));

  // x, y, z with x fastest, as Fortran has it: the same memory, so the same shape.
  Kokkos::View<double***, Kokkos::LayoutLeft> fortran("fortran", 4, 5, 6);
  const double value = fidelity.fn(exec, misfit::flatten(fortran), y, operators);

  EXPECT_EQ(value, 0);
  EXPECT_EQ(on_host(misfit::flatten(step)), std::vector<double>(120, 0.0));
}

TEST(YourData, batches) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3,
                                              [](int) { return misfit::Identity(120); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});

  // Eight signals at once; LayoutRight, so that each is contiguous and nothing is copied.
  using Batch = Kokkos::View<double**, Kokkos::LayoutRight>;
  const Batch x("x", 8, 120), gradient("gradient", 8, 120);
  const auto y = operators.measurements([](int) {
    const Batch ones("ones", 8, 120);
    Kokkos::deep_copy(ones, 1.0);
    return ones;
  });
  const std::vector<double> values = fidelity.fn_and_grad(exec, x, y, operators, gradient);

  // Each signal is solved by itself, and says how it went.
  const misfit::BatchSolverResult result = operators.least_squares(exec, y, x);
  const bool first = result.signals[0].converged, all = result.converged;
  fidelity.prox(exec, 0.5, x, y, operators, x);

  EXPECT_EQ(values, std::vector<double>(8, 180.0));
  EXPECT_TRUE(first && all);
  EXPECT_NEAR(on_host(Kokkos::subview(x, 7, Kokkos::ALL))[119], 1, 1e-6);
}

TEST(YourData, columns_of_a_matrix) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3,
                                              [](int) { return misfit::Identity(120); });
  const auto y = operators.measurements(of_ones);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});

  // Strided: copied in each call.
  Kokkos::View<double**, Kokkos::LayoutRight> columns("columns", 120, 4);
  const auto column = Kokkos::subview(columns, Kokkos::ALL, 2);
  const double value = fidelity.fn(exec, column, y, operators);

  EXPECT_DOUBLE_EQ(value, 180);
}

TEST(YourData, complex_numbers) {
  const Exec exec;
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});

  // std::complex and Kokkos::complex lie in memory alike.
  std::vector<std::complex<double>> samples(4, {0, 2});
  using Complex = Kokkos::complex<double>;
  const Kokkos::View<Complex*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> host(
      reinterpret_cast<Complex*>(samples.data()), samples.size());
  const auto x = Kokkos::create_mirror_view_and_copy(Exec::memory_space{}, host);

  // f = ½ |x|² for y = 0: the gradient is x itself, f(x + h) = f(x) + Re⟨∇f, h⟩ + …
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 1,
                                              [](int) { return misfit::Identity(4); });
  const auto y = operators.measurements([](int) { return Kokkos::View<Complex*>("y", 4); });
  const Kokkos::View<Complex*> gradient("gradient", 4);
  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);

  EXPECT_DOUBLE_EQ(value, 8);
  EXPECT_EQ(on_host(gradient), std::vector<Complex>(4, Complex(0, 2)));
}

TEST(YourData, operators_and_distances_of_several_types) {
  using Operator = misfit::AnyOperator<double>;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 4, [](int i) {
    if (i == 0) return Operator(misfit::Identity(120));
    return Operator(misfit::FiniteDifference(misfit::Shape{10, 12}));
  });
  using Distance = misfit::AnyDistance<double>;
  const misfit::DistributedDataFidelity fidelity(operators, [](int i) {
    return i == 0 ? Distance(misfit::L2{0.5}) : Distance(misfit::Huber{0.1});
  });
  const auto y = operators.measurements(
      [&](int i) { return Kokkos::View<double*>("y", operators.range_size(i)); });
  const auto x = of_ones(0);

  EXPECT_DOUBLE_EQ(fidelity.fn(Exec{}, x, y, operators), 120 / (2 * 0.25));
}

TEST(Optimizers, a_linearisation) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3,
                                              [](int) { return misfit::Mask{of_ones(0)}; });
  const auto y = operators.measurements([](int) { return Kokkos::View<double*>("y", 120); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const auto x = of_ones(0), v = of_ones(0), trial = of_ones(0);
  const Kokkos::View<double*> gradient("gradient", 120), product("product", 120), d("d", 120);

  // Each A_i is applied once, here.
  auto point = fidelity.at(exec, x, y, operators);
  const double value = point.value();
  const std::vector<double> of_each_operator = point.values();
  point.gradient(gradient);        // one adjoint of each A_i
  point.gauss_newton(v, product);  // R_i J_i^H D_i J_i v: one J_i and one adjoint
  point.gauss_newton_diagonal(d);  // for a preconditioner
  point.move_to(trial);            // another x, in the same memory

  EXPECT_DOUBLE_EQ(value, 180);
  EXPECT_EQ(of_each_operator, std::vector<double>(3, 60.0));
  EXPECT_EQ(on_host(gradient), std::vector<double>(120, 3.0));
  EXPECT_EQ(on_host(product), on_host(d));
}

TEST(Optimizers, transmission_tomography) {
  const Exec exec;
  const misfit::DistributedOperator scans(MPI_COMM_WORLD, 6, [](int i) {
    const misfit::Radon radon({12, 10}, {0.5 * i, 0.5 * i + 0.2});
    return misfit::scale(1000.0, misfit::compose(Transmission{radon.range_size()}, radon));
  });
  const auto y = scans.allocate_measurements<double>();
  const Kokkos::View<double*> x("x", 120), right("right", 120), left("left", 120),
      product("product", 120);
  Kokkos::deep_copy(x, 0.02);
  scans.forward(exec, x, y, misfit::Scope::local);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});

  // Where the residual is 0 the product is the derivative of the gradient.
  auto point = fidelity.at(exec, x, y, scans);
  point.gauss_newton(of_ones(0), product);
  Kokkos::deep_copy(x, 0.02 + 1e-5);
  fidelity.grad(exec, x, y, scans, right);
  Kokkos::deep_copy(x, 0.02 - 1e-5);
  fidelity.grad(exec, x, y, scans, left);

  for (std::size_t j = 0; j < 120; ++j)
    EXPECT_NEAR(product(j), (right(j) - left(j)) / 2e-5, 1e-6 * product(j)) << j;
}

TEST(Optimizers, ordered_subsets) {
  const Exec exec;
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const auto x = of_ones(0);
  const Kokkos::View<double*> gradient("gradient", 120);

  // Twelve operators in four ordered subsets, each spread evenly over the ranks.
  const misfit::DistributedOperator operators(MPI_COMM_WORLD,
                                              misfit::Partition::ordered_subsets(12, 4),
                                              [](int) { return misfit::Identity(120); });
  const auto y = operators.measurements([](int) { return Kokkos::View<double*>("y", 120); });
  for (int step = 0; step < 4; ++step) {
    const auto subset = misfit::Subset::ordered(12, 4, step, misfit::Subset::Scale::unbiased);
    fidelity.grad(exec, x, y, operators, gradient, subset);
  }
  const double epochs = fidelity.data_passes();  // 1

  EXPECT_EQ(epochs, 1);
  EXPECT_EQ(on_host(gradient), std::vector<double>(120, 12.0));
}

TEST(YourData, files_in_rows) {
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const auto path = (std::filesystem::temp_directory_path() / "misfit_your_data").string() +
                    std::to_string(communicator.size());
  communicator.agree("writing", [&] {
    const misfit::io::HostVector<Kokkos::complex<float>> values("values", 2 * 6 * 4);
    if (communicator.rank() == 0) misfit::io::write_bart(path, {4, 6, 1, 2}, values);
  });

  const auto file = communicator.agree("reading", [&] { return misfit::io::BartFile(path); });
  const misfit::Slabs slabs(MPI_COMM_WORLD, misfit::Shape{6, 4});
  const misfit::DistributedOperator operators(slabs, 2, [](int) { return misfit::Identity(24); });
  const auto y =
      operators.measurements([&](int i, const misfit::Rows& rows) { return file.read(i, rows); });

  EXPECT_EQ(y.size(), operators.local_indices().size());
}

}  // namespace
