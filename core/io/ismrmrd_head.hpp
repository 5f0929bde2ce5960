// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "hdf5.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace misfit::io {

/// What is needed of an acquisition's counters and of its header.
struct IsmrmrdCounters {
  std::uint16_t step_1, step_2, slice, contrast, phase, repetition, set;
};
struct IsmrmrdHead {
  std::uint64_t flags;
  std::uint16_t samples, channels, discard_pre, discard_post, centre, encoding;
  IsmrmrdCounters idx;

  /// Whether it is part of the image: no noise, calibration alone, navigator, phase correction,
  /// feedback, dummy or phase stabilization.
  bool is_imaging() const;
  bool is_reversed() const;
  bool is_compressed() const;
  /// Flag 29, which tells of lines to be corrected (so the converter of Siemens' files writes it),
  /// or of a scan with other coils to correct by.
  bool is_of_surface_coil_correction() const;
};

/// An acquisition of imaging data, by its place in the file.
struct IsmrmrdAcquisition {
  std::size_t number;
  IsmrmrdHead head;
};

/// Those among all acquisitions of the open `group` of the file `path`. Throws FileError.
std::vector<IsmrmrdAcquisition> imaging_acquisitions(const std::string& path,
                                                     const Hdf5Group& group);

/// The number of coils of the image: of the first acquisition, if possible of one without a flag
/// that scans with other coils have as well.
std::size_t coils_of(const std::vector<IsmrmrdAcquisition>& acquisitions);

/// The type of an acquisition of which only the data is read, as hvl_t: re, im, re, ... of one coil
/// after the other.
Hdf5Handle ismrmrd_data_type();

}  // namespace misfit::io
