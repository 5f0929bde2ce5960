// SPDX-License-Identifier: BSD-3-Clause

// Stacks as the A_i of a data fidelity: by rows, in passes of the parts' own, and generally.

#include "evaluation/fused_like_plain.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace {

using misfit::Scope;
using misfit::Shape;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::expect_fused_like_plain;
using misfit::test::vector_of;
namespace detail = misfit::detail;

constexpr std::size_t unknowns = 12;

/// Weights that differ from entry to entry: a part that saw those of another would be wrong.
template <typename T>
misfit::Vector<detail::Real<T>> weights(std::size_t n) {
  const misfit::Vector<detail::Real<T>> w("w", n);
  const auto host = Kokkos::create_mirror_view(w);
  for (std::size_t j = 0; j < n; ++j) host(j) = static_cast<detail::Real<T>>(0.3 + 0.7 * (j % 5));
  Kokkos::deep_copy(w, host);
  return w;
}

template <typename T>
auto matrix(std::size_t k, std::size_t m) {
  return misfit::Dense(batch_of<T>(k, m, unknowns));
}

/// f and g of `operators`, whose parts are those of frame i one behind the other, are those of
/// `alone`, where each part is an operator of its own; a mean is over frames, not over parts.
template <typename T, typename Frame, typename Part>
void expect_frames_of_parts(int frames, int parts, const Frame& frame, const Part& part) {
  const Exec exec;
  const misfit::DistributedOperator stacked(MPI_COMM_WORLD, frames, frame);
  const misfit::DistributedOperator alone(MPI_COMM_WORLD, frames * parts,
                                          [&](int i) { return part(i / parts, i % parts); });
  const auto piece = [&](int i) {
    return batch_of<T>(static_cast<std::size_t>(30 + i), 2, alone.range_size(i));
  };
  const auto y = stacked.measurements([&](int i) {
    const Kokkos::View<T**, Kokkos::LayoutRight> all("y", 2, stacked.range_size(i));
    const auto op = frame(i);
    for (int k = 0; k < parts; ++k)
      Kokkos::deep_copy(Kokkos::subview(all, Kokkos::ALL, op.range_of(static_cast<std::size_t>(k))),
                        piece(i * parts + k));
    return all;
  });
  const auto y_alone = alone.measurements(piece);
  const auto x = batch_of<T>(1, 2, alone.domain_size());
  const auto g = batch_of<T>(2, 2, alone.domain_size()), h = batch_of<T>(3, 2, alone.domain_size());
  const double tolerance = 200 * misfit::test::epsilon<T>;

  for (const auto reduction : {misfit::Reduction::sum, misfit::Reduction::mean}) {
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, reduction);
    const double times = reduction == misfit::Reduction::mean ? parts : 1;
    const auto expected = fidelity.fn_and_grad(exec, x, y_alone, alone, h);
    const auto all_h = detail::all_signals(h);
    detail::axpby(exec, times, all_h, 0, all_h);

    const auto value = fidelity.fn_and_grad(exec, x, y, stacked, g);

    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_NEAR(value[b], times * expected[b], tolerance * times * expected[b]);
      EXPECT_NEAR(fidelity.fn(exec, x, y, stacked)[b], value[b], tolerance * value[b]);
    }
    EXPECT_LE(misfit::test::relative_difference(g, h), tolerance);
    auto shares = fidelity.fn(exec, x, y, stacked, Scope::local);
    for (double& share : shares)
      MPI_Allreduce(MPI_IN_PLACE, &share, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    for (std::size_t b = 0; b < 2; ++b) EXPECT_NEAR(shares[b], value[b], tolerance * value[b]);
  }
}

template <typename T>
class StackFidelity : public testing::Test {};
using Scalars = testing::Types<double, Kokkos::complex<float>>;
TYPED_TEST_SUITE(StackFidelity, Scalars);

/// By rows.
TYPED_TEST(StackFidelity, of_matrices) {
  using T = TypeParam;
  const auto part = [](int i, int k) {
    return matrix<T>(static_cast<std::size_t>(50 + 3 * i + k), static_cast<std::size_t>(4 + k));
  };
  const auto frame = [&](int i) { return misfit::stack(part(i, 0), part(i, 1), part(i, 2)); };
  const auto listed = [&](int i) {
    return misfit::stack(std::vector{part(i, 0), part(i, 1), part(i, 2)});
  };
  static_assert(misfit::RowwiseOperator<decltype(frame(0)), T>);
  static_assert(misfit::RowwiseOperator<decltype(listed(0)), T>);
  expect_frames_of_parts<T>(4, 3, frame, part);
  expect_frames_of_parts<T>(4, 3, listed, part);
}

