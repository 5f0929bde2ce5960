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

class IsmrmrdGrid;
struct IsmrmrdAcquisition;
struct IsmrmrdHead;

/// Cartesian k-space, 2-D or 3-D, in an ISMRMRD file (ismrmrd.github.io).
///
/// Holds no open file, and opens it for reading only, so that many ranks read it at once. Throws
/// FileError if the file is missing, unreadable, corrupt or no such file; if its trajectory is not
/// Cartesian; if its acquisitions differ in their number of coils, or are compressed; and if none
/// of them lies on the grid.
class IsmrmrdFile {
 public:
  /// Reads the XML header and the headers of all acquisitions in HDF5's group `group`, of the
  /// encoding that is named or, where none is, of the only one that imaging data is of: then it
  /// throws FileError if there are several. Throws ArgumentError if there is no such encoding.
  ///
  /// Left out are acquisitions that are no imaging data (noise, calibration alone, navigators,
  /// phase correction, feedback, dummies, phase stabilization), those flagged as surface-coil
  /// correction that have another number of coils than the image (others with this flag are
  /// imaging data), and those outside of the encoding limits or of the grid: see left_out().
  explicit IsmrmrdFile(const std::string& path, const std::string& group = "dataset",
                       std::optional<std::size_t> encoding = {});

  /// Which encoding, of how many in the file.
  std::size_t encoding() const noexcept { return encoding_; }
  /// How many encodings the file has.
  std::size_t encodings() const noexcept { return encodings_; }
  /// The grid of k-space, {y, x} or {z, y, x}: the matrix of the encoded space.
  const Shape& encoded_shape() const noexcept { return encoded_shape_; }
  /// {y, x} or {z, y, x}: the matrix of the space of reconstruction, often with fewer x.
  const Shape& image_shape() const noexcept { return image_shape_; }
  /// What these matrices extend over, in the order of the shapes, as the header says it [mm]. The
  /// widths of their pixels may differ.
  const std::vector<double>& encoded_field_of_view() const noexcept {
    return encoded_field_of_view_;
  }
  /// See encoded_field_of_view(): of image_shape().
  const std::vector<double>& image_field_of_view() const noexcept { return image_field_of_view_; }
  /// The number of receive coils.
  std::size_t coils() const noexcept { return coils_; }
  /// One more than the largest index of a slice, or of a slab in 3-D.
  std::size_t slices() const noexcept { return slices_; }
  /// One more than the largest index of a repetition; of a contrast (an echo, mostly); of a phase
  /// (of the heart); of a set (of flow encoding).
  std::size_t repetitions() const noexcept { return repetitions_; }
  /// See repetitions().
  std::size_t contrasts() const noexcept { return contrasts_; }
  /// See repetitions().
  std::size_t phases() const noexcept { return phases_; }
  /// See repetitions().
  std::size_t sets() const noexcept { return sets_; }
  /// How many acquisitions of imaging data are not used, since they lie outside of the encoding
  /// limits or of the grid.
  std::size_t left_out() const noexcept { return left_out_; }

  /// Which acquisitions: those of one slice; of one repetition or, where none is named, of all; and
  /// of one contrast, phase and set, which need no names where there is only one.
  struct Part {
    /// Of one slice.
    std::size_t slice = 0;
    /// Of one repetition, or of all.
    std::optional<std::size_t> repetition = {};
    /// Of one contrast.
    std::optional<std::size_t> contrast = {};
    /// Of one phase.
    std::optional<std::size_t> phase = {};
    /// Of one set.
    std::optional<std::size_t> set = {};
  };

  /// The k-space of these coils, each of encoded_shape(), zero where nothing was sampled.
  ///
  /// Its centre is at extent/2 of every dimension: acquisitions are moved there from the centre
  /// that the encoding limits give, readouts from their centre sample, be they taken forwards or in
  /// reverse. A centre sample of 0 in a readout over all x means that none was given: the middle.
  /// Samples that lie beyond the grid are left out. What `part` holds repeatedly is averaged.
  /// Reads the acquisitions of `part` whole, once a call, and keeps these coils alone. Throws
  /// ArgumentError if there is no such coil or part, and if `part` holds several contrasts, phases
  /// or sets.
  std::vector<HostVector<Kokkos::complex<float>>> kspace(const std::vector<int>& coils,
                                                         const Part& part) const;
  /// The same of slice 0 and all repetitions.
  std::vector<HostVector<Kokkos::complex<float>>> kspace(const std::vector<int>& coils) const {
    return kspace(coils, Part{});
  }
  /// 1 where k-space was sampled, else 0; of encoded_shape().
  HostVector<float> mask(const Part& part) const;
  /// The same of slice 0 and all repetitions.
  HostVector<float> mask() const { return mask(Part{}); }

  /// Whether there is an array "csm", as ismrmrd_generate_cartesian_shepp_logan writes it.
  bool has_coil_maps() const;
  /// The maps of these coils, each of image_shape(); no others are read. Throws FileError if there
  /// are none or of another shape, ArgumentError if there is no such coil.
  std::vector<HostVector<Kokkos::complex<float>>> coil_maps(const std::vector<int>& coils) const;

 private:
  // Where an acquisition belongs: samples [first, last) of `samples`, sample s at start ± s.
  struct Readout {
    std::size_t acquisition, slice, repetition, contrast, phase, set, samples, first, last;
    std::ptrdiff_t start;
    bool reversed;
  };
  // Of all acquisitions those that lie on the grid; then one of them, on a line of it.
  void take_all(const std::vector<IsmrmrdAcquisition>& acquisitions, const IsmrmrdGrid& grid);
  void take(std::size_t number, const IsmrmrdHead& head, std::size_t line);
  void require_coils(const char* call, const std::vector<int>& coils) const;
  std::vector<const Readout*> readouts_of(const char* call, const Part& part) const;
  template <typename Visit>
  void for_each_sample(const Readout& readout, Visit&& visit) const;

  std::string path_, group_;
  Shape encoded_shape_{1}, image_shape_{1};
  std::vector<double> encoded_field_of_view_, image_field_of_view_;
  std::size_t encoding_ = 0, encodings_ = 1, coils_ = 0, left_out_ = 0;
  std::size_t slices_ = 1, repetitions_ = 1, contrasts_ = 1, phases_ = 1, sets_ = 1;
  std::vector<Readout> readouts_;
};

}  // namespace misfit::io
