// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/io/host_vector.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Complex.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace misfit::io {

/// An array of complex numbers in the two files of BART (mrirecon.github.io/bart): "name.hdr" says
/// the extents, "name.cfl" holds the numbers, of which dimension 0 runs fastest.
///
/// Holds no open file; every read() opens it anew and reads no more than it is asked for. Throws
/// FileError if a file is missing or unreadable, if the header has no extents or extents that make
/// no sense, and if name.cfl is shorter or longer than they say.
class BartFile {
 public:
  /// How many dimensions the format has.
  static constexpr std::size_t max_rank = 16;
  /// The dimension of the coils; 0, 1 and 2 are x, y and z.
  static constexpr std::size_t coil_dimension = 3;
  /// The dimension of several sets of coil maps.
  static constexpr std::size_t map_dimension = 4;

  /// `path` is "name", "name.cfl" or "name.hdr". Reads the header.
  explicit BartFile(const std::string& path);

  /// The extent of a dimension; 1 beyond those that the header names.
  std::size_t extent(std::size_t dimension) const noexcept {
    return dimension < max_rank ? extents_[dimension] : 1;
  }
  /// The number of entries: the product of all extents.
  std::size_t size() const noexcept { return size_; }

  /// The extents of dimensions 2, 1 and 0: {z, y, x}, or {y, x} where there is one z alone.
  ///
  /// The entries of one image, image_shape().size() of them, lie together in the file, and are in
  /// the flat order of that shape.
  Shape image_shape() const;
  /// How many images there are: the product of the extents of dimension 3, the coils, and beyond.
  std::size_t images() const { return size_ / image_shape().size(); }

  /// All entries, in the order of the file.
  HostVector<Kokkos::complex<float>> read() const { return read_entries(0, size_); }
  /// Those of one image. Throws ArgumentError if there is no such image.
  HostVector<Kokkos::complex<float>> read(std::size_t image) const {
    return read(image, {0, image_shape()[0]});
  }
  /// Those of some rows of it, z, or y where there is one z alone: of a slab where Slabs cut along
  /// dimension 0. None where `rows` are. Throws ArgumentError if there are no such rows.
  HostVector<Kokkos::complex<float>> read(std::size_t image, const Rows& rows) const;

 private:
  HostVector<Kokkos::complex<float>> read_entries(std::size_t first, std::size_t count) const;

  std::string name_;  // without suffix
  std::array<std::size_t, max_rank> extents_{};
  std::size_t size_ = 1;
};

/// Writes `values`, of which dimension 0 runs fastest, as "name.cfl" and "name.hdr"; `path` as
/// above.
///
/// Each is complete or, after an error, as it was before. Throws ArgumentError unless there are
/// 1 to 16 positive extents whose product is the number of values, FileError if writing fails.
void write_bart(const std::string& path, const std::vector<std::size_t>& extents,
                const HostVector<const Kokkos::complex<float>>& values);

}  // namespace misfit::io
