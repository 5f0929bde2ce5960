// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/line_pieces.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/views/upload.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/scan_position.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// A row of a window that covers one of the object.
struct CoveringRow {
  std::int64_t column;  ///< of the object, where it begins
  std::int64_t wave;    ///< its first entry in all windows
  std::int64_t probe;   ///< the same in the probe
};

/// Where windows lie in an object.
struct WindowTables {
  std::vector<std::int64_t> corners;  ///< first entry of each window, in the object
  std::vector<std::int64_t> first;    ///< of the rows in `covering` that cover a row of the object
  std::vector<CoveringRow> covering;
};

/// Of windows of shape `range`: (position, h, w). Throws ArgumentError naming `owner` if one does
/// not lie in the object.
WindowTables window_tables(const std::string& owner, const Shape& object, const Shape& range,
                           const std::vector<ScanPosition>& positions);

/// wave = p ∘ x for a piece of a row of a window.
template <typename T>
struct LightRow {
  KOKKOS_FUNCTION void operator()(std::int64_t row, std::int64_t begin, std::int64_t end) const {
    const std::int64_t in_probe = row % height;
    const T* const p = probe + in_probe * width;
    const T* const from = x + corners[row / height] + in_probe * columns;
    T* const to = waves + row * width;
    for (std::int64_t j = begin; j < end; ++j) to[j] = p[j] * from[j];
  }

  std::int64_t height, width, columns;
  const std::int64_t* corners;
  const T* probe;
  const T* x;
  T* waves;
};

/// The rows of windows that cover a row of the object.
struct Covering {
  /// use(column of the object, entry of the probe, entry of the windows) for what covers a piece of
  /// a row.
  template <typename Use>
  KOKKOS_FORCEINLINE_FUNCTION void for_entries(std::int64_t row, std::int64_t begin,
                                               std::int64_t end, const Use& use) const {
    for (std::int64_t c = first[row]; c < first[row + 1]; ++c) {
      const CoveringRow& at = rows[c];
      const std::int64_t from = begin > at.column ? begin - at.column : 0;
      const std::int64_t until = end - at.column < width ? end - at.column : width;
      for (std::int64_t j = from; j < until; ++j) use(at.column + j, at.probe + j, at.wave + j);
    }
  }

  std::int64_t width;
  const std::int64_t* first;  // of those of a row of the object
  const CoveringRow* rows;
};

/// x += Σ conj(p) ∘ wave over the windows, for a piece of a row of the object.
template <typename T>
struct GatherRow {
  KOKKOS_FUNCTION void operator()(std::int64_t row, std::int64_t begin, std::int64_t end) const {
    T* const to = x + row * columns;
    const T *const p = probe, *const from = waves;
    covering.for_entries(row, begin, end,
                         [=](std::int64_t column, std::int64_t in_probe, std::int64_t wave) {
                           to[column] += conj(p[in_probe]) * from[wave];
                         });
  }

  std::int64_t columns;
  Covering covering;
  const T* probe;
  const T* waves;
  T* x;
};

/// d += Σ |p|² over the windows, for a piece of a row of the object.
template <typename T>
struct IntensityRow {
  KOKKOS_FUNCTION void operator()(std::int64_t row, std::int64_t begin, std::int64_t end) const {
    double* const to = d + row * columns;
    const T* const p = probe;
    covering.for_entries(row, begin, end,
                         [=](std::int64_t column, std::int64_t in_probe, std::int64_t) {
                           to[column] += squared_abs(p[in_probe]);
                         });
  }

  std::int64_t columns;
  Covering covering;
  const T* probe;
  double* d;
};

