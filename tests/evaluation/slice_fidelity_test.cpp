// SPDX-License-Identifier: BSD-3-Clause

// Operators slice by slice as the A_i of a data fidelity: volumes in slabs, and split, against the
// operators of the slices one by one.

#include "evaluation/fused_like_plain.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using misfit::AnyOperator;
using misfit::DistributedOperator;
using misfit::Shape;
using misfit::Slabs;
using misfit::slice_by_slice;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::vector_of;
using misfit::test::widen;

template <typename T>
using Batch = Kokkos::View<T**, Kokkos::LayoutRight>;

/// Operators of 4 slices of 5 x 3 entries: fewer slices than the most ranks of this test.
constexpr std::size_t slices = 4;
constexpr int operators = 3;
const Shape slice{5, 3}, volume{slices, 5, 3};

/// Entries s n, …, s n + n − 1 of each signal.
template <typename T>
Batch<T> piece(const Batch<T>& all, std::size_t s, std::size_t n) {
  const Batch<T> own("piece", all.extent(0), n);
  Kokkos::deep_copy(own, Kokkos::subview(all, Kokkos::ALL, std::pair(s * n, s * n + n)));
  return own;
}

template <typename T, typename U = T>
class SliceFidelity : public testing::Test {
 protected:
  static constexpr double epsilon = std::numeric_limits<misfit::detail::Real<T>>::epsilon();
  using Any = AnyOperator<T, Exec, U>;
  const Exec exec{};
  const misfit::DistributedDataFidelity<misfit::L2> fidelity{misfit::L2{0.7}};

  struct Result {
    std::vector<double> values;
    Batch<T> gradient;
  };

  static Batch<U> data(int i, std::size_t batch, std::size_t size) {
    return batch_of<U>(30 + static_cast<std::size_t>(i), batch, size);
  }
  void expect_near(const Batch<T>& found, const Batch<T>& expected) const {
    const auto a = on_host(found), b = on_host(expected);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t j = 0; j < a.size(); ++j)
      ASSERT_LE(std::abs(widen(a[j]) - widen(b[j])), 2e4 * epsilon) << "entry " << j;
  }
  void expect_near(const std::vector<double>& found, const Result& expected) const {
    for (std::size_t b = 0; b < found.size(); ++b)
      EXPECT_NEAR(found[b], expected.values[b], 200 * epsilon * (1 + expected.values[b]));
  }

  /// From the operators `of_slice`(i, s) alone, on this rank.
  template <typename OfSlice>
  Result one_by_one(const Batch<T>& x, const OfSlice& of_slice) const {
    const std::size_t n = slice.size();
    Result sum{std::vector<double>(x.extent(0)), Batch<T>("gradient", x.extent(0), x.extent(1))};
    for (std::size_t s = 0; s < slices; ++s) {
      const DistributedOperator alone(MPI_COMM_SELF, operators,
                                      [&](int i) -> Any { return of_slice(i, s); });
      const auto y = alone.measurements([&](int i) {
        const std::size_t m = alone.range_size(i);
        return piece(data(i, x.extent(0), slices * m), s, m);
      });
      const Batch<T> g("g", x.extent(0), n);
      const auto values = fidelity.fn_and_grad(exec, piece(x, s, n), y, alone, g);
      for (std::size_t b = 0; b < values.size(); ++b) sum.values[b] += values[b];
      Kokkos::deep_copy(Kokkos::subview(sum.gradient, Kokkos::ALL, std::pair(s * n, s * n + n)), g);
    }
    return sum;
  }

  /// Of operators make(i), which are of_slice(i, s) on slice s.
  template <typename Make, typename OfSlice>
  void check(const std::string& name, const Make& make, const OfSlice& of_slice) const {
    SCOPED_TRACE(name);
    const Slabs slabs(MPI_COMM_WORLD, volume);
    const DistributedOperator in_slabs(slabs, operators, make);
    const DistributedOperator split(MPI_COMM_WORLD, misfit::Partition::split(operators), make);
    for (const std::size_t batch : {1UL, 3UL}) {
      const auto x = batch_of<T>(1, batch, volume.size());
      const auto expected = one_by_one(x, of_slice);
      const auto of_all = [&](const auto& all) {
        return all.measurements([&](int i) { return data(i, batch, make(i).range_size()); });
      };
      const Batch<T> g("g", batch, volume.size());
      const auto y_split = of_all(split);
      expect_near(fidelity.fn_and_grad(exec, x, y_split, split, g), expected);
      expect_near(g, expected.gradient);

      const Batch<T> own_x("own x", batch, slabs.owned_size()),
          own("own", batch, slabs.owned_size()),
          own_expected("own expected", batch, slabs.owned_size());
      slabs.scatter(exec, x, own_x);
      slabs.scatter(exec, expected.gradient, own_expected);
      const auto y = of_all(in_slabs);
      expect_near(fidelity.fn_and_grad(exec, own_x, y, in_slabs, own), expected);
      expect_near(own, own_expected);
      const auto gradient = misfit::check_gradient(exec, fidelity, own_x, y, in_slabs);
      EXPECT_TRUE(gradient.passed()) << gradient;
    }
    for (std::size_t k = 0; k < in_slabs.local_indices().size(); ++k)
      EXPECT_EQ(in_slabs.local_rows(k), slabs.owned());
    if constexpr (std::is_same_v<T, U>) {
      const auto adjoint = misfit::check_adjoint<T>(exec, in_slabs);
      EXPECT_TRUE(adjoint.passed()) << adjoint;
      EXPECT_TRUE(misfit::check_adjoint<T>(exec, split).passed());
      const double bound = in_slabs.template norm_squared_bound<T>(exec);
      EXPECT_GE((1 + 1e-4) * bound, in_slabs.template norm_squared<T>(exec).value);
    }
  }
};

