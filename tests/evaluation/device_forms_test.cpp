// SPDX-License-Identifier: BSD-3-Clause

// In which form the passes run: that of a CPU, or in a build with MISFIT_DEVICE_FORMS and on a GPU
// that of a GPU. Seen by the labels of their kernels, through Kokkos's hooks for tools.

#include "support/matrix_operator.hpp"
#include "support/stencils.hpp"

#include <misfit/detail/base/line_pieces.hpp>
#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::Shape;
using misfit::test::Exec;
using misfit::test::vector_of;

constexpr bool of_cpu = misfit::detail::in_cpu_form<Exec>;

std::multiset<std::string> kernels;  // NOLINT: the hooks are plain functions

void note_for(const char* label, std::uint32_t, std::uint64_t*) {
  kernels.insert(std::string("for ") + label);
}
void note_reduce(const char* label, std::uint32_t, std::uint64_t*) {
  kernels.insert(std::string("reduce ") + label);
}

template <typename Call>
std::multiset<std::string> kernels_of(Call&& call) {
  namespace tools = Kokkos::Tools::Experimental;
  kernels.clear();
  tools::set_begin_parallel_for_callback(note_for);
  tools::set_begin_parallel_reduce_callback(note_reduce);
  call();
  tools::set_begin_parallel_for_callback(nullptr);
  tools::set_begin_parallel_reduce_callback(nullptr);
  return kernels;
}

/// The kernels of a second fn_and_grad with `count` operators.
template <typename Op, typename T = double>
std::multiset<std::string> kernels_with(const Op& op, int count = 1) {
  const misfit::DistributedOperator operators(MPI_COMM_SELF, count, [&](int) { return op; });
  const auto y = operators.measurements([&](int) { return vector_of<T>(1, op.range_size()); });
  const auto x = vector_of<T>(2, op.domain_size()), gradient = vector_of<T>(3, op.domain_size());
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  const auto call = [&] { fidelity.fn_and_grad(Exec{}, x, y, operators, gradient); };
  call();
  return kernels_of(call);
}

void expect_kernel(const std::multiset<std::string>& seen, const std::string& kernel, bool there) {
  std::string text;
  for (const auto& label : seen) text += label + "; ";
  EXPECT_EQ(seen.contains(kernel), there) << kernel << " in: " << text;
}

TEST(Forms, are_those_of_the_build) {
#if defined(MISFIT_DEVICE_FORMS)
  EXPECT_FALSE(of_cpu);
#else
  EXPECT_EQ(of_cpu, misfit::detail::on_host<Exec>);
#endif
}

TEST(Forms, sums) {
  const auto u = vector_of<double>(1, 100), y = vector_of<double>(2, 100);

  const auto seen = kernels_of([&] { misfit::value(Exec{}, misfit::L2{1.0}, u, y); });

  expect_kernel(seen, "for misfit::value", of_cpu);
  expect_kernel(seen, "reduce misfit::value", !of_cpu);
}

TEST(Forms, pointwise) {
  const auto seen = kernels_with(misfit::Mask(vector_of<double>(4, 100)));

  expect_kernel(seen, "for misfit::DistributedDataFidelity::pointwise", true);
  expect_kernel(seen, "for misfit::DistributedDataFidelity::total", !of_cpu);
}

/// Row i with two entries from column i on.
auto band(std::size_t rows, std::size_t columns) {
  std::vector<std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < rows; ++i) places.push_back({i % columns, (i + 1) % columns});
  return misfit::test::sparse_matrix<double>(places, columns);
}

TEST(Forms, rows) {
  const Kokkos::View<double**, Kokkos::LayoutRight> small("a", 100, 10), large("a", 100, 400);

  auto seen = kernels_with(misfit::Dense(small));
  expect_kernel(seen, "for misfit::DistributedDataFidelity::rows", of_cpu);
  expect_kernel(seen, "for misfit::DistributedDataFidelity::rows_by_teams", !of_cpu);

  seen = kernels_with(misfit::Dense(large));
  expect_kernel(seen, "for misfit::DistributedDataFidelity::rows", of_cpu);
  expect_kernel(seen, "for misfit::DistributedDataFidelity::distance", !of_cpu);

  seen = kernels_with(band(1000, 1000));
  expect_kernel(seen, "for misfit::DistributedDataFidelity::rows", of_cpu);
  expect_kernel(seen, "for misfit::DistributedDataFidelity::rows_by_teams", !of_cpu);

  // Too many rows for one team, and too many columns.
  for (const Shape& shape : {Shape{1001, 1001}, Shape{1000, 40000}}) {
    seen = kernels_with(band(shape[0], shape[1]));
    expect_kernel(seen, "for misfit::DistributedDataFidelity::rows", of_cpu);
    expect_kernel(seen, "for misfit::DistributedDataFidelity::distance", !of_cpu);
  }
}

