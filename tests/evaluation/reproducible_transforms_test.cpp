// SPDX-License-Identifier: BSD-3-Clause

// Sum::reproducible of operators that are one transform of x, whose spectra are added.

#include "evaluation/not_at_zeros.hpp"
#include "evaluation/same_bits.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::Origin;
using misfit::Partition;
using misfit::Shape;
using misfit::Subset;
using misfit::Sum;
using misfit::test::append;
using misfit::test::batch_of;
using misfit::test::Bits;
using misfit::test::Exec;
using misfit::test::expect_same_bits;
using misfit::test::on_host;
using misfit::test::vector_of;
using misfit::test::world_size;
namespace detail = misfit::detail;
using C = Kokkos::complex<double>;

constexpr std::size_t signals = 2;

/// f and ∇f of all operators and of subsets, by all calls.
template <typename T, typename Factory, typename Distances>
void expect_same_bits_of(const Shape& shape, const Factory& factory, const Distances& distances) {
  SCOPED_TRACE(shape.text());
  expect_same_bits([=](MPI_Comm comm, const Partition& partition, Sum sum) {
    const misfit::DistributedOperator operators(comm, partition, factory);
    const auto y = operators.measurements([&](int i) {
      return batch_of<T>(static_cast<std::size_t>(40 + i), signals, shape.size());
    });
    const misfit::DistributedDataFidelity fidelity(operators, distances, misfit::Reduction::mean,
                                                   sum);
    const auto x = batch_of<T>(2, signals, shape.size()), g = batch_of<T>(3, signals, shape.size());
    Bits bits;
    const auto note = [&](const std::vector<double>& values) {
      append(bits, values.data(), values.size());
      append(bits, g);
    };
    note(fidelity.fn_and_grad(Exec{}, x, y, operators, g));
    fidelity.grad(Exec{}, x, y, operators, g);
    note(fidelity.fn(Exec{}, x, y, operators));
    for (const Subset& subset : {Subset({12, 3, 5, 4, 0, 7, 8}, Subset::Scale::unbiased),
                                 Subset({11}, Subset::Scale::none)})
      note(fidelity.fn_and_grad(Exec{}, x, y, operators, g, subset));
    return bits;
  });
}

/// Lines side by side and one by one, blocks that are cut, one, two and three dimensions.
TEST(ReproducibleTransforms, of_masks_with_distances_of_their_own) {
  const auto expect = [](const Shape& shape, Origin origin) {
    expect_same_bits_of<C>(
        shape,
        [=](int i) {
          const auto k = static_cast<std::size_t>(60 + i);
          return misfit::Fourier(shape, vector_of<C>(k, shape.size()), origin);
        },
        [](int i) { return misfit::Huber(0.2 + 0.1 * i); });
  };
  expect({37}, Origin::centre);
  expect({16, 70}, Origin::centre);
  expect({40, 33}, Origin::centre);
  expect({40, 33}, Origin::corner);
  expect({18, 4, 13}, Origin::centre);
}

template <typename T>
class ReproducibleBlurs : public testing::Test {};
using Scalars = testing::Types<double, Kokkos::complex<float>>;
TYPED_TEST_SUITE(ReproducibleBlurs, Scalars);

TYPED_TEST(ReproducibleBlurs, of_kernels_and_weights_of_their_own) {
  using T = TypeParam;
  for (const Shape& shape : {Shape{64, 9}, Shape{40, 150}, Shape{2, 18, 21}})
    expect_same_bits_of<T>(
        shape,
        [=](int i) {
          return misfit::FourierBlur<T>(shape, batch_of<T>(static_cast<std::size_t>(60 + i), 3, 4));
        },
        [](int i) { return misfit::L2(0.3 + 0.1 * i); });
}

// Of as many pixels, but of another shape: operators one by one. Which a rank has must not matter.
TEST(ReproducibleTransforms, of_several_transforms) {
  expect_same_bits_of<C>(
      {4, 6}, [](int i) { return misfit::Fourier<C>(i == 7 ? Shape{6, 4} : Shape{4, 6}); },
      [](int) { return misfit::L2(0.7); });
}

/// A problem of n operators over all ranks, of which the last has none where there are several.
template <typename Op>
struct Problem {
  template <typename Factory>
  Problem(int n, const Shape& shape, const Factory& factory)
      : operators(MPI_COMM_WORLD, partition(n), factory),
        x(vector_of<typename Op::value_type>(1, shape.size())),
        g("g", shape.size()) {
    for (const int i : operators.local_indices())
      y.push_back(
          vector_of<typename Op::value_type>(static_cast<std::size_t>(20 + i), shape.size()));
  }
  static Partition partition(int n) {
    std::vector<int> owners;
    for (int i = 0; i < n; ++i) owners.push_back(i % std::max(1, world_size() - 1));
    return Partition::from_owners(owners);
  }

