// SPDX-License-Identifier: BSD-3-Clause

// The case of magnetic resonance imaging in golden.json, to 1e-12: its channels are real and
// imaginary part.

#include "evaluation/golden.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/fourier.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace {

using Complex = Kokkos::complex<double>;
constexpr std::size_t pixels = 80;
const misfit::Shape shape{8, 10};

/// s(k), the first half real parts and the second imaginary ones.
misfit::Vector<Complex> image(int k) {
  const auto numbers = golden::s_vector(k, 2 * pixels);
  const misfit::Vector<Complex> view("image", pixels);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < pixels; ++j) host(j) = Complex(numbers[j], numbers[pixels + j]);
  Kokkos::deep_copy(view, host);
  return view;
}

misfit::Vector<double> mask(int i) {
  auto m = golden::s_vector(70 + i, pixels);
  for (double& entry : m) entry = entry > -0.3 ? 1 : 0;
  return golden::device_vector(m);
}

template <typename Factory>
void check(Factory&& factory) {
  constexpr double tolerance = 1e-12;
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, factory);
  const auto x = image(6);
  const auto y = operators.measurements([](int i) { return image(20 + i); });
  const misfit::Vector<Complex> gradient("gradient", pixels);
  for (const auto reduction : {misfit::Reduction::sum, misfit::Reduction::mean}) {
    const bool sum = reduction == misfit::Reduction::sum;
    const auto expected = golden::read("mri", sum ? "sum" : "mean", "L2(sigma=0.7)");
    const misfit::DistributedDataFidelity fidelity(misfit::L2(0.7), reduction);

    const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);

    EXPECT_NEAR(value, expected.value[0], tolerance * expected.value[0]);
    EXPECT_NEAR(fidelity.fn(exec, x, y, operators), expected.value[0],
                tolerance * expected.value[0]);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, gradient);
    std::vector<double> numbers;
    for (std::size_t j = 0; j < pixels; ++j) numbers.push_back(host(j).real());
    for (std::size_t j = 0; j < pixels; ++j) numbers.push_back(host(j).imag());
    golden::expect_gradient(numbers, expected, tolerance);
  }
}

TEST(Golden, fourier) {
  check([](int i) { return misfit::Fourier(shape, mask(i)); });
}

TEST(Golden, coil_of_sensitivity_one) {
  check([](int i) {
    const misfit::Vector<Complex> coil("coil", pixels);
    Kokkos::deep_copy(coil, Complex(1, 0));
    return misfit::CoilFourier(shape, coil, mask(i));
  });
}

}  // namespace