/// A probe of shape (h, w) at positions of an object: the windows p ∘ x[window k], and back.
template <typename T, typename Space>
class ScanWindows {
 public:
  /// Throws ArgumentError naming `owner` as ScannedProbe says. Blocks.
  template <typename Probe>
  ScanWindows(const std::string& owner, const Shape& object, const Probe& probe,
              const std::vector<ScanPosition>& positions)
      : object_(object), range_(range_shape(owner, object, probe, positions)) {
    const auto source = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, probe);
    std::vector<T> entries;
    for (std::size_t i = 0; i < source.extent(0); ++i)
      for (std::size_t j = 0; j < source.extent(1); ++j) {
        if (zero_or_nan(source(i, j)) != 0)
          throw ArgumentError(owner + ": probe: has entries that are not finite");
        entries.push_back(source(i, j));
      }
    probe_ = in_space<Space>(entries, "misfit::ScannedProbe::probe");
    place(owner, positions);
  }

  /// The windows of some of the positions. Blocks.
  ScanWindows at_positions(const std::string& owner, const Rows& which) const {
    const auto corners = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, corners_);
    std::vector<ScanPosition> positions;
    for (std::size_t k = which.begin; k < which.end; ++k) {
      const std::int64_t columns = signed_extent(object_, 1);
      positions.push_back({corners(k) / columns, corners(k) % columns});
    }
    ScanWindows some = *this;
    some.range_ = range_.with(0, which.size());
    some.place(owner, positions);
    return some;
  }

  const Shape& object_shape() const { return object_; }
  /// (position, h, w).
  const Shape& range_shape() const { return range_; }

  /// waves = p ∘ x[window k] for all k. Asynchronous on `exec`.
  template <typename Exec>
  void light(const Exec& exec, const T* x, T* waves) const {
    const std::int64_t height = signed_extent(range_, 1), width = signed_extent(range_, 2);
    for_line_pieces(exec, "misfit::ScannedProbe::light", signed_extent(range_, 0) * height, width,
                    LightRow<T>{height, width, signed_extent(object_, 1), corners_.data(),
                                probe_.data(), x, waves});
  }

  /// d += Σ_k |p|², in window k. Asynchronous on `exec`.
  template <typename Exec>
  void add_intensity(const Exec& exec, double* d) const {
    const std::int64_t columns = signed_extent(object_, 1);
    for_line_pieces(exec, "misfit::ScannedProbe::add_intensity", signed_extent(object_, 0), columns,
                    IntensityRow<T>{columns, covering(), probe_.data(), d});
  }

  /// x += Σ_k conj(p) ∘ waves, in window k. Asynchronous on `exec`.
  template <typename Exec>
  void gather(const Exec& exec, const T* waves, T* x) const {
    const std::int64_t columns = signed_extent(object_, 1);
    for_line_pieces(exec, "misfit::ScannedProbe::gather", signed_extent(object_, 0), columns,
                    GatherRow<T>{columns, covering(), probe_.data(), waves, x});
  }

 private:
  void place(const std::string& owner, const std::vector<ScanPosition>& positions) {
    const WindowTables tables = window_tables(owner, object_, range_, positions);
    corners_ = in_space<Space>(tables.corners, "misfit::ScannedProbe::corners");
    first_ = in_space<Space>(tables.first, "misfit::ScannedProbe::first");
    covering_ = in_space<Space>(tables.covering, "misfit::ScannedProbe::covering");
  }

  template <typename Probe>
  static Shape range_shape(const std::string& owner, const Shape& object, const Probe& probe,
                           const std::vector<ScanPosition>& positions) {
    static_assert(static_cast<std::size_t>(Probe::rank) == 2 &&
                      std::is_same_v<typename Probe::non_const_value_type, T>,
                  "misfit: a probe is a complex View of rank 2");
    if (object.rank() != 2)
      throw ArgumentError(owner + ": the object has 2 dimensions, not shape " + object.text());
    if (probe.size() == 0) throw ArgumentError(owner + ": probe is empty");
    if (positions.empty()) throw ArgumentError(owner + ": there are no positions");
    return {positions.size(), probe.extent(0), probe.extent(1)};
  }

  Covering covering() const { return {signed_extent(range_, 2), first_.data(), covering_.data()}; }

  static std::int64_t signed_extent(const Shape& shape, std::size_t d) {
    return static_cast<std::int64_t>(shape[d]);
  }

  Shape object_, range_;
  Kokkos::View<const T*, Space> probe_;
  Kokkos::View<const std::int64_t*, Space> corners_, first_;
  Kokkos::View<const CoveringRow*, Space> covering_;
};

}  // namespace misfit::detail
