// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ismrmrd_head.hpp"

#include <misfit/shape.hpp>

#include <ismrmrd/xml.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace misfit::io {

/// The encodings of an XML header. Throws FileError.
std::vector<ISMRMRD::Encoding> encodings_of(const std::string& path, const std::string& xml);

/// Which of `count` encodings: the one that is named, else the only one that acquisitions of
/// imaging data are of. Throws ArgumentError, FileError.
std::size_t chosen_encoding(const std::string& path, std::size_t count,
                            const std::optional<std::size_t>& named,
                            const std::vector<IsmrmrdAcquisition>& acquisitions);

/// The matrix of a space, {y, x} or {z, y, x}, and what it extends over, in the same order [mm].
struct IsmrmrdMatrix {
  Shape shape;
  std::vector<double> field_of_view;
};

/// The matrices of an encoding: both 3-D where one of them has several z. Throws FileError if the
/// trajectory is not Cartesian or an extent is 0.
struct IsmrmrdMatrices {
  IsmrmrdMatrix encoded, image;
};
IsmrmrdMatrices matrices_of(const std::string& path, const ISMRMRD::Encoding& encoding);

/// The samples [first, last) of a readout that lie on a line of `nx` entries: sample s at
/// zero + s, or zero − s where it is reversed, so that its centre sample lies at nx / 2.
struct IsmrmrdReadout {
  std::ptrdiff_t zero;
  std::size_t first, last;  ///< equal if none does
};
IsmrmrdReadout readout_of(const IsmrmrdHead& head, std::size_t nx);

/// Where the lines of one encoding lie in its grid.
class IsmrmrdGrid {
 public:
  /// A limit of zeros alone, which means that none was given, is left out where acquisitions have
  /// larger counters.
  IsmrmrdGrid(const ISMRMRD::Encoding& encoding,
              const std::vector<IsmrmrdAcquisition>& acquisitions);

  /// The number z · ny + y of the line; nothing if it is outside of the encoding limits or of the
  /// grid.
  std::optional<std::size_t> line_of(const IsmrmrdCounters& idx) const;

 private:
  struct Axis {
    int extent, least, most, centre;

    std::optional<std::size_t> place_of(int step) const;
  };
  static Axis axis_of(int extent, const ISMRMRD::Optional<ISMRMRD::Limit>& limit, int largest_step);

  Axis y_{}, z_{};
};

}  // namespace misfit::io
