// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/sums/lanes.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

// A phase of a row is every stride-th of its entries, from the first, the second, ... Phase q lies
// q `distance` behind the first. A stride known when compiling, S = 1 or 2, makes vector loops of
// these.

/// phase_q(i) = row(S i + q) for q < n_phases, for the `count` entries of a row.
template <int S, typename T, typename X>
void split_by_stride(T* KOKKOS_RESTRICT phase, std::int64_t distance, std::int64_t n_phases,
                     std::int64_t stride, const X* KOKKOS_RESTRICT row, std::int64_t count) {
  if constexpr (S > 0) {
    const std::int64_t whole = count / S;
    for_range<std::int64_t>(0, whole, [=](std::int64_t i) {
      phase[i] = row[S * i];
      if constexpr (S == 2) phase[distance + i] = row[S * i + 1];
    });
    for (std::int64_t q = 0; q < count % S; ++q) phase[q * distance + whole] = row[S * whole + q];
  } else {
    for (std::int64_t q = 0; q < n_phases; ++q)
      for (std::int64_t i = 0; q + stride * i < count; ++i)
        phase[q * distance + i] = row[q + stride * i];
  }
}

template <typename T, typename X>
void split(T* phase, std::int64_t distance, std::int64_t n_phases, std::int64_t stride,
           const X* row, std::int64_t count) {
  if (stride == 2 && n_phases == 2)
    split_by_stride<2>(phase, distance, n_phases, stride, row, count);
  else
    split_by_stride<0>(phase, distance, n_phases, stride, row, count);
}

/// row(S i + q) += phase_q(i), for the `count` entries of a row.
template <int S, typename T>
void merge_by_stride(T* KOKKOS_RESTRICT row, const T* KOKKOS_RESTRICT phase, std::int64_t distance,
                     std::int64_t stride, std::int64_t count) {
  if constexpr (S > 0) {
    const std::int64_t whole = count / S;
    for_range<std::int64_t>(0, whole, [=](std::int64_t i) {
      row[S * i] += phase[i];
      if constexpr (S == 2) row[S * i + 1] += phase[distance + i];
    });
    for (std::int64_t q = 0; q < count % S; ++q) row[S * whole + q] += phase[q * distance + whole];
  } else {
    for (std::int64_t q = 0; q < std::min(stride, count); ++q)
      for (std::int64_t i = 0; q + stride * i < count; ++i)
        row[q + stride * i] += phase[q * distance + i];
  }
}

template <typename T>
void add_merged(T* row, const T* phase, std::int64_t distance, std::int64_t stride,
                std::int64_t count) {
  if (stride == 1)
    merge_by_stride<1>(row, phase, distance, stride, count);
  else if (stride == 2)
    merge_by_stride<2>(row, phase, distance, stride, count);
  else
    merge_by_stride<0>(row, phase, distance, stride, count);
}

}  // namespace misfit::detail