/// Generally, with the distance of every entry; and by rows the same.
TYPED_TEST(StackFidelity, of_anything) {
  using T = TypeParam;
  using Any = misfit::AnyOperator<T>;
  const Exec exec;
  const auto typed = [](int i) {
    return misfit::stack(matrix<T>(static_cast<std::size_t>(50 + i), 700), matrix<T>(70, 40));
  };
  const auto any = [&](int i) {
    return misfit::stack(
        std::vector<Any>{matrix<T>(static_cast<std::size_t>(50 + i), 700), matrix<T>(70, 40)});
  };
  const misfit::DistributedOperator by_rows(MPI_COMM_WORLD, 3, typed);
  const misfit::DistributedOperator general(MPI_COMM_WORLD, 3, any);
  const auto y = by_rows.measurements(
      [&](int i) { return vector_of<T>(static_cast<std::size_t>(30 + i), 740); });
  const auto x = batch_of<T>(1, 1, unknowns), g = batch_of<T>(2, 1, unknowns),
             h = batch_of<T>(3, 1, unknowns);
  const misfit::Vector<T> x1(x.data(), unknowns), g1(g.data(), unknowns), h1(h.data(), unknowns);
  const misfit::DistributedDataFidelity fidelity(misfit::WeightedL2{weights<T>(740)});
  const double tolerance = 200 * misfit::test::epsilon<T>;

  const double value = fidelity.fn_and_grad(exec, x1, y, by_rows, g1);
  const double expected = fidelity.fn_and_grad(exec, x1, y, general, h1);

  static_assert(!misfit::RowwiseOperator<decltype(any(0)), T>);
  EXPECT_NEAR(value, expected, tolerance * expected);
  EXPECT_LE(misfit::test::relative_difference(g, h), tolerance);
  EXPECT_TRUE(misfit::check_gradient(exec, fidelity, x1, y, general).passed());
  EXPECT_TRUE(misfit::check_adjoint<T>(exec, general).passed());
}

/// A stack that one rank alone makes wrongly is an error on all.
TEST(StackFaults, errors_of_one_rank) {
  using misfit::Identity;
  for (const auto& ranks : misfit::test::fault_sets())
    misfit::test::expect_same_error<misfit::ArgumentError>(
        [&] {
          misfit::DistributedOperator(MPI_COMM_WORLD, 2 * misfit::test::world_size(), [&](int) {
            const bool wrong = misfit::test::contains(ranks, misfit::test::world_rank());
            return misfit::stack(Identity(5), Identity(wrong ? 6 : 5));
          });
        },
        {"rank ", "operator ", "operator 1 takes 6 entries, operator 0 takes 5"});
}

#if defined(MISFIT_FOURIER)

template <typename T>
class StackOfFused : public testing::Test {};
using ComplexScalars = testing::Types<Kokkos::complex<float>, Kokkos::complex<double>>;
TYPED_TEST_SUITE(StackOfFused, ComplexScalars);

TYPED_TEST(StackOfFused, coils) {
  using T = TypeParam;
  const Shape shape{7, 9};
  const auto coil = [&](int i, int k) {
    return misfit::CoilFourier(shape,
                               vector_of<T>(static_cast<std::size_t>(40 + 4 * i + k), shape.size()),
                               weights<T>(shape.size()));
  };
  const auto frame = [&](int i) {
    return misfit::stack(std::vector{coil(i, 0), coil(i, 1), coil(i, 2), coil(i, 3)});
  };
  const misfit::WeightedL2 weighted(weights<T>(4 * shape.size()));
  if constexpr (detail::on_host<Exec>) {
    static_assert(misfit::StartingOperator<decltype(frame(0)), decltype(weighted), T>);
  }
  static_assert(!misfit::FusedOperator<decltype(frame(0)), misfit::IndicatorL2, T>);

  expect_fused_like_plain<T>(frame, weighted);
  expect_fused_like_plain<T>(frame, misfit::L2{0.7});
  expect_frames_of_parts<T>(5, 4, frame, coil);
}

/// Passes of several kinds, of which one wants the data in another form, with sizes between that
/// are odd.
TYPED_TEST(StackOfFused, different_ones) {
  using T = TypeParam;
  const Shape shape{7, 9};
  const auto frame = [&](int i) {
    const auto k = static_cast<std::size_t>(i);
    return misfit::stack(misfit::Fourier<T>(shape),
                         misfit::FourierBlur(shape, vector_of<T>(60 + k, 3)),
                         misfit::CoilFourier(shape, vector_of<T>(40 + k, shape.size())));
  };
  static_assert(misfit::PreparingOperator<decltype(frame(0)), T>);
  expect_fused_like_plain<T>(frame, misfit::L2{0.7});
  // FourierBlur has no passes for other distances.
  static_assert(!misfit::FusedOperator<decltype(frame(0)), misfit::L1, T>);
}

/// Real images: the spectrum that the second part keeps is complex, and begins where it may.
TEST(StackOfRealBlurs, keeps_spectra) {
  const Shape shape{7, 9};
  const auto frame = [&](int i) {
    const auto k = static_cast<std::size_t>(i);
    using misfit::test::MatrixOperator;
    return misfit::stack(misfit::PhaseRetrieval(MatrixOperator<float>(k, 5, shape.size())),
                         misfit::FourierBlur(shape, vector_of<float>(60 + k, 3)));
  };
  const auto blurs = [&](int i) {
    const auto k = static_cast<std::size_t>(i);
    return misfit::stack(std::vector{misfit::FourierBlur(shape, vector_of<float>(60 + k, 3)),
                                     misfit::FourierBlur(shape, vector_of<float>(70 + k, 4))});
  };
  const Exec exec;
  const misfit::DistributedOperator fused(MPI_COMM_WORLD, 5, frame);
  const auto y = fused.measurements(
      [&](int i) { return vector_of<float>(static_cast<std::size_t>(20 + i), 5 + shape.size()); });
  static_assert(misfit::FusedOperator<decltype(frame(0)), misfit::L2, float>);

  expect_fused_like_plain<float>(blurs, misfit::L2{0.7});
  EXPECT_TRUE(misfit::check_gradient(exec, misfit::DistributedDataFidelity(misfit::L2{0.7}),
                                     vector_of<float>(1, shape.size()), y, fused)
                  .passed());
}

#endif

}  // namespace
