// SPDX-License-Identifier: BSD-3-Clause
#include "scans.hpp"

#include <misfit/operators/scanned_probe.hpp>
#include <misfit/testing/check_adjoint.hpp>

#include <gtest/gtest.h>
#include <support/reference.hpp>

namespace {

using misfit::Origin;
using misfit::ScannedProbe;
using misfit::Shape;
using scans::origins;
using scans::probe_of;
using scans::raster;
using scans::rounding;
using scans::Scan;
using scans::waves;

template <typename T>
class ScannedProbeTest : public testing::Test {};
TYPED_TEST_SUITE(ScannedProbeTest, scans::ComplexScalars);

TYPED_TEST(ScannedProbeTest, is_the_sum_that_defines_it) {
  using T = TypeParam;
  for (const Scan& s : scans::all())
    for (const Origin origin : origins) {
      SCOPED_TRACE(scans::text(s, origin));
      const auto probe = probe_of<T>(s.height, s.width);
      const auto x = reference::random_vector<T>(s.object.size(), 1);
      const auto expected = waves(s, origin, reference::numbers(misfit::detail::all_signals(probe)),
                                  reference::numbers(x));

      const ScannedProbe a(s.object, probe, s.positions, origin);

      EXPECT_EQ(a.domain_shape(), s.object);
      EXPECT_EQ(a.range_shape(), Shape({s.positions.size(), s.height, s.width}));
      EXPECT_EQ(a.domain_size(), s.object.size());
      EXPECT_EQ(a.range_size(), a.range_shape().size());
      reference::expect_close(reference::apply<T>(a, x), expected, rounding<T>);
    }
}

TYPED_TEST(ScannedProbeTest, adjoint_is_exact) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  for (const Scan& s : scans::all())
    for (const Origin origin : origins) {
      SCOPED_TRACE(scans::text(s, origin));
      const auto probe = probe_of<T>(s.height, s.width);
      const ScannedProbe a(s.object, probe, s.positions, origin);

      static_assert(misfit::LinearOperator<decltype(a), T>);
      reference::expect_adjoint<T>(a);
      const auto checked = misfit::check_adjoint<T>(exec, a);
      EXPECT_TRUE(checked.passed()) << checked.error;
    }
}

TYPED_TEST(ScannedProbeTest, same_bits_every_time) {
  using T = TypeParam;
  const Kokkos::DefaultExecutionSpace exec;
  const ScannedProbe a({20, 23}, probe_of<T>(6, 8), raster());
  const auto y = reference::random_vector<T>(a.range_size(), 2);
  const auto adjoint = [&](const auto& op) {
    const misfit::Vector<T> z("z", op.domain_size());
    op.add_adjoint(exec, misfit::Vector<const T>(y), z);
    exec.fence();
    return reference::numbers(z);
  };

  const auto first = adjoint(a);
  EXPECT_EQ(adjoint(a), first);
  EXPECT_EQ(adjoint(ScannedProbe(a)), first);
}

}  // namespace