using SlicesOfAnything = SliceFidelity<float>;

TEST_F(SlicesOfAnything, matrices_and_masks) {
  const auto matrix = [](int i, std::size_t s) {
    return misfit::Dense(batch_of<float>(7 * s + static_cast<std::size_t>(i), 6, slice.size()));
  };
  const auto scaled = [&](int i) -> Any {
    if (i == 1) return slice_by_slice(misfit::scale(0.5, matrix(1, 0)), slices);
    std::vector<Any> all;
    for (std::size_t s = 0; s < slices; ++s) all.push_back(matrix(i, s));
    const auto of_all = slice_by_slice(std::move(all));
    if (i == 0) return of_all;
    return misfit::compose(misfit::Mask{vector_of<float>(5, of_all.range_size())}, of_all);
  };
  const auto mask = vector_of<float>(5, 6 * slices);
  check("matrices", scaled, [&](int i, std::size_t s) -> Any {
    if (i == 1) return misfit::scale(0.5, matrix(1, 0));
    if (i == 0) return matrix(i, s);
    const Kokkos::View<float*> own("own mask", 6);
    Kokkos::deep_copy(own, Kokkos::subview(mask, std::pair(6 * s, 6 * s + 6)));
    return misfit::compose(misfit::Mask{own}, matrix(i, s));
  });
}

// Beside an operator that needs ghost rows.
TEST_F(SlicesOfAnything, in_one_list_with_differences) {
  const Slabs slabs(MPI_COMM_WORLD, volume);
  const DistributedOperator mixed(slabs, 2, [](int i) -> Any {
    if (i == 0) return misfit::FiniteDifference(volume);
    return slice_by_slice(misfit::Dense(batch_of<float>(1, 6, slice.size())), slices);
  });
  const auto adjoint = misfit::check_adjoint<float>(exec, mixed);
  EXPECT_TRUE(adjoint.passed()) << adjoint;
}

TEST(SliceFaults, name_what_does_not_fit) {
  const Slabs across(MPI_COMM_WORLD, volume, {.dimension = 1});
  misfit::test::expect_same_error<misfit::ArgumentError>(
      [&] {
        DistributedOperator(across, 1,
                            [](int) { return slice_by_slice(misfit::Identity(15), slices); });
      },
      {"operator 0", "4 x 5 x 3", "cut along dimension 1", "none of 4 slices"});
}

