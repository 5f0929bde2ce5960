// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../support/picture.hpp"

#include <misfit/io/host_vector.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace coil_mri {

using Complex = Kokkos::complex<float>;
using Images = std::vector<misfit::io::HostVector<Complex>>;

/// k-space and coil maps of one image, in files of either format. Holds what is in their headers.
struct Scan {
  /// Of k-space, and of the image that is solved for: pixels as wide as those of the image that is
  /// wanted, over all that k-space encodes.
  misfit::Shape shape;
  misfit::Shape image_shape;  ///< of its middle, which is shown and written
  std::size_t encoded = 0;    ///< how many entries of k-space can have been sampled
  int coils = 0;
  std::string notice = {};  ///< what a user should know, or nothing
  examples::Upright upright = examples::Upright::y_up;
  /// Those of some coils: what is read is no more than that.
  std::function<Images(const std::vector<int>&)> kspace = {}, maps = {};
};

/// What is read of an ISMRMRD file; what is not named is what misfit::io::IsmrmrdFile says.
struct Choice {
  std::optional<std::size_t> slice, repetition, contrast, phase, set, encoding;

  bool is_empty() const {
    return !slice && !repetition && !contrast && !phase && !set && !encoding;
  }
};

/// Opens the BART files `kspace` and `maps`, or the ISMRMRD file `kspace` (".h5") with the coil
/// maps within or, should `maps` not be empty, those of a BART file. Throws the errors of
/// misfit::io, and ArgumentError where BART files are to be chosen of.
Scan open_scan(const std::string& kspace, const std::string& maps, const Choice& choice);

/// The image in the BART file `path`, on the grid that is solved on. Throws the errors of
/// misfit::io, and FileError where it is not of the image's shape.
misfit::io::HostVector<Complex> read_image(const std::string& path, const Scan& scan);

}  // namespace coil_mri