TEST(Forms, many_small_operators_take_no_more_launches) {
  const misfit::Mask mask(vector_of<double>(4, 100));
  EXPECT_EQ(kernels_with(mask, 90), kernels_with(mask, 40));

  const misfit::Dense matrix(Kokkos::View<double**, Kokkos::LayoutRight>("a", 100, 10));
  EXPECT_EQ(kernels_with(matrix, 90), kernels_with(matrix, 40));

  EXPECT_EQ(kernels_with(band(1000, 1000), 90), kernels_with(band(1000, 1000), 40));
}

TEST(Forms, blur) {
  const Kokkos::View<double**, Kokkos::LayoutRight> h("h", 3, 3);

  const auto seen = kernels_with(misfit::Blur(Shape{16, 16}, h));

  for (const char* direction : {"apply", "add_adjoint"}) {
    const std::string label = std::string("for misfit::Blur::") + direction;
    expect_kernel(seen, label, of_cpu);
    expect_kernel(seen, label + "::entries", !of_cpu);
  }
}

TEST(Forms, projections) {
  const auto seen = kernels_with(misfit::Radon(Shape{16, 16}, {0.1, 0.7}));

  expect_kernel(seen, "for misfit::Radon::apply", of_cpu);
  expect_kernel(seen, "for misfit::Radon::apply::rays", !of_cpu);
  expect_kernel(seen, "for misfit::Radon::add_adjoint", of_cpu);
  expect_kernel(seen, "for misfit::Radon::add_adjoint::pixels", !of_cpu);
}

std::int64_t longest_piece() {
  const Kokkos::View<std::int64_t*> longest("longest", 1);
  misfit::detail::for_line_pieces(
      Exec{}, "pieces", 1, 100, KOKKOS_LAMBDA(std::int64_t, std::int64_t begin, std::int64_t end) {
        Kokkos::atomic_fetch_max(&longest(0), end - begin);
      });
  return misfit::test::on_host(longest)[0];
}

TEST(Forms, lines) { EXPECT_EQ(longest_piece(), of_cpu ? 100 : 1); }

#if defined(MISFIT_FOURIER)
TEST(Forms, transforms) {
  using T = Kokkos::complex<double>;
  const auto seen = kernels_with<misfit::Fourier<T>, T>(misfit::Fourier<T>(Shape{16, 16}));

  for (const std::string pass : {"load", "spectrum", "store"}) {
    expect_kernel(seen, "for misfit::Fft::" + pass, of_cpu);
    expect_kernel(seen, "for misfit::Fft::" + pass + "::entries", !of_cpu);
  }
}

TEST(Forms, operators_of_one_transform_take_one_there_and_one_back) {
  using T = Kokkos::complex<double>;
  const misfit::Fourier<T> fourier(Shape{16, 16});
  EXPECT_EQ((kernels_with<misfit::Fourier<T>, T>(fourier, 90)),
            (kernels_with<misfit::Fourier<T>, T>(fourier, 1)));
  if (!of_cpu) return;
  const misfit::FourierBlur blur(Shape{16, 16},
                                 Kokkos::View<double**, Kokkos::LayoutRight>("h", 3, 3));
  const std::string there = "for misfit::Fft::load", back = "for misfit::Fft::store";
  EXPECT_EQ(kernels_with(blur, 90).count(there), 1U);
  EXPECT_EQ(kernels_with(blur, 90).count(back), 1U);
}

TEST(Forms, prepared_data) {
  const Kokkos::View<double**, Kokkos::LayoutRight> h("h", 3, 3);

  const auto seen = kernels_with(misfit::FourierBlur(Shape{16, 16}, h));

  expect_kernel(seen, "for misfit::same_bits", of_cpu);
}
#endif

}  // namespace
