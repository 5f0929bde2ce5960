// SPDX-License-Identifier: BSD-3-Clause

#include "evaluation/fused_like_plain.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>

namespace {

using misfit::Shape;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_fused_like_plain;
using misfit::test::fourier_shapes;
using misfit::test::vector_of;
namespace detail = misfit::detail;

template <typename T>
misfit::Vector<detail::Real<T>> weights(std::size_t n) {
  const misfit::Vector<detail::Real<T>> w("w", n);
  const auto host = Kokkos::create_mirror_view(w);
  for (std::size_t j = 0; j < n; ++j) host(j) = static_cast<detail::Real<T>>(j % 3);
  Kokkos::deep_copy(w, host);
  return w;
}

template <typename T>
class ComplexFidelity : public testing::Test {};
using ComplexScalars = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(ComplexFidelity, ComplexScalars);

TYPED_TEST(ComplexFidelity, fourier) {
  using T = TypeParam;
  for (const Shape& shape : fourier_shapes())
    for (const auto origin : {misfit::Origin::centre, misfit::Origin::corner}) {
      const auto plain = [&](int) { return misfit::Fourier<T>(shape, origin); };
      const auto masked = [&](int i) {
        return misfit::Fourier(shape, vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()),
                               origin);
      };
      expect_fused_like_plain<T>(plain, misfit::L2(0.7));
      expect_fused_like_plain<T>(masked, misfit::WeightedL2(weights<T>(shape.size())));
    }
}

TYPED_TEST(ComplexFidelity, coils) {
  using T = TypeParam;
  for (const Shape& shape : fourier_shapes()) {
    const auto mask = weights<T>(shape.size());
    const auto coil = [&](int i) {
      return misfit::CoilFourier(
          shape, vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()), mask);
    };
    expect_fused_like_plain<T>(coil, misfit::Huber(0.3));
  }
}

/// A distance that does not look at u.
struct Blind {
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T, T) const {
    return 1;
  }
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T, T) const {
    return T(1);
  }
};

/// Whatever the distance and the first operator are; the gradient where x is not finite.
TYPED_TEST(ComplexFidelity, is_not_finite_where_x_is_not) {
  using T = TypeParam;
  const Exec exec;
  const Shape shape{3, 4, 37};
  const misfit::DistributedOperator coils(
      MPI_COMM_WORLD, 2 * misfit::test::world_size(), [&](int i) {
        return misfit::CoilFourier(shape,
                                   vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()));
      });
  const auto y = coils.measurements([&](int) { return vector_of<T>(1, shape.size()); });
  const misfit::DistributedDataFidelity fidelity(Blind{});
  const auto x = vector_of<T>(2, shape.size()), g = vector_of<T>(3, shape.size());
  EXPECT_TRUE(std::isfinite(fidelity.fn_and_grad(exec, x, y, coils, g)));
  EXPECT_TRUE(std::isfinite(detail::abs(misfit::test::on_host(g)[443])));
  for (const std::size_t j : {0, 442, 443}) {
    const auto bad = vector_of<T>(2, shape.size());
    Kokkos::deep_copy(Kokkos::subview(bad, j),
                      T(0, std::numeric_limits<detail::Real<T>>::infinity()));

    const double value = fidelity.fn(exec, bad, y, coils);
    const double with_gradient = fidelity.fn_and_grad(exec, bad, y, coils, g);

    EXPECT_TRUE(std::isnan(value)) << j;
    EXPECT_TRUE(std::isnan(with_gradient)) << j;
    EXPECT_TRUE(std::isnan(detail::abs(misfit::test::on_host(g)[j]))) << j;
  }
}

#if defined(KOKKOS_ENABLE_SERIAL)
// One thread, against as many as the default host space has.
TEST(FourierFidelity, gives_the_same_bits_for_any_number_of_threads) {
  if (!detail::in_cpu_form<Exec>) GTEST_SKIP() << "for CPUs";
  if constexpr (detail::in_cpu_form<Exec>) {
    using T = Kokkos::complex<double>;
    const Shape shape{20, 31};
    const misfit::DistributedOperator coils(MPI_COMM_WORLD, 11, [&](int i) {
      return misfit::CoilFourier(shape,
                                 vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()));
    });
    const auto y = coils.measurements([&](int) { return vector_of<T>(1, shape.size()); });
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
    const auto x = vector_of<T>(2, shape.size()), g = vector_of<T>(3, shape.size()),
               h = vector_of<T>(4, shape.size());

    const double one = fidelity.fn_and_grad(Kokkos::Serial{}, x, y, coils, g);
    const double many = fidelity.fn_and_grad(Kokkos::DefaultHostExecutionSpace{}, x, y, coils, h);

    EXPECT_EQ(one, many);
    EXPECT_EQ(misfit::test::on_host(g), misfit::test::on_host(h));
  }
}
#endif

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
