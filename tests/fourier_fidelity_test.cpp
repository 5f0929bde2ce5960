// SPDX-License-Identifier: BSD-3-Clause

// Fourier operators in data fidelities: their own passes against those of any operator.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using misfit::Shape;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::vector_of;
namespace detail = misfit::detail;

template <typename T>
constexpr double epsilon = std::numeric_limits<detail::Real<T>>::epsilon();

/// The same operator, of which misfit knows nothing more than A and A^H.
template <typename Op>
struct Plain {
  Op op;
  std::size_t domain_size() const { return op.domain_size(); }
  std::size_t range_size() const { return op.range_size(); }
  template <typename X, typename Y>
  auto apply(const Exec& exec, const X& x, const Y& y) const -> decltype(op.apply(exec, x, y)) {
    op.apply(exec, x, y);
  }
  template <typename Y, typename X>
  auto apply_adjoint(const Exec& exec, const Y& y, const X& x) const
      -> decltype(op.apply_adjoint(exec, y, x)) {
    op.apply_adjoint(exec, y, x);
  }
};

template <typename T>
double relative_difference(const Kokkos::View<T**, Kokkos::LayoutRight>& a,
                           const Kokkos::View<T**, Kokkos::LayoutRight>& b) {
  const Exec exec;
  const auto all_a = detail::all_signals(a), all_b = detail::all_signals(b);
  const double size = std::sqrt(detail::dot(exec, all_b, all_b));
  detail::axpby(exec, -1, all_b, 1, all_a);
  return std::sqrt(detail::dot(exec, all_a, all_a)) / size;
}

/// A value of m terms by two ways of summing, and a gradient by two ways of transforming.
template <typename T, typename Factory, typename D>
void expect_fused_like_plain(Factory&& factory, const D& distance) {
  using Op = std::remove_cvref_t<std::invoke_result_t<Factory&, int>>;
  static_assert(misfit::FusedOperator<Op, D, T>);
  static_assert(!misfit::FusedOperator<Plain<Op>, D, T>);
  constexpr int n = 5;
  const Exec exec;
  const misfit::DistributedOperator fused(MPI_COMM_WORLD, n, factory);
  const misfit::DistributedOperator plain(MPI_COMM_WORLD, n,
                                          [&](int i) { return Plain<Op>{factory(i)}; });
  const auto y = fused.measurements(
      [&](int i) { return batch_of<T>(static_cast<std::size_t>(20 + i), 2, fused.range_size(i)); });
  const auto x = batch_of<T>(1, 2, fused.domain_size());
  const auto g = batch_of<T>(2, 2, fused.domain_size()), h = batch_of<T>(3, 2, fused.domain_size());
  for (const auto reduction : {misfit::Reduction::sum, misfit::Reduction::mean}) {
    const misfit::DistributedDataFidelity fidelity(distance, reduction);
    const double tolerance = 100 * epsilon<T>;

    const auto expected = fidelity.fn_and_grad(exec, x, y, plain, h);
    const auto value = fidelity.fn(exec, x, y, fused);
    const auto with_gradient = fidelity.fn_and_grad(exec, x, y, fused, g);

    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_NEAR(value[b], expected[b], tolerance * expected[b]);
      EXPECT_NEAR(with_gradient[b], expected[b], tolerance * expected[b]);
    }
    EXPECT_LE(relative_difference(g, h), tolerance);
    fidelity.grad(exec, x, y, fused, g);
    EXPECT_LE(relative_difference(g, h), tolerance);
    EXPECT_TRUE(misfit::check_gradient(exec, fidelity, x, y, fused).passed());
  }
  EXPECT_TRUE(misfit::check_adjoint<T>(exec, fused).passed());
}

template <typename T>
misfit::Vector<detail::Real<T>> weights(std::size_t n) {
  const misfit::Vector<detail::Real<T>> w("w", n);
  const auto host = Kokkos::create_mirror_view(w);
  for (std::size_t j = 0; j < n; ++j) host(j) = static_cast<detail::Real<T>>(j % 3);
  Kokkos::deep_copy(w, host);
  return w;
}

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all{{8, 10}, {7, 9}, {4, 6, 18}, {3, 5, 7}};
  return all;
}

