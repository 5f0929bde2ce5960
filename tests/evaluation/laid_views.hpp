// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Batches of signals in Views of other layouts.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/flatten.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <utility>

namespace misfit::test {

/// Signals as a user's code may have them. `all` is the memory that they are a part of.
template <typename V, typename Parent>
struct Laid {
  Laid(const V& signals, const Parent& memory) : view(signals), all(memory) {}
  V view;
  Parent all;
};

struct LeftLayout {
  template <typename T>
  static auto make(std::size_t batch, std::size_t n) {
    const Kokkos::View<T**, Kokkos::LayoutLeft> all("left", batch, n);
    return Laid(all, all);
  }
};
/// Rows with gaps between them: LayoutRight (LayoutStride with newer Kokkos), but not contiguous.
struct GapsBetweenSignals {
  template <typename T>
  static auto make(std::size_t batch, std::size_t n) {
    const Kokkos::View<T**, Kokkos::LayoutRight> all("gaps", batch, n + 2);
    const auto view = Kokkos::subview(all, Kokkos::ALL, std::pair<std::size_t, std::size_t>(0, n));
    return Laid(view, all);
  }
};
/// Every entry away from every other one.
struct GapsBetweenEntries {
  template <typename T>
  static auto make(std::size_t batch, std::size_t n) {
    const Kokkos::View<T***, Kokkos::LayoutRight> all("strided", batch, n, 2);
    const auto view = Kokkos::subview(all, Kokkos::ALL, Kokkos::ALL, 1);
    return Laid(view, all);
  }
};

template <typename Layout, typename T>
auto laid(const Kokkos::View<T**, Kokkos::LayoutRight>& signals) {
  const auto made = Layout::template make<T>(signals.extent(0), signals.extent(1));
  Kokkos::deep_copy(made.view, signals);
  return made;
}

/// The entries of `all` that do not belong to its signals, which are set to a number of their own.
inline constexpr double untouched = 77;
template <typename T, typename L>
void fill(const L& laid) {
  Kokkos::deep_copy(laid.all, T(static_cast<misfit::detail::Real<T>>(untouched)));
}
template <typename T, typename L>
void expect_neighbours_untouched(const L& laid) {
  std::size_t kept = 0;
  const auto entries =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, misfit::flatten(laid.all));
  for (std::size_t j = 0; j < entries.extent(0); ++j)
    kept += entries(j) == T(static_cast<misfit::detail::Real<T>>(untouched)) ? 1 : 0;
  EXPECT_EQ(kept, laid.all.size() - laid.view.size());
}

}  // namespace misfit::test
