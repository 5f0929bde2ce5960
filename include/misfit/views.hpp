// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Which Views the calls of misfit take.

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace misfit {

/// An execution space of Kokkos.
template <typename T>
concept ExecutionSpace = bool(Kokkos::is_execution_space<T>::value);

/// The four scalar types of signals and measurements.
template <typename T>
concept Scalar =
    std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, Kokkos::complex<float>> ||
    std::same_as<T, Kokkos::complex<double>>;

/// A View of Kokkos, of any rank, layout and memory space.
template <typename T>
concept KokkosView = Kokkos::is_view<T>::value;

/// What an operator and a distance are handed for one signal or measurement: a contiguous View of
/// rank 1.
template <typename T, typename MemorySpace = Kokkos::DefaultExecutionSpace::memory_space>
using Vector = Kokkos::View<T*, MemorySpace>;

namespace detail {

template <typename V, std::size_t... Ranks>
concept HasRank = KokkosView<V> && ((static_cast<std::size_t>(V::rank) == Ranks) || ...);

template <typename V, typename... Layouts>
concept HasLayout = KokkosView<V> && (std::same_as<typename V::array_layout, Layouts> || ...);

template <typename V>
concept HoldsScalars = KokkosView<V> && Scalar<typename V::non_const_value_type>;

template <typename V>
concept Writable = KokkosView<V> && !std::is_const_v<typename V::value_type>;

template <typename V, typename Exec>
concept AccessibleFrom =
    KokkosView<V> && ExecutionSpace<Exec> &&
    bool(Kokkos::SpaceAccessibility<Exec, typename V::memory_space>::accessible);

}  // namespace detail

/// A contiguous View of rank 1 that kernels of `Exec` can reach.
template <typename V, typename Exec>
concept VectorOn =
    detail::HasRank<V, 1> && detail::HasLayout<V, Kokkos::LayoutRight, Kokkos::LayoutLeft> &&
    detail::HoldsScalars<V> && detail::AccessibleFrom<V, Exec>;

/// One signal, of shape (n), or a batch of B signals, of shape (B, n), that kernels of `Exec` can
/// reach: in LayoutRight, LayoutLeft or LayoutStride.
///
/// What is not contiguous signal by signal (a LayoutLeft batch, Kokkos's default on a GPU; a column
/// of a matrix) is copied to workspace in every call, and an output back from it. With a batch in
/// LayoutRight, or a vector, there is no copy.
template <typename V, typename Exec>
concept SignalsOn =
    detail::HasRank<V, 1, 2> &&
    detail::HasLayout<V, Kokkos::LayoutRight, Kokkos::LayoutLeft, Kokkos::LayoutStride> &&
    detail::HoldsScalars<V> && detail::AccessibleFrom<V, Exec>;

/// The same, of entries that are not const: what a call writes to.
template <typename V, typename Exec>
concept OutputOn = SignalsOn<V, Exec> && detail::Writable<V>;

}  // namespace misfit
