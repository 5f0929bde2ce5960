// SPDX-License-Identifier: BSD-3-Clause

// Distances with a domain behind blurs whose results are rounded: dark images stay usable.

#include "dark_images.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>

namespace {

using dark_images::apply;
using dark_images::filled;
using dark_images::negative;
using dark_images::spot;
using misfit::Shape;
using misfit::test::Exec;
using misfit::test::on_host;
namespace detail = misfit::detail;

template <typename T>
class FourierDomains : public testing::Test {
 protected:
  static constexpr double u = detail::unit_roundoff<T>;
  const Exec exec{};
  const Shape shape{64, 64};
  const Kokkos::View<T*> x = dark_images::dark_image<T>(shape.size());
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(FourierDomains, Reals);

/// f and ∇f of FourierBlur, or an operator with it, against those of Blur, where counts y are those
/// of Blur, 0 where that is dark.
template <typename T, typename Wrap, typename D>
void expect_like_blur(const Shape& shape, const Kokkos::View<T*>& x, Wrap&& wrap,
                      const D& distance) {
  const Exec exec;
  const misfit::DistributedOperator fourier(
      MPI_COMM_WORLD, 3, [&](int) { return wrap(misfit::FourierBlur<T>(shape, spot<T>())); });
  const misfit::DistributedOperator direct(
      MPI_COMM_WORLD, 3, [&](int) { return wrap(misfit::Blur(shape, spot<T>())); });
  const auto y = direct.measurements([&](int i) {
    const auto exact = on_host(apply(wrap(misfit::Blur(shape, spot<T>())), x));
    return filled<T>(exact.size(), [&](std::size_t j) { return std::floor(exact[j] * (1 + i)); });
  });
  const misfit::DistributedDataFidelity fidelity(distance);
  const Kokkos::View<T*> g("g", shape.size()), h("h", shape.size());

  const double expected = fidelity.fn_and_grad(exec, x, y, direct, h);
  const double found = fidelity.fn_and_grad(exec, x, y, fourier, g);

  ASSERT_TRUE(std::isfinite(expected));
  // Each entry of three operators is off by no more than its rounding, times the slopes here (up to
  // 3/0.5), and in the mean by less than a tenth of that.
  const double rounding = misfit::FourierBlur<T>(shape, spot<T>()).rounding();
  const double bound = 0.1 * 3 * 6 * rounding * std::sqrt(detail::dot(exec, x, x));
  EXPECT_NEAR(found, expected, bound * static_cast<double>(shape.size()));
  EXPECT_NEAR(fidelity.fn(exec, x, y, fourier), found, 1e-14 * found);
  fidelity.grad(exec, x, y, fourier, h);
  const double size = std::sqrt(detail::dot(exec, h, h));
  detail::axpby(exec, -1, g, 1, h);
  EXPECT_LE(std::sqrt(detail::dot(exec, h, h)), 16 * detail::unit_roundoff<T> * size);
}

TYPED_TEST(FourierDomains, poisson_like_blur) {
  using T = TypeParam;
  const auto same = [](const auto& op) { return op; };
  for (const double background : {0.0, 0.25})
    expect_like_blur<T>(this->shape, this->x, same, misfit::Poisson{1.0, background});
  expect_like_blur<T>(this->shape, this->x, same, misfit::Amplitude{1e-3});
  expect_like_blur<T>(this->shape, this->x, same, misfit::AnyDistance<T>(misfit::Poisson{}));
  const misfit::Poisson poisson{0.5};
  expect_like_blur<T>(
      this->shape, this->x, [](const auto& op) { return misfit::AnyOperator<T>(op); }, poisson);
  expect_like_blur<T>(
      this->shape, this->x, [](const auto& op) { return misfit::scale(3.0, op); }, poisson);
  expect_like_blur<T>(
      this->shape, this->x,
      [](const auto& op) {
        return misfit::compose(
            misfit::Mask{filled<T>(op.range_size(), [](std::size_t j) { return j % 3 != 0; })}, op);
      },
      poisson);
}

TYPED_TEST(FourierDomains, seven_pixels) {
  using T = TypeParam;
  const misfit::DistributedOperator blurs(MPI_COMM_WORLD, 1, [](int) {
    const auto h = filled<T>(3, [](std::size_t j) { return j == 1 ? 0.5 : 0.25; });
    return misfit::FourierBlur<T>({7}, h);
  });
  const auto x = filled<T>(7, [](std::size_t j) { return j == 1 ? 1000 : 0; });
  const Kokkos::View<T*> g("g", 7);
  const auto y = blurs.measurements([](int) {
    return filled<T>(7, [](std::size_t j) { return j > 2 ? 0 : (j == 1 ? 500 : 250); });
  });

  const double f =
      misfit::DistributedDataFidelity(misfit::Poisson{}).fn_and_grad(this->exec, x, y, blurs, g);

  EXPECT_NEAR(f, 0, 7 * 4 * this->u * 1000);
  // 1 − y/μ is 0 in the light and 1 in the dark; and A^H of that.
  const double expected[] = {0.25, 0, 0.25, 0.75, 1, 1, 0.75};
  const auto found = on_host(g);
  for (std::size_t j = 0; j < 7; ++j) EXPECT_NEAR(found[j], expected[j], 1e-5) << j;
}

/// Counts where the image is dark: no digit of μ is right there, and misfit takes the rounding.
TYPED_TEST(FourierDomains, counts_in_the_dark) {
  using T = TypeParam;
  const misfit::FourierBlur<T> blur(this->shape, spot<T>());
  const std::size_t n = this->shape.size();
  for (const double gain : {1.0, 4.0})
    for (const bool erased : {false, true}) {
      const auto run = [&](auto&& factory, const auto& distance) {
        const misfit::DistributedOperator blurs(MPI_COMM_WORLD, 1, factory);
        const auto y =
            blurs.measurements([&](int) { return filled<T>(n, [](std::size_t) { return 2.0; }); });
        const Kokkos::View<T*> g("g", n);
        const double f =
            misfit::DistributedDataFidelity(distance).fn_and_grad(this->exec, this->x, y, blurs, g);
        const auto slopes = on_host(g);
        for (const T slope : slopes) ASSERT_TRUE(std::isfinite(slope));
        // Far from all light: there more light is wanted, by 2/μ a count at most.
        const double rounding =
            blur.rounding() * std::sqrt(detail::dot(this->exec, this->x, this->x));
        const auto exact = on_host(apply(misfit::Blur(this->shape, spot<T>()), this->x));
        double expected = 0;
        for (const T v : exact) {
          const double mu = std::fmax(v, rounding) / gain;
          expected += mu - 2 + 2 * std::log(2 / mu);
        }
        EXPECT_NEAR(f, expected, 1e-3 * expected);
        double lowest = 0;
        for (const T slope : slopes) lowest = std::fmin(lowest, slope);
        EXPECT_NEAR(lowest, (1 - 2 * gain / rounding) / gain, 1e-3 * 2 / rounding);
      };
      if (erased)
        run([&](int) { return misfit::AnyOperator<T>(blur); },
            misfit::AnyDistance<T>(misfit::Poisson{gain}));
      else
        run([&](int) { return blur; }, misfit::Poisson{gain});
    }
}

/// `Op`, but it does not tell its rounding.
template <typename Op>
struct WithoutRounding {
  std::size_t domain_size() const { return op.domain_size(); }
  std::size_t range_size() const { return op.range_size(); }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    op.apply(exec, x, y);
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    op.add_adjoint(exec, y, x);
  }
  Op op;
};

/// A kernel with entries of both signs, and an image of which the result is 0 but for one entry:
/// 2 x_p − x_{p−1} for x_p = 2^(20 − p).
TYPED_TEST(FourierDomains, rounding_of_other_kernels) {
  using T = TypeParam;
  constexpr std::size_t n = 64;
  const auto h = filled<T>(2, [](std::size_t j) { return j == 0 ? 2 : -1; });
  const auto image =
      filled<T>(n, [](std::size_t j) { return std::ldexp(1.0, 20 - static_cast<int>(j)); });
  const misfit::FourierBlur<T> blur({n}, h);
  ASSERT_GT(negative(apply(blur, image)), 5);
  const misfit::DistributedDataFidelity fidelity(misfit::Poisson{});
  const auto value = [&](const auto& op) {
    const misfit::DistributedOperator ops(MPI_COMM_WORLD, 1, [&](int) { return op; });
    const auto zeros = ops.measurements([&](int) { return Kokkos::View<T*>("zeros", n); });
    const Kokkos::View<T*> g("g", n);
    return fidelity.fn_and_grad(this->exec, image, zeros, ops, g);
  };

  EXPECT_NEAR(value(blur), 0x1p21, 0x1p21 * n * 8 * this->u);
  EXPECT_THROW(value(WithoutRounding<misfit::FourierBlur<T>>{blur}), misfit::DomainError)
      << "of an operator that does not tell its rounding";
}

/// What is outside stays outside, on every rank.
TYPED_TEST(FourierDomains, outside) {
  using T = TypeParam;
  const misfit::DistributedOperator blurs(
      MPI_COMM_WORLD, 5, [&](int) { return misfit::FourierBlur<T>(this->shape, spot<T>()); });
  const auto y = blurs.measurements([&](int) { return Kokkos::View<T*>("y", this->shape.size()); });
  Kokkos::deep_copy(Kokkos::subview(this->x, 3000), T(-1000));
  const Kokkos::View<T*> g("g", this->shape.size());
  const misfit::DistributedDataFidelity poisson(misfit::Poisson{});

  EXPECT_TRUE(std::isinf(poisson.fn(this->exec, this->x, y, blurs)));
  misfit::test::expect_same_error<misfit::DomainError>(
      [&] { poisson.fn_and_grad(this->exec, this->x, y, blurs, g); }, {"no gradient"});
  Kokkos::deep_copy(Kokkos::subview(this->x, 3000), T(NAN));
  EXPECT_TRUE(std::isnan(poisson.fn(this->exec, this->x, y, blurs)));
}

TYPED_TEST(FourierDomains, gradient_of_poisson) {
  using T = TypeParam;
  const Shape shape{9, 10};
  const misfit::DistributedOperator blurs(
      MPI_COMM_WORLD, 5, [&](int) { return misfit::FourierBlur<T>(shape, spot<T>()); });
  const auto positive = [](std::size_t j) { return 1.5 + std::sin(static_cast<double>(j)); };
  const auto x = filled<T>(shape.size(), positive);
  const auto y = blurs.measurements([&](int) { return filled<T>(shape.size(), positive); });

  const auto checked = misfit::check_gradient(
      this->exec, misfit::DistributedDataFidelity(misfit::Poisson{0.5}), x, y, blurs);
  EXPECT_TRUE(checked.passed()) << checked.error;
}

}  // namespace