  misfit::DistributedOperator<Op> operators;
  Kokkos::View<typename Op::value_type*> x, g;
  std::vector<Kokkos::View<typename Op::value_type*>> y;
};

using Transforms = Problem<misfit::Fourier<C>>;
Transforms transforms() {
  return {7, {40, 33}, [](int) { return misfit::Fourier<C>({40, 33}); }};
}
auto reproducible() {
  return misfit::DistributedDataFidelity(misfit::L2{0.7}, misfit::Reduction::sum,
                                         Sum::reproducible);
}

TEST(ReproducibleTransforms, are_those_of_any_sum) {
  const Transforms p = transforms();
  const auto fidelity = reproducible();
  const misfit::DistributedDataFidelity any(misfit::L2{0.7});
  const Kokkos::View<C*> expected("expected", p.x.extent(0));
  const double value = any.fn_and_grad(Exec{}, p.x, p.y, p.operators, expected);

  EXPECT_NEAR(fidelity.fn(Exec{}, p.x, p.y, p.operators), value, 1e-13 * value);
  EXPECT_NEAR(fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g), value, 1e-13 * value);
  const double size = std::sqrt(detail::dot(Exec{}, expected, expected));
  detail::axpby(Exec{}, -1, expected, 1, p.g);
  EXPECT_LE(std::sqrt(detail::dot(Exec{}, p.g, p.g)), 1e-13 * size);
}

TEST(ReproducibleTransforms, of_one_operator) {
  const Transforms p(1, {40, 33}, [](int) { return misfit::Fourier<C>({40, 33}); });
  const misfit::DistributedDataFidelity any(misfit::L2{0.7});
  const double value = any.fn(Exec{}, p.x, p.y, p.operators);
  EXPECT_NEAR(reproducible().fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g), value, 1e-13 * value);
}

TEST(ReproducibleTransforms, prox) {
  expect_same_bits([](MPI_Comm comm, const Partition& partition, Sum sum) {
    const Shape shape{12, 18};
    const misfit::DistributedOperator operators(comm, partition, [&](int i) {
      return misfit::Fourier(shape, vector_of<C>(static_cast<std::size_t>(60 + i), shape.size()));
    });
    const auto y = operators.measurements(
        [&](int i) { return vector_of<C>(static_cast<std::size_t>(40 + i), shape.size()); });
    const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5}, misfit::Reduction::sum, sum);
    const Kokkos::View<C*> result("result", shape.size());
    fidelity.prox(Exec{}, 0.7, vector_of<C>(3, shape.size()), y, operators, result);
    Bits bits;
    append(bits, result);
    return bits;
  });
}

// Ranks that measure may get other plans, and would transform the same spectrum to other bits.
TEST(ReproducibleTransforms, are_the_same_on_all_ranks_whatever_their_plans) {
  for (const Shape& shape : {Shape{96, 90}, Shape{120, 128}}) {
    misfit::set_fourier_planning(misfit::FourierPlanning::measure);
    const Transforms p(7, shape, [&](int) { return misfit::Fourier<C>(shape); });
    misfit::set_fourier_planning(misfit::FourierPlanning::estimate);
    reproducible().fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g);
    const auto same = misfit::check_replicated(Exec{}, p.operators.communicator(), p.g);
    EXPECT_TRUE(same.passed()) << same;
  }
}

int transforms_back = 0;  // NOLINT: the hook is a plain function
void note_kernel(const char* label, std::uint32_t, std::uint64_t*) {
  if (std::string(label).starts_with("misfit::Fft::store")) ++transforms_back;
}

TEST(ReproducibleTransforms, go_back_once) {
  namespace tools = Kokkos::Tools::Experimental;
  const Transforms p = transforms();
  const auto fidelity = reproducible();
  fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g);

  transforms_back = 0;
  tools::set_begin_parallel_for_callback(note_kernel);
  fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g);
  tools::set_begin_parallel_for_callback(nullptr);

  EXPECT_EQ(transforms_back, 1);
}

/// Is 1 and has gradient 0 whatever A x is.
struct Flat {
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, T, T) const {
    return 1;
  }
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, T, T) const {
    return T(0);
  }
};

TEST(ReproducibleTransforms, carry_what_is_not_finite_and_forget_it) {
  const Transforms p = transforms();
  const auto fidelity = reproducible();
  const auto good = vector_of<C>(1, p.x.extent(0));
  const double before = fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g);
  const auto gradient = on_host(p.g);

  Kokkos::deep_copy(Kokkos::subview(p.x, 5), C(std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(std::isnan(fidelity.fn(Exec{}, p.x, p.y, p.operators)));
  EXPECT_TRUE(std::isnan(fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g)));
  for (const auto& entry : on_host(p.g)) EXPECT_TRUE(std::isnan(detail::abs(entry)));
  const misfit::DistributedDataFidelity flat(Flat{}, misfit::Reduction::sum, Sum::reproducible);
  EXPECT_TRUE(std::isnan(flat.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g)));
  EXPECT_TRUE(std::isnan(detail::abs(on_host(p.g)[5])));

  Kokkos::deep_copy(p.x, good);
  EXPECT_EQ(fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g), before);
  EXPECT_EQ(on_host(p.g), gradient);
}

