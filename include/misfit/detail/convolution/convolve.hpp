// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Convolution in four dimensions, the last one running fastest; a dimension that is not blurred has
// one tap. Both directions gather: no atomics, and the same bits for any number of threads.
//
// A CPU computes tiles of rows from prepared rows in its cache (tile.hpp). A GPU
// computes one entry a thread (gather.hpp): its threads next to each other read entries
// next to each other, and it has no stack for rows. A CPU does so too in the rare case that a
// prepared row would not fit into the memory of a tile.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/convolution/gather.hpp>
#include <misfit/detail/convolution/layout.hpp>
#include <misfit/detail/convolution/tile.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

template <typename Exec, typename W, typename X, typename Y>
void convolve_by_entries(const Exec& exec, const Axes& axes, const W* w, const X* x, Y* y) {
  std::int64_t outputs = 1;
  for (int d = 0; d < 4; ++d) outputs *= axes[d].outputs;
  for_indices(
      exec, "misfit::Blur::apply::entries", static_cast<std::size_t>(outputs),
      KOKKOS_LAMBDA(const std::int64_t item) { y[item] = gathered<Y>(axes, w, x, item); });
}

template <typename Exec, typename W, typename Y, typename X>
void convolve_adjoint_by_entries(const Exec& exec, const Axes& axes, const W* w, const Y* y, X* x) {
  std::int64_t inputs = 1;
  for (int d = 0; d < 4; ++d) inputs *= axes[d].inputs;
  for_indices(
      exec, "misfit::Blur::add_adjoint::entries", static_cast<std::size_t>(inputs),
      KOKKOS_LAMBDA(const std::int64_t item) { x[item] += gathered_adjoint<X>(axes, w, y, item); });
}

/// Whether tiles are for `Exec` and fit, and the work was done by them.
template <bool Adjoint, typename Exec, typename W, typename S, typename T>
bool convolve_by_tiles(const char* label, const Exec& exec, const Axes& axes,
                       const ConvolutionWeights<W>& weights, const S* source, T* target) {
  if constexpr (in_cpu_form<Exec>) {
    const auto layout = tile_layout<Adjoint>(axes, weights.factors != nullptr, sizeof(T));
    if (layout.fits)
      for_indices(
          exec, label, static_cast<std::size_t>(layout.items), [=](const std::int64_t item) {
            TileMemory memory;
            ConvolutionTile<Adjoint, T, W, S>(axes, layout, weights, source, target, item, memory)
                .run();
          });
    return layout.fits;
  }
  return false;
}

/// y = A x. Asynchronous on `exec`.
template <typename Exec, typename W, typename X, typename Y>
void convolve(const Exec& exec, const Axes& axes, const ConvolutionWeights<W>& weights, const X* x,
              Y* y) {
  if (!convolve_by_tiles<false>("misfit::Blur::apply", exec, axes, weights, x, y))
    convolve_by_entries(exec, axes, weights.all, x, y);
}

/// x += A^H y. Asynchronous on `exec`.
template <typename Exec, typename W, typename Y, typename X>
void convolve_adjoint(const Exec& exec, const Axes& axes, const ConvolutionWeights<W>& weights,
                      const Y* y, X* x) {
  if (!convolve_by_tiles<true>("misfit::Blur::add_adjoint", exec, axes, weights, y, x))
    convolve_adjoint_by_entries(exec, axes, weights.all, y, x);
}

}  // namespace misfit::detail
