// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using Host = Kokkos::DefaultHostExecutionSpace;

TEST(ForIndices, takes_each_index_once) {
  for (const std::size_t n : {0, 1, 2, 3, 7, 1001}) {
    std::vector<int> taken(n, 0);
    int* const t = taken.data();
    misfit::detail::for_indices(Host{}, "test", n, [=](const std::int64_t i) { ++t[i]; });
    EXPECT_EQ(taken, std::vector<int>(n, 1));
  }
}

/// As in a body that Kokkos gives to threads: else these would count on one number, all at once.
TEST(ForIndices, copies_of_bodies_count_no_references) {
  const Kokkos::View<double*, Kokkos::HostSpace> view("view", 3);
  int within[2] = {}, with_kokkos[2] = {};
  const auto body = [view](int* counts) {
    return [view, counts](const std::int64_t i) {
      const auto copy = view;
      counts[i] = copy.use_count();
    };
  };
  const int before = view.use_count();
  misfit::detail::for_indices(Host{}, "test", 2, body(within));
  Kokkos::parallel_for("test", misfit::detail::range(Host{}, 2), body(with_kokkos));
  Host{}.fence();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(within[i], with_kokkos[i]);
  EXPECT_EQ(view.use_count(), before);
  const auto counted = view;
  EXPECT_EQ(view.use_count(), before + 1);
}

TEST(Untracked, copies_count_again_behind_it) {
  const Kokkos::View<double*, Kokkos::HostSpace> view("view", 3);
  const auto own = misfit::detail::untracked(view);
  EXPECT_EQ(view.use_count(), 1);
  const auto counted = view;
  EXPECT_EQ(view.use_count(), 2);
}

}  // namespace
