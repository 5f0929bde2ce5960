// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <type_traits>

namespace misfit {

/// The rank-1 alias of a contiguous View of any rank, in the order of its memory.
///
/// For LayoutRight that is the row-major order of the operators; a LayoutLeft View is seen with its
/// extents reversed. Not reference-counted: `view` must outlive it. Throws ArgumentError if `view`
/// is not contiguous.
template <KokkosView V>
auto flatten(const V& view) {
  static_assert(!std::is_same_v<typename V::array_layout, Kokkos::LayoutStride>,
                "misfit: a strided View has no contiguous alias; copy it to a contiguous one");
  if (view.size() > 0 && !view.span_is_contiguous())
    throw ArgumentError("flatten: the View " + view.label() + " is not contiguous");
  return Vector<typename V::value_type, typename V::memory_space>(view.data(), view.size());
}

}  // namespace misfit