#if defined(MISFIT_FOURIER)

using Complex = Kokkos::complex<double>;

Kokkos::View<Complex*> sensitivity(int i, std::size_t s) {
  return vector_of<Complex>(11 * static_cast<std::size_t>(i) + s, slice.size());
}
Kokkos::View<double*> mask() { return vector_of<double>(3, slice.size()); }

using SlicesOfFourier = SliceFidelity<Complex>;

TEST_F(SlicesOfFourier, all_kinds) {
  const auto of_slice = [](int i, std::size_t) -> Any {
    if (i == 0) return misfit::Fourier(slice, mask());
    if (i == 1) return misfit::FourierBlur(slice, batch_of<Complex>(4, 3, 2));
    return misfit::NonuniformFourier<Complex>(slice, batch_of<double>(2, 9, 2));
  };
  check(
      "Fourier, FourierBlur, NonuniformFourier",
      [&](int i) -> Any { return slice_by_slice(of_slice(i, 0), slices); }, of_slice);
}

// In passes of its own, as it is not behind AnyOperator.
TEST_F(SlicesOfFourier, coils) {
  const auto of_slice = [](int i, std::size_t s) {
    return misfit::CoilFourier(slice, sensitivity(i, s), mask());
  };
  const auto coil = [&](int i) {
    std::vector<decltype(of_slice(0, 0))> all;
    for (std::size_t s = 0; s < slices; ++s) all.push_back(of_slice(i, s));
    return slice_by_slice(std::move(all));
  };
  static_assert(misfit::FusedOperator<decltype(coil(0)), misfit::L2, Complex>);
  check("coils", coil, of_slice);
}

TEST_F(SlicesOfFourier, fused_like_plain) {
  const auto weights = misfit::test::positive_vector_of(3, volume.size());
  const auto coil = [](int i) {
    return slice_by_slice(misfit::CoilFourier(slice, sensitivity(i, 0), mask()), slices);
  };
  misfit::test::expect_fused_like_plain<Complex>(coil, misfit::WeightedL2{weights});
  misfit::test::expect_fused_like_plain<double>(
      [](int i) {
        const auto kernel = batch_of<double>(static_cast<std::size_t>(i), 3, 2);
        return slice_by_slice(misfit::FourierBlur(slice, kernel), slices);
      },
      misfit::L2{0.7});
  // Slices of as many entries, whose data take 36 numbers and 32.
  for (const bool wide_first : {true, false})
    misfit::test::expect_fused_like_plain<double>(
        [=](int i) {
          const auto kernel = batch_of<double>(static_cast<std::size_t>(i), 3, 2);
          std::vector blurs{misfit::FourierBlur({4, 6}, kernel),
                            misfit::FourierBlur({6, 4}, kernel)};
          if (wide_first) std::swap(blurs[0], blurs[1]);
          return slice_by_slice(std::move(blurs));
        },
        misfit::L2{0.7});
}

using SlicesOfIntensities = SliceFidelity<Complex, double>;

TEST_F(SlicesOfIntensities, of_transforms) {
  const auto of_slice = [](int i, std::size_t s) -> Any {
    return misfit::PhaseRetrieval(misfit::CoilFourier(slice, sensitivity(i, s)));
  };
  check(
      "intensities",
      [&](int i) -> Any {
        if (i == 0) {
          std::vector<Any> all;
          for (std::size_t s = 0; s < slices; ++s) all.push_back(of_slice(i, s));
          return slice_by_slice(std::move(all));
        }
        std::vector<misfit::PhaseRetrieval<misfit::CoilFourier<Kokkos::View<Complex*>>>> all;
        for (std::size_t s = 0; s < slices; ++s)
          all.push_back(misfit::PhaseRetrieval(misfit::CoilFourier(slice, sensitivity(i, s))));
        return slice_by_slice(std::move(all));
      },
      of_slice);
}

#endif

}  // namespace