template <typename T>
class ComplexFidelity : public testing::Test {};
using ComplexScalars = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(ComplexFidelity, ComplexScalars);

TYPED_TEST(ComplexFidelity, fourier) {
  using T = TypeParam;
  for (const Shape& shape : shapes())
    for (const auto origin : {misfit::Origin::centre, misfit::Origin::corner}) {
      const auto plain = [&](int) { return misfit::Fourier<T>(shape, origin); };
      const auto masked = [&](int i) {
        return misfit::Fourier(shape, vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()),
                               origin);
      };
      expect_fused_like_plain<T>(plain, misfit::L2(0.7));
      expect_fused_like_plain<T>(masked, misfit::L2(0.7));
      expect_fused_like_plain<T>(masked, misfit::WeightedL2(weights<T>(shape.size())));
      expect_fused_like_plain<T>(masked, misfit::Huber(0.3));
    }
}

TYPED_TEST(ComplexFidelity, coils) {
  using T = TypeParam;
  for (const Shape& shape : shapes()) {
    const auto mask = weights<T>(shape.size());
    const auto coil = [&](int i) {
      return misfit::CoilFourier(
          shape, vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()), mask);
    };
    expect_fused_like_plain<T>(coil, misfit::L2(0.7));
    expect_fused_like_plain<T>(coil, misfit::Huber(0.3));
  }
}

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
  for (const Shape& shape : shapes())
    expect_fused_like_plain<T>([&](int i) { return misfit::FourierBlur<T>(shape, kernel<T>(i)); },
                               misfit::L2(0.7));
}

/// Other distances than L2 take the passes of any operator.
static_assert(!misfit::FusedOperator<misfit::FourierBlur<double>, misfit::Huber, double>);
static_assert(misfit::PreparingOperator<misfit::FourierBlur<double>, double>);
static_assert(
    !misfit::PreparingOperator<misfit::Fourier<Kokkos::complex<double>>, Kokkos::complex<double>>);

template <typename T>
struct Blurs {
  static constexpr int n = 3;
  const Exec exec{};
  const Shape shape{8, 9};
  const misfit::DistributedOperator<misfit::FourierBlur<T>> fourier{
      MPI_COMM_WORLD, n, [&](int i) { return misfit::FourierBlur<T>(shape, kernel<T>(i)); }};
  const misfit::DistributedOperator<misfit::Blur<T>> direct{
      MPI_COMM_WORLD, n, [&](int i) { return misfit::Blur(shape, kernel<T>(i)); }};
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

TEST(FourierFidelity, errors_of_one_rank_are_those_of_all) {
  using misfit::ArgumentError;
  using misfit::test::contains;
  using misfit::test::expect_same_error;
  using misfit::test::world_rank;
  using Complex = Kokkos::complex<double>;
  const int n = 2 * misfit::test::world_size();
  for (const auto& ranks : misfit::test::fault_sets()) {
    const auto size = [&] { return contains(ranks, world_rank()) ? 11 : 12; };
    expect_same_error<ArgumentError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int) {
            return misfit::Fourier({3, 4}, vector_of<Complex>(1, size()));
          });
        },
        {"Fourier: mask: has 11 entries, the image has 12"});
    expect_same_error<ArgumentError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int) {
            return misfit::CoilFourier({3, 4}, vector_of<Complex>(1, size()));
          });
        },
        {"CoilFourier: coil map: has 11 entries"});
    expect_same_error<ArgumentError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int) {
            return misfit::FourierBlur({size() - 11u + 1u, 4}, batch_of<double>(1, 4, 3));
          });
        },
        {"FourierBlur: kernel of 4 entries is too large"});
    expect_same_error<ArgumentError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, n, [&](int) {
            return misfit::Fourier<Complex>({static_cast<std::size_t>(size()) - 11, 4});
          });
        },
        {"shape"});
  }
}

}  // namespace
