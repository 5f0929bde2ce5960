// SPDX-License-Identifier: BSD-3-Clause
#include "refusals.hpp"
#include "scans.hpp"

#include <misfit/distances/amplitude.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/operators/coil_fourier.hpp>
#include <misfit/operators/phase_retrieval.hpp>
#include <misfit/operators/ptychography.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <gtest/gtest.h>
#include <mpi.h>
#include <operators/intensities.hpp>
#include <support/reference.hpp>

#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

using misfit::Origin;
using misfit::Ptychography;
using misfit::Shape;
using misfit::detail::Real;
using reference::Number;
using reference::Numbers;
using scans::origins;
using scans::Positions;
using scans::probe_of;
using scans::raster;
using scans::rounding;
using scans::Scan;
using scans::waves;

template <typename T>
class PtychographyTest : public testing::Test {};
TYPED_TEST_SUITE(PtychographyTest, scans::ComplexScalars);

TYPED_TEST(PtychographyTest, is_the_intensity_of_the_waves) {
  using T = TypeParam;
  for (const Scan& s : scans::all())
    for (const Origin origin : origins) {
      SCOPED_TRACE(scans::text(s, origin));
      const auto probe = probe_of<T>(s.height, s.width);
      const Kokkos::View<T**, Kokkos::LayoutLeft> by_columns("probe", s.height, s.width);
      Kokkos::deep_copy(by_columns, probe);
      const auto x = reference::random_vector<T>(s.object.size(), 1);
      const auto expected = waves(s, origin, reference::numbers(misfit::detail::all_signals(probe)),
                                  reference::numbers(x));
      Numbers intensities;
      for (const Number& u : expected) intensities.emplace_back(std::norm(u));

      const Ptychography a(s.object, by_columns, s.positions, origin);

      EXPECT_EQ(a.domain_shape(), s.object);
      EXPECT_EQ(a.range_shape(), Shape({s.positions.size(), s.height, s.width}));
      EXPECT_EQ(a.domain_size(), s.object.size());
      EXPECT_EQ(a.range_size(), a.range_shape().size());
      reference::expect_close(reference::apply<Real<T>>(a, x), intensities, rounding<T>);
    }
}

TYPED_TEST(PtychographyTest, adjoint_of_the_derivative_is_exact) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  for (const Scan& s : scans::all())
    for (const Origin origin : origins) {
      SCOPED_TRACE(scans::text(s, origin));
      const auto probe = probe_of<T>(s.height, s.width);
      const Ptychography a(s.object, probe, s.positions, origin);

      static_assert(misfit::DifferentiableOperator<decltype(a), T, Real<T>>);
      static_assert(misfit::FusedOperator<decltype(a), misfit::Amplitude, T, Real<T>>);
      const auto checked = misfit::check_adjoint<T>(exec, a);
      EXPECT_TRUE(checked.passed()) << checked.error;
    }
}

/// Positions i, i + n, i + 2n, …
Positions subset(int i, int n) {
  Positions some;
  const Positions all = raster();
  for (auto k = static_cast<std::size_t>(i); k < all.size(); k += static_cast<std::size_t>(n))
    some.push_back(all[k]);
  return some;
}

template <typename T>
auto part(int i, int n) {
  return Ptychography({20, 23}, probe_of<T>(6, 8), subset(i, n));
}

TYPED_TEST(PtychographyTest, fidelities) {
  misfit::test::expect_fidelities_of_intensities<TypeParam>(
      [](int i) { return part<TypeParam>(i, 5); });
}

TYPED_TEST(PtychographyTest, subsets_are_the_whole) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const auto x = reference::random_vector<T>(20 * 23, 1);
  const misfit::Vector<T> g("g", x.extent(0)), expected("expected", x.extent(0));
  const auto evaluate = [&](int n, const auto& out) {
    const misfit::DistributedOperator parts(MPI_COMM_WORLD, n,
                                            [&](int i) { return part<T>(i, n); });
    const auto y = parts.measurements([&](int i) {
      const misfit::Vector<Real<T>> ones("ones", parts.range_size(i));
      Kokkos::deep_copy(ones, Real<T>(1));
      return ones;
    });
    return misfit::DistributedDataFidelity(misfit::Amplitude{}).fn_and_grad(exec, x, y, parts, out);
  };

  const double whole = evaluate(1, expected), stacked = evaluate(7, g);

  EXPECT_NEAR(stacked, whole, static_cast<double>(rounding<T>) * whole);
  reference::expect_close(g, reference::numbers(expected), rounding<T>);
}

/// Magnitudes of the spectrum of an image seen through several masks.
TYPED_TEST(PtychographyTest, coded_diffraction) {
  using T = TypeParam;
  for (const Origin origin : origins)
    misfit::test::expect_fidelities_of_intensities<T>([=](int i) {
      const auto mask = reference::random_vector<T>(6 * 7, static_cast<std::uint64_t>(i) + 30);
      return misfit::PhaseRetrieval(misfit::CoilFourier({6, 7}, mask, origin));
    });
}

TEST(Ptychography, refuses_on_every_rank_what_one_gets_wrong) {
  using T = Kokkos::complex<double>;
  const auto probe = probe_of<T>(3, 4);
  const auto bad = probe_of<T>(3, 4);
  Kokkos::deep_copy(Kokkos::subview(bad, 2, 3), T(0, std::numeric_limits<double>::infinity()));
  struct Fault {
    Shape object;
    Kokkos::View<T**, Kokkos::LayoutRight> probe;
    Positions positions;
    std::string words;
  };
  const std::vector<Fault> faults = {
      {{8, 9}, probe, {{0, 0}, {6, 0}}, "position 1, (6, 0): the window of 3 x 4"},
      {{8, 9}, probe, {{0, 6}}, "position 0, (0, 6): the window of 3 x 4"},
      {{8, 9}, probe, {{0, 0}, {1, 1}, {-1, 0}}, "position 2, (-1, 0): the window"},
      {{8, 9},
       probe,
       {{0, -1}},
       "(0, -1): the window of 3 x 4 does not lie in the object of 8 x 9"},
      {{8, 9}, probe, {{std::numeric_limits<std::int64_t>::max(), 0}}, "position 0"},
      {{2, 36}, probe, {{0, 0}}, "does not lie in the object of 2 x 36"},
      {{24, 3}, probe, {{0, 0}}, "does not lie in the object of 24 x 3"},
      {{8, 9}, probe, {}, "there are no positions"},
      {{8, 9}, {}, {{0, 0}}, "probe is empty"},
      {{8, 9}, bad, {{0, 0}}, "probe: has entries that are not finite"},
      {{72}, probe, {{0, 0}}, "the object has 2 dimensions, not shape 72"},
      {{2, 4, 9}, probe, {{0, 0}}, "the object has 2 dimensions, not shape 2 x 4 x 9"}};
  for (const Fault& fault : faults)
    misfit::test::expect_refused_on_all_ranks(
        [&] { return Ptychography({8, 9}, probe, {{0, 0}, {5, 5}}); },
        [&] { return Ptychography(fault.object, fault.probe, fault.positions); },
        {"ScannedProbe: ", fault.words});
}

}  // namespace
