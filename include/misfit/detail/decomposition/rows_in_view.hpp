// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/flatten.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

namespace misfit::detail {

/// Consecutive entries of a View.
struct Segment {
  std::size_t first = 0, count = 0;
};

/// Some rows of an image, with others before and behind them.
struct RowsBetween {
  std::size_t before, count, after;
};

/// Where `rows` of an image lie in a View of `extents`, outermost first, which has all of these
/// rows along the cut of the image. Throws ArgumentError, which begins with `call`, if an extent
/// differs, or if they are not consecutive entries.
Segment segment_of_rows(const char* call, const ImageCut& cut,
                        const std::span<const std::size_t>& extents, const RowsBetween& rows);

/// The same as a vector; an alias.
template <typename V>
auto rows_in_view(const char* call, const ImageCut& cut, const V& view, const RowsBetween& rows) {
  constexpr auto rank = static_cast<std::size_t>(V::rank);
  constexpr bool reversed = std::is_same_v<typename V::array_layout, Kokkos::LayoutLeft>;
  std::array<std::size_t, rank> extents{};
  for (std::size_t d = 0; d < rank; ++d) extents[reversed ? rank - 1 - d : d] = view.extent(d);
  const Segment segment = segment_of_rows(call, cut, extents, rows);
  const auto all = flatten(view);
  return Vector<typename V::value_type, typename V::memory_space>(all.data() + segment.first,
                                                                  segment.count);
}

}  // namespace misfit::detail
