// SPDX-License-Identifier: BSD-3-Clause

#include "evaluation/fused_like_plain.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace {

using misfit::Shape;
using misfit::test::batch_of;
using misfit::test::epsilon;
using misfit::test::Exec;
using misfit::test::expect_fused_like_plain;
using misfit::test::fourier_shapes;
using misfit::test::relative_difference;
using misfit::test::vector_of;
namespace detail = misfit::detail;

template <typename T>
class BlurFidelity : public testing::Test {};
using Scalars = testing::Types<float, double, Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(BlurFidelity, Scalars);

template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> kernel(int i) {
  return batch_of<T>(static_cast<std::size_t>(60 + i), 3, 4);
}

TYPED_TEST(BlurFidelity, fourier_blur) {
  using T = TypeParam;
  for (const Shape& shape : fourier_shapes())
    expect_fused_like_plain<T>([&](int i) { return misfit::FourierBlur<T>(shape, kernel<T>(i)); },
                               misfit::L2(0.7));
}

/// 1/σ² is no number of float, value and gradient are.
TEST(BlurFidelityInFloat, of_sigmas_whose_squares_leave_the_range) {
  const Exec exec;
  const Shape shape{8, 9};
  const misfit::DistributedOperator blurs(MPI_COMM_WORLD, 2, [&](int i) {
    return misfit::FourierBlur<float>(shape, kernel<float>(i));
  });
  const auto gradient_of = [&](double sigma, double size) {
    const Kokkos::View<float*> x("x", shape.size()), g("g", shape.size());
    detail::axpby(exec, size, vector_of<float>(1, shape.size()), 0, x);
    const auto y = blurs.measurements([&](int) {
      const Kokkos::View<float*> data("y", shape.size());
      detail::axpby(exec, size, vector_of<float>(2, shape.size()), 0, data);
      return data;
    });
    const double value = misfit::DistributedDataFidelity(misfit::L2{sigma}, misfit::Reduction::mean)
                             .fn_and_grad(exec, x, y, blurs, g);
    return std::pair(value, misfit::test::on_host(g));
  };
  const auto [value, gradient] = gradient_of(1, 1);
  for (const auto& [sigma, size] :
       {std::pair(1e-20, 1e-19), std::pair(1e25, 1e20), std::pair(2e21, 1e20)}) {
    const auto [other_value, other] = gradient_of(sigma, size);
    const double by = size / sigma / sigma;
    EXPECT_NEAR(other_value / (by * size), value, 1e-5 * value);
    for (std::size_t j = 0; j < other.size(); ++j)
      EXPECT_NEAR(static_cast<double>(other[j]) / by, static_cast<double>(gradient[j]),
                  1e-4 * std::sqrt(value));
  }
}

/// Other distances than L2 take the passes of any operator.
static_assert(!misfit::FusedOperator<misfit::FourierBlur<double>, misfit::Huber, double>);
static_assert(misfit::PreparingOperator<misfit::FourierBlur<double>, double>);
static_assert(
    !misfit::PreparingOperator<misfit::Fourier<Kokkos::complex<double>>, Kokkos::complex<double>>);

// Functions: g++ 12 loses the constructors of a lambda that stands in an initialiser of a member.
template <typename T>
auto fourier_blurs(int n, const Shape& shape) {
  return misfit::DistributedOperator(
      MPI_COMM_WORLD, n, [=](int i) { return misfit::FourierBlur<T>(shape, kernel<T>(i)); });
}
template <typename T>
auto direct_blurs(int n, const Shape& shape) {
  return misfit::DistributedOperator(MPI_COMM_WORLD, n,
                                     [=](int i) { return misfit::Blur(shape, kernel<T>(i)); });
}

template <typename T>
struct Blurs {
  static constexpr int n = 3;
  const Exec exec{};
  const Shape shape{8, 9};
  const misfit::DistributedOperator<misfit::FourierBlur<T>> fourier = fourier_blurs<T>(n, shape);
  const misfit::DistributedOperator<misfit::Blur<T>> direct = direct_blurs<T>(n, shape);
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2(0.7)};

  auto data(std::size_t seed, std::size_t batch) const {
    return fourier.measurements([&](int i) {
      return batch_of<T>(seed + static_cast<std::size_t>(i), batch, shape.size());
    });
  }
  template <typename Y>
  void expect_alike(const Y& y, std::size_t batch) const {
    const auto x = batch_of<T>(1, batch, shape.size());
    const auto g = batch_of<T>(2, batch, shape.size()), h = batch_of<T>(3, batch, shape.size());
    const auto value = fidelity.fn_and_grad(exec, x, y, fourier, g);
    const auto expected = fidelity.fn_and_grad(exec, x, y, direct, h);
    for (std::size_t b = 0; b < batch; ++b)
      EXPECT_NEAR(value[b], expected[b], 100 * epsilon<T> * expected[b]);
    EXPECT_LE(relative_difference(g, h), 100 * epsilon<T>);
  }
};

