// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/io/host_vector.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Complex.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace misfit::io {

/// Cartesian k-space, 2-D or 3-D, in an ISMRMRD file (ismrmrd.github.io).
///
/// Holds no open file, and opens it for reading only, so that many ranks read it at once. Throws
/// FileError if the file is missing, unreadable, corrupt or no such file; if its trajectory is not
/// Cartesian; if it has more than one encoding, contrast, phase or set; if its acquisitions differ
/// in their number of coils; and if one of them lies outside of the grid.
class IsmrmrdFile {
 public:
  /// Reads the XML header and the headers of all acquisitions in HDF5's group `group`.
  ///
  /// Acquisitions that are no imaging data (noise, calibration alone, navigators, phase correction,
  /// feedback, dummies, ...) are left out.
  explicit IsmrmrdFile(const std::string& path, const std::string& group = "dataset");

  /// The grid of k-space, {y, x} or {z, y, x}: the matrix of the encoded space.
  const Shape& encoded_shape() const noexcept { return encoded_shape_; }
  /// {y, x} or {z, y, x}: the matrix of the space of reconstruction, often with fewer x.
  const Shape& image_shape() const noexcept { return image_shape_; }
  std::size_t coils() const noexcept { return coils_; }
  /// One more than the largest index of a slice, or of a slab in 3-D.
  std::size_t slices() const noexcept { return slices_; }
  /// One more than the largest index of a repetition.
  std::size_t repetitions() const noexcept { return repetitions_; }

  /// Which acquisitions: those of one slice, and of one repetition or, where none is named, of all.
  struct Part {
    std::size_t slice = 0;
    std::optional<std::size_t> repetition = {};
  };

  /// The k-space of these coils, each of encoded_shape(), zero where nothing was sampled.
  ///
  /// Its centre is at extent/2 of every dimension: acquisitions are moved there from the centre
  /// that the encoding limits give. Readouts that were taken in reverse are flipped; those shorter
  /// than x lie with their centre sample at the centre. What `part` holds repeatedly is averaged.
  /// Reads the acquisitions of `part` whole, once a call, and keeps these coils alone. Throws
  /// ArgumentError if there is no such coil, slice or repetition.
  std::vector<HostVector<Kokkos::complex<float>>> kspace(const std::vector<int>& coils,
                                                         const Part& part) const;
  /// The same of slice 0 and all repetitions.
  std::vector<HostVector<Kokkos::complex<float>>> kspace(const std::vector<int>& coils) const {
    return kspace(coils, Part{});
  }
  /// 1 where k-space was sampled, else 0; of encoded_shape().
  HostVector<float> mask(const Part& part) const;
  HostVector<float> mask() const { return mask(Part{}); }

  /// Whether there is an array "csm", as ismrmrd_generate_cartesian_shepp_logan writes it.
  bool has_coil_maps() const;
  /// The maps of these coils, each of image_shape(); no others are read. Throws FileError if there
  /// are none or of another shape, ArgumentError if there is no such coil.
  std::vector<HostVector<Kokkos::complex<float>>> coil_maps(const std::vector<int>& coils) const;

 private:
  // Where an acquisition belongs: samples [first, last) of `samples`, sample s at start + s.
  struct Readout {
    std::size_t acquisition, slice, repetition, samples, first, last;
    std::ptrdiff_t start;
    bool reversed;

    bool is_of(const Part& part) const {
      return slice == part.slice && (!part.repetition || repetition == *part.repetition);
    }
  };
  void require(const char* call, const std::vector<int>& coils, const Part& part) const;
  template <typename Visit>
  void for_each_sample(const Readout& readout, Visit&& visit) const;

  std::string path_, group_;
  Shape encoded_shape_{1}, image_shape_{1};
  std::size_t coils_ = 0, slices_ = 1, repetitions_ = 1;
  std::vector<Readout> readouts_;
};

}  // namespace misfit::io
