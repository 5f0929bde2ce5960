// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Signals as the passes take them: each contiguous, one behind the other. A View that is not so is
// copied to workspace and, where it is an output, back.

#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <type_traits>

namespace misfit::detail {

/// The View of packed signals that has the rank and the entries of V.
template <typename V>
using Packed = std::conditional_t<
    is_batch<V>,
    Kokkos::View<typename V::value_type**, Kokkos::LayoutRight, typename V::memory_space>,
    Vector<typename V::value_type, typename V::memory_space>>;

/// Whether the entries of `view` lie in memory signal by signal, without gaps.
template <typename V>
bool is_packed(const V& view) {
  const std::size_t n = signal_size(view), batch = batch_size(view);
  if (n == 0 || batch == 0) return true;
  const auto stride = [&](unsigned r) { return static_cast<std::size_t>(view.stride(r)); };
  if constexpr (is_batch<V>)
    return (n == 1 || stride(1) == 1) && (batch == 1 || stride(0) == n);
  else
    return n == 1 || stride(0) == 1;
}

/// `batch` packed signals of n entries at `data`, of the rank of V. Not reference-counted.
template <typename V, typename T>
auto packed_signals(T* data, std::size_t batch, std::size_t n) {
  if constexpr (is_batch<V>)
    return Kokkos::View<T**, Kokkos::LayoutRight, typename V::memory_space>(data, batch, n);
  else
    return Vector<T, typename V::memory_space>(data, n);
}

/// Packed signals at `data`, of the shape of `view`. Not reference-counted.
template <typename V, typename T>
auto packed_at(T* data, const V& view) {
  return packed_signals<V>(data, batch_size(view), signal_size(view));
}

/// How many entries of memory pack() needs.
template <typename V>
std::size_t packing_size(const V& view) {
  return is_packed(view) ? 0 : view.size();
}

/// `view` itself, or its copy at `memory`, of packing_size(view) entries. Asynchronous on `exec`.
template <typename Exec, typename V>
Packed<typename V::const_type> pack(const Exec& exec, const V& view,
                                    typename V::non_const_value_type* memory) {
  using Entry = typename V::const_value_type;
  if (is_packed(view)) return packed_at<V, Entry>(view.data(), view);
  const auto copy = packed_at(memory, view);
  copy_signals(exec, view, copy);
  return copy;
}

/// The same, with the memory from `workspace`.
template <typename Exec, typename V>
auto pack(const Exec& exec, const V& view, Workspace& workspace) {
  using T = typename V::non_const_value_type;
  const std::size_t size = packing_size(view);
  T* const memory =
      size > 0 ? workspace.get<T, typename V::memory_space>(size, "misfit::pack").data() : nullptr;
  return pack(exec, view, memory);
}

/// Where a call computes its output `view`: in `view` itself, or in workspace from which
/// give_back() copies. Empty, until take() within the work that ranks agree on.
template <typename V>
struct Output {
  using T = typename V::non_const_value_type;

  void take(const V& view, Workspace& workspace) {
    T* data = view.data();
    if (const std::size_t size = packing_size(view); size > 0)
      data = workspace.get<T, typename V::memory_space>(size, "misfit::Output").data();
    signals = packed_at(data, view);
    entries = Vector<T, typename V::memory_space>(data, view.size());
  }
  /// For a call that reads its output, too. Asynchronous on `exec`.
  template <typename Exec>
  void copy_in(const Exec& exec, const V& view) const {
    if (signals.data() != view.data()) copy_signals(exec, view, signals);
  }
  /// Blocks where it copies.
  template <typename Exec>
  void give_back(const Exec& exec, const V& view) const {
    if (signals.data() == view.data()) return;
    copy_signals(exec, signals, view);
    fence(exec, "misfit: an output is copied to its View");
  }

  Packed<V> signals;
  Vector<T, typename V::memory_space> entries;  ///< of all signals, one behind the other
};

/// What stands for the output of a call that has none.
struct NoOutput {};

template <bool there, typename V>
using OutputOf = std::conditional_t<there, Output<V>, NoOutput>;

/// Whether V is for signals that are packed, or may be.
template <typename V>
inline constexpr bool has_packed_layout =
    std::is_same_v<typename V::array_layout, Kokkos::LayoutRight> ||
    (!is_batch<V> && std::is_same_v<typename V::array_layout, Kokkos::LayoutLeft>);

/// The View type of a measurement that is kept, or of a copy, which it owns: V if its signals can
/// be packed and it can own them, else one like it.
template <typename V>
using Kept =
    std::conditional_t<has_packed_layout<V> && !bool(V::memory_traits::is_unmanaged), V, Packed<V>>;

/// `view`, or a copy of it where it is not packed, made by kernels on `exec`. Blocks where it
/// copies.
template <typename Exec, typename V>
Kept<V> keep(const Exec& exec, const V& view) {
  if constexpr (std::is_same_v<Kept<V>, V>) {
    if (is_packed(view)) return view;
  } else if constexpr (has_packed_layout<V>) {
    if (is_packed(view)) return packed_at(view.data(), view);
  }
  using Owned = Packed<typename V::non_const_type>;
  using T = typename V::non_const_value_type;
  Owned copy;
  const auto properties = Kokkos::view_alloc(Kokkos::WithoutInitializing, view.label());
  if constexpr (is_batch<V>)
    copy = Owned(properties, view.extent(0), view.extent(1));
  else
    copy = Owned(properties, view.extent(0));
  static_assert(std::is_same_v<T, typename Owned::value_type>);
  copy_signals(exec, view, copy);
  fence(exec, "misfit: a measurement is copied");
  return copy;
}

}  // namespace misfit::detail
