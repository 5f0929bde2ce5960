// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/sums/lanes.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// Some rows of an image: of `extent` rows along one dimension the `count` from `first` on.
/// `stride` is how many lines, or entries of one, are between two rows.
struct RowWindow {
  std::int64_t extent = 1, first = 0, count = 1, stride = 1;

  /// The place of `index` among those in the window; −1 where its row is not in it.
  KOKKOS_INLINE_FUNCTION std::int64_t inside(std::int64_t index) const {
    if (count == extent) return index;
    const std::int64_t block = index / stride, row = block % extent - first;
    if (row < 0 || row >= count) return -1;
    return (block / extent * count + row) * stride + index % stride;
  }
  /// The inverse.
  KOKKOS_INLINE_FUNCTION std::int64_t outside(std::int64_t place) const {
    if (count == extent) return place;
    const std::int64_t block = place / stride;
    return (block / count * extent + first + block % count) * stride + place % stride;
  }
};

/// Where the neighbours of a line of an image stand: those in its last dimension in the line, those
/// in the dimensions before in others. Differences are taken at the rows in the windows alone.
struct LineNeighbours {
  struct Dimension {
    KOKKOS_FUNCTION bool has_previous(std::int64_t line) const {
      return line / stride % extent > 0;
    }
    KOKKOS_FUNCTION bool has_next(std::int64_t line) const {
      return line / stride % extent + 1 < extent;
    }
    std::int64_t extent, stride;  // in lines
  };
  std::int64_t lines = 1, length = 1;
  int dimensions = 0;  // beside the last
  Dimension before[2] = {};
  RowWindow of_lines, of_length;

  std::int64_t output_lines() const { return lines / of_lines.extent * of_lines.count; }
};

/// (D x)_d of a piece of a line, for all d.
template <typename T>
struct ForwardDifferences {
  KOKKOS_FUNCTION void operator()(std::int64_t output, std::int64_t begin, std::int64_t end) const {
    const std::int64_t n = at.length, outputs = at.of_length.count, size = lines * outputs;
    const std::int64_t line = at.of_lines.outside(output);
    const T* const own = x + line * n + at.of_length.first;
    T* out = y + output * outputs;
    for (int d = 0; d < at.dimensions; ++d, out += size) {
      const std::int64_t next = at.before[d].stride * n;
      if (at.before[d].has_next(line))
        for_range(begin, end, [=](std::int64_t j) { out[j] = own[j + next] - own[j]; });
      else
        for_range(begin, end, [=](std::int64_t j) { out[j] = T(0); });
    }
    const std::int64_t last = n - 1 - at.of_length.first, until = end < last ? end : last;
    for_range(begin, until, [=](std::int64_t j) { out[j] = own[j + 1] - own[j]; });
    if (end == last + 1) out[last] = T(0);
  }

  LineNeighbours at;
  std::int64_t lines;  ///< of the output, of one d
  const T* x;
  T* y;
};

/// x += D^H y for a piece of a line.
template <typename T>
struct BackwardDifferences {
  KOKKOS_FUNCTION void operator()(std::int64_t line, std::int64_t begin, std::int64_t end) const {
    const std::int64_t n = at.length, outputs = at.of_length.count, size = lines * outputs;
    // Entry j of a line of x is entry j − first of y, from `from` to `until` where there is one.
    const std::int64_t first = at.of_length.first;
    const std::int64_t from = begin > first ? begin : first;
    const std::int64_t until = end < first + outputs ? end : first + outputs;
    const std::int64_t output = at.of_lines.inside(line);
    T* const out = x + line * n;
    const T* of_d = y;
    for (int d = 0; d < at.dimensions; ++d, of_d += size) {
      const std::int64_t stride = at.before[d].stride;
      const std::int64_t previous =
          at.before[d].has_previous(line) ? at.of_lines.inside(line - stride) : -1;
      const T* const behind = of_d + previous * outputs - first;
      if (previous >= 0) for_range(from, until, [=](std::int64_t j) { out[j] += behind[j]; });
      const T* const own = of_d + output * outputs - first;
      if (output >= 0 && at.before[d].has_next(line))
        for_range(from, until, [=](std::int64_t j) { out[j] -= own[j]; });
    }
    if (output < 0) return;
    const T* const own = of_d + output * outputs - first;
    const std::int64_t after = begin > first ? begin : first + 1;
    const std::int64_t until_after = end < first + outputs + 1 ? end : first + outputs + 1;
    const std::int64_t last = until < n ? until : n - 1;
    for_range(after, until_after, [=](std::int64_t j) { out[j] += own[j - 1]; });
    for_range(from, last, [=](std::int64_t j) { out[j] -= own[j]; });
  }

  LineNeighbours at;
  std::int64_t lines;  ///< of y, of one d
  const T* y;
  T* x;
};

/// How many differences entry k of x takes part in.
struct DifferencesAt {
  KOKKOS_FUNCTION int operator()(std::int64_t k) const {
    const std::int64_t line = k / at.length, j = k % at.length;
    const std::int64_t place = j - at.of_length.first, outputs = at.of_length.count;
    const bool in_line = at.of_lines.inside(line) >= 0, here = place >= 0 && place < outputs;
    int count = 0;
    for (int d = 0; d < at.dimensions; ++d) {
      const std::int64_t previous = line - at.before[d].stride;
      if (here && at.before[d].has_previous(line) && at.of_lines.inside(previous) >= 0) ++count;
      if (here && in_line && at.before[d].has_next(line)) ++count;
    }
    if (in_line && place >= 1 && place <= outputs) ++count;
    if (in_line && here && j + 1 < at.length) ++count;
    return count;
  }

  LineNeighbours at;
};

}  // namespace misfit::detail
