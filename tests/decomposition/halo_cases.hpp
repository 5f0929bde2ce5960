// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Halos that tests exchange: of any width, also wider than a slab and than the image.

#include "support/matrix_operator.hpp"

#include <misfit/geometry/halo_width.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

struct HaloCase {
  Shape shape;
  std::size_t dimension;
  HaloWidth width;

  std::string text() const {
    return shape.text() + " along " + std::to_string(dimension) + ", " +
           std::to_string(width.before) + " before, " + std::to_string(width.after) + " after" +
           (width.circular ? ", circular" : "");
  }
};

inline std::vector<HaloCase> halo_cases() {
  std::vector<HaloCase> all;
  for (const bool circular : {false, true})
    for (const auto& [shape, dimension] : {std::pair{Shape{1}, 0UL},
                                           {Shape{13}, 0UL},
                                           {Shape{7, 3}, 0UL},
                                           {Shape{2, 5, 3}, 1UL},
                                           {Shape{2, 3, 9}, 2UL},
                                           {Shape{2, 2, 3, 2}, 2UL}})
      for (const auto& [before, after] :
           {std::pair{0UL, 0UL}, {1UL, 1UL}, {0UL, 2UL}, {3UL, 0UL}, {4UL, 7UL}, {15UL, 14UL}})
        all.push_back({shape, dimension, {before, after, circular}});
  return all;
}

/// Images of numbers of `k`, of this rank's rows alone.
template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> images(std::size_t k, const std::vector<std::size_t>& at,
                                              std::size_t batch) {
  Kokkos::View<T**, Kokkos::LayoutRight> view("test images", batch, at.size() / batch);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t j = 0; j < at.size(); ++j) host.data()[j] = entry<T>(k, at[j]);
  Kokkos::deep_copy(view, host);
  return view;
}

}  // namespace misfit::test
