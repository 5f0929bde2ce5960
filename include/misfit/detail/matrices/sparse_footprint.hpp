// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Which rows of an image the rows of a sparse matrix read, and its part for a slab.

#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/matrices/compressed_rows.hpp>
#include <misfit/detail/operators/footprint.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace misfit::detail {

/// How far columns are from the rows of the image that have a share in the rows of the matrix,
/// where these are `lines` lines. In host memory.
template <typename RowMap, typename Columns>
HaloWidth reach_of_columns(const RowMap& row_map, const Columns& columns, const ImageCut& cut,
                           std::size_t lines) {
  const std::size_t length = (row_map.extent(0) - 1) / lines, rows = cut.rows(), row = cut.row();
  HaloWidth reach;
  for (std::size_t line = 0; line < lines; ++line)
    for (std::size_t r = 0; r < rows; ++r) {
      const Rows share = share_of_rows({r, r + 1}, rows, length);
      const auto begin = static_cast<std::size_t>(row_map(line * length + share.begin));
      const auto end = static_cast<std::size_t>(row_map(line * length + share.end));
      for (std::size_t k = begin; k < end; ++k) {
        const std::size_t read = static_cast<std::size_t>(columns(k)) / row % rows;
        if (read < r)
          reach.before = std::max(reach.before, r - read);
        else
          reach.after = std::max(reach.after, read - r);
      }
    }
  return reach;
}

/// The narrowest of three: the rows of a well-formed A in the order of the image's rows; those of
/// each line of the image (an image that is not cut along its first dimension); and as several
/// images one behind the other (one derivative of all pixels, then the next). Blocks.
template <typename Value, typename Ordinal, typename Offset, typename Device>
Footprint footprint_of(const CompressedRows<Value, Ordinal, Offset, Device>& a,
                       const ImageCut& cut) {
  const std::size_t outputs = a.n_rows(), size = cut.shape.size();
  if (outputs == 0) return {};
  const auto row_map = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.row_map);
  const auto columns = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.columns);
  Footprint narrowest{reach_of_columns(row_map, columns, cut, 1), 1, outputs};
  std::size_t last = 1;
  for (const std::size_t lines : {cut.lines(), outputs / size * cut.lines()}) {
    if (lines <= last || outputs % lines != 0) continue;
    last = lines;
    const HaloWidth halo = reach_of_columns(row_map, columns, cut, lines);
    if (halo.before + halo.after < narrowest.halo.before + narrowest.halo.after)
      narrowest = {halo, lines, outputs / lines};
  }
  return narrowest;
}

/// Columns of the rows of an image as those of the rows of a slab with its ghost rows, for a matrix
/// that reaches over `reach`.
struct ColumnsOnSlab {
  ColumnsOnSlab(const Slab& of, const HaloWidth& over) : slab(of), reach(over) {}

  /// Throws ArgumentError if the slab has not the row that `column` lies in.
  std::size_t operator()(std::size_t column) const {
    // Below the first row of the slab it becomes a huge one.
    const std::size_t read = column / row % rows + slab.before - slab.owned.begin;
    if (read >= there)
      throw ArgumentError("Sparse: a slab with " + std::to_string(slab.before) +
                          " ghost rows before and " + std::to_string(slab.after) +
                          " after; the matrix reaches over " + std::to_string(reach.before) +
                          " and " + std::to_string(reach.after));
    return (column / (row * rows) * there + read) * row + column % row;
  }

  Slab slab;
  HaloWidth reach;
  ImageCut cut{slab.shape, slab.dimension, 1};
  std::size_t row = cut.row(), rows = cut.rows(), there = slab.extended()[slab.dimension];
};

/// The rows of a well-formed A that belong to `slab`, from the rows of the slab with its ghost
/// rows. Blocks. Throws ArgumentError if they read others.
template <typename Value, typename Ordinal, typename Offset, typename Device>
CompressedRows<Value, Ordinal, Offset, Device> rows_on_slab(
    const CompressedRows<Value, Ordinal, Offset, Device>& a, const Footprint& footprint,
    const Slab& slab) {
  const auto row_map = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.row_map);
  const auto columns = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.columns);
  const auto values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, a.values);
  const Rows share = footprint.share_of(slab);
  const auto start = [&](std::size_t line, std::size_t place) {
    return static_cast<std::size_t>(row_map(line * footprint.length + place));
  };
  std::size_t count = 0;
  for (std::size_t line = 0; line < footprint.lines; ++line)
    count += start(line, share.end) - start(line, share.begin);

  Kokkos::View<Offset*, Device> own_row_map("misfit::Sparse::row_map",
                                            footprint.lines * share.size() + 1);
  Kokkos::View<Ordinal*, Device> own_columns("misfit::Sparse::columns", count);
  Kokkos::View<Value*, Device> own_values("misfit::Sparse::values", count);
  const auto starts = Kokkos::create_mirror_view(own_row_map);
  const auto places = Kokkos::create_mirror_view(own_columns);
  const auto entries = Kokkos::create_mirror_view(own_values);
  const ColumnsOnSlab on_slab(slab, footprint.halo);
  std::size_t next = 0, at = 0;
  for (std::size_t line = 0; line < footprint.lines; ++line)
    for (std::size_t place = share.begin; place < share.end; ++place) {
      for (std::size_t k = start(line, place); k < start(line, place + 1); ++k, ++at) {
        places(at) = static_cast<Ordinal>(on_slab(static_cast<std::size_t>(columns(k))));
        entries(at) = values(k);
      }
      starts(++next) = static_cast<Offset>(at);
    }
  Kokkos::deep_copy(own_row_map, starts);
  Kokkos::deep_copy(own_columns, places);
  Kokkos::deep_copy(own_values, entries);
  return {own_row_map, own_columns, own_values, slab.extended().size()};
}

}  // namespace misfit::detail
