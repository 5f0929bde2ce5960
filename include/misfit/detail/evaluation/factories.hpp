// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/measurements.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace misfit::detail {

/// A function that makes what belongs to operator i: called with i, or with i and k, where i is the
/// k-th operator of its rank.
template <typename F>
concept Factory = std::invocable<F&, int> || std::invocable<F&, int, std::size_t>;

/// What `factory` makes for operator i, the k-th of its rank.
template <Factory F>
decltype(auto) make(F&& factory, int i, std::size_t k) {
  if constexpr (std::invocable<F&, int>)
    return factory(i);
  else
    return factory(i, k);
}

/// The type of what a factory makes.
template <Factory F>
using MadeBy = std::remove_cvref_t<decltype(make(std::declval<F&>(), 0, std::size_t{0}))>;

/// The View type of measurements from a factory or from a list.
template <typename Source>
struct MeasurementsFromSource {
  using type = MeasurementView<std::remove_cvref_t<Source>>;
};
template <Factory Source>
struct MeasurementsFromSource<Source> {
  using type = MadeBy<Source>;
};
template <typename Source>
using MeasurementsFrom = typename MeasurementsFromSource<Source>::type;

}  // namespace misfit::detail