TEST(ReproducibleTransforms, name_the_operator_in_errors) {
  const Transforms p = transforms();
  const misfit::DistributedDataFidelity fidelity(misfit::test::NotAtZeros{}, misfit::Reduction::sum,
                                                 Sum::reproducible);
  const double before = fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g);
  const std::vector<int>& own = p.operators.local_indices();
  for (std::size_t k = 0; k < own.size(); ++k)
    if (own[k] == 5) Kokkos::deep_copy(Kokkos::subview(p.y[k], 9), C(0));

  EXPECT_TRUE(std::isfinite(fidelity.fn(Exec{}, p.x, p.y, p.operators)));
  misfit::test::expect_same_error<misfit::DomainError>(
      [&] { fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g); }, {"operator 5"});

  for (std::size_t k = 0; k < own.size(); ++k)
    if (own[k] == 5) Kokkos::deep_copy(p.y[k], vector_of<C>(25, p.x.extent(0)));
  EXPECT_EQ(fidelity.fn_and_grad(Exec{}, p.x, p.y, p.operators, p.g), before);
}

/// Also in the first call that asks whether transforms are alike, when the order is known.
TEST(ReproducibleTransforms, name_the_argument_in_errors) {
  const Transforms p = transforms();
  const auto fidelity = reproducible();
  fidelity.at(Exec{}, p.x, p.y, p.operators);
  const int last = world_size() - 1;
  const auto wrong = vector_of<C>(1, p.x.extent(0) + (misfit::test::world_rank() == last ? 1 : 0));
  for (int call = 0; call < 2; ++call)
    misfit::test::expect_same_error<misfit::ArgumentError>(
        [&] { fidelity.fn(Exec{}, wrong, p.y, p.operators); },
        {"rank " + std::to_string(last), "x: has 1321 entries"});
  EXPECT_TRUE(std::isfinite(fidelity.fn(Exec{}, p.x, p.y, p.operators)));
}

template <typename T, typename Factory>
void expect_nan_on_all(const Shape& shape, double number, const Factory& factory) {
  SCOPED_TRACE(shape.text() + " " + std::to_string(number));
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, Partition::blocks(2 * world_size()),
                                              factory);
  const auto y = operators.measurements(
      [&](int i) { return vector_of<T>(static_cast<std::size_t>(40 + i), shape.size()); });
  const auto x = vector_of<T>(1, shape.size()), g = vector_of<T>(3, shape.size());
  if (misfit::test::world_rank() == 0) Kokkos::deep_copy(Kokkos::subview(x, 0), T(number));
  reproducible().grad(Exec{}, x, y, operators, g);
  for (const T& entry : on_host(g)) EXPECT_TRUE(std::isnan(C(entry).real()));
}

/// One entry alone is its own spectrum, without a sum that would be NaN.
TEST(ReproducibleTransforms, carry_an_x_that_is_not_finite_on_one_rank_to_all) {
  for (const Shape& shape : {Shape{1, 1}, Shape{4, 6}})
    for (const double number : {std::nan(""), HUGE_VAL}) {
      expect_nan_on_all<C>(shape, number, [&](int i) {
        return misfit::Fourier<C, Kokkos::View<double*>>(
            shape, vector_of<double>(static_cast<std::size_t>(i), shape.size()));
      });
      expect_nan_on_all<double>(shape, number, [&](int i) {
        return misfit::FourierBlur<double>(shape,
                                           batch_of<double>(static_cast<std::size_t>(i), 1, 1));
      });
    }
}

#if defined(KOKKOS_ENABLE_SERIAL)
// One thread, against as many as the default host space has.
TEST(ReproducibleTransforms, have_the_same_bits_for_any_number_of_threads) {
  if (!detail::in_cpu_form<Exec>) GTEST_SKIP() << "for CPUs";
  if constexpr (detail::in_cpu_form<Exec>) {
    const Transforms p = transforms();
    const auto fidelity = reproducible();
    const double one = fidelity.fn_and_grad(Kokkos::Serial{}, p.x, p.y, p.operators, p.g);
    const auto gradient = on_host(p.g);
    EXPECT_EQ(fidelity.fn_and_grad(Kokkos::DefaultHostExecutionSpace{}, p.x, p.y, p.operators, p.g),
              one);
    EXPECT_EQ(on_host(p.g), gradient);
  }
}
#endif

}  // namespace