/// F y is kept from call to call, but never when y is another one.
TYPED_TEST(BlurFidelity, sees_data_that_change) {
  const Blurs<TypeParam> blurs;
  const auto y = blurs.data(20, 2);
  blurs.expect_alike(y, 2);
  blurs.expect_alike(blurs.data(30, 2), 2);
  blurs.expect_alike(blurs.data(40, 1), 1);
  blurs.expect_alike(y, 2);
  for (std::size_t k = 0; k < y.size(); ++k) {
    const auto last = detail::all_signals(y[k]);
    Kokkos::deep_copy(Kokkos::subview(last, last.extent(0) - 1), TypeParam(3));
  }
  blurs.expect_alike(y, 2);
}

TYPED_TEST(BlurFidelity, prox_and_least_squares_like_blur) {
  const Blurs<TypeParam> blurs;
  const auto y = blurs.data(20, 1);
  const auto v = batch_of<TypeParam>(1, 1, 72), p = batch_of<TypeParam>(2, 1, 72),
             q = batch_of<TypeParam>(3, 1, 72);
  for (int call = 0; call < 2; ++call) {
    blurs.fidelity.prox(blurs.exec, 0.5, v, y, blurs.fourier, p);
    blurs.fidelity.prox(blurs.exec, 0.5, v, y, blurs.direct, q);
    EXPECT_LE(relative_difference(p, q), 1e-4);
  }
}

TYPED_TEST(BlurFidelity, carries_what_is_not_finite) {
  const Blurs<TypeParam> blurs;
  const auto x = batch_of<TypeParam>(1, 1, 72), g = batch_of<TypeParam>(2, 1, 72);
  Kokkos::deep_copy(Kokkos::subview(detail::all_signals(x), 5),
                    TypeParam(std::numeric_limits<detail::Real<TypeParam>>::infinity()));

  EXPECT_FALSE(std::isfinite(
      blurs.fidelity.fn_and_grad(blurs.exec, x, blurs.data(20, 1), blurs.fourier, g)[0]));
  EXPECT_FALSE(
      std::isfinite(blurs.fidelity.fn(blurs.exec, x, blurs.data(20, 1), blurs.fourier)[0]));
}

/// Rows that are transformed two at a time, and lines one behind the other, in memory that the call
/// before has used.
TYPED_TEST(BlurFidelity, forgets_what_was_not_finite) {
  using T = TypeParam;
  const Exec exec;
  for (const Shape& shape : {Shape{8, 16}, Shape{3, 40}, Shape{5, 4, 12}}) {
    const auto operators = fourier_blurs<T>(2, shape);
    const auto y = operators.measurements(
        [&](int i) { return vector_of<T>(static_cast<std::size_t>(20 + i), shape.size()); });
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
    const auto x = vector_of<T>(1, shape.size()), g = vector_of<T>(2, shape.size()),
               h = vector_of<T>(3, shape.size()), bad = vector_of<T>(4, shape.size());
    Kokkos::deep_copy(bad, T(std::numeric_limits<detail::Real<T>>::quiet_NaN()));

    const double before = fidelity.fn_and_grad(exec, x, y, operators, g);
    EXPECT_TRUE(std::isnan(fidelity.fn_and_grad(exec, bad, y, operators, h)));
    EXPECT_EQ(fidelity.fn_and_grad(exec, x, y, operators, h), before);
    EXPECT_EQ(misfit::test::on_host(h), misfit::test::on_host(g));
  }
}

#if defined(KOKKOS_ENABLE_SERIAL)
// One thread, against as many as the default host space has.
TEST(FourierBlurFidelity, gives_the_same_bits_for_any_number_of_threads) {
  if (!detail::in_cpu_form<Exec>) GTEST_SKIP() << "for CPUs";
  if constexpr (detail::in_cpu_form<Exec>) {
    const Blurs<double> blurs;
    const auto y = blurs.data(20, 1);
    const auto x = batch_of<double>(1, 1, 72), g = batch_of<double>(2, 1, 72),
               h = batch_of<double>(3, 1, 72);

    const auto one = blurs.fidelity.fn_and_grad(Kokkos::Serial{}, x, y, blurs.fourier, g);
    const auto many =
        blurs.fidelity.fn_and_grad(Kokkos::DefaultHostExecutionSpace{}, x, y, blurs.fourier, h);

    EXPECT_EQ(one, many);
    EXPECT_EQ(misfit::test::on_host(g), misfit::test::on_host(h));
  }
}
#endif

}  // namespace
