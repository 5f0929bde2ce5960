// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/io/host_vector.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <functional>
#include <string>
#include <vector>

namespace coil_mri {

using Complex = Kokkos::complex<float>;
using Images = std::vector<misfit::io::HostVector<Complex>>;

/// k-space and coil maps of one image, in files of either format. Holds what is in their headers.
struct Scan {
  misfit::Shape shape;        ///< of k-space, and of the image that is solved for
  misfit::Shape image_shape;  ///< of its middle, which is shown and written
  int coils = 0;
  /// Those of some coils: what is read is no more than that.
  std::function<Images(const std::vector<int>&)> kspace, maps;
};

/// Opens the BART files `kspace` and `maps`, or the ISMRMRD file `kspace` (".h5") with the coil
/// maps within or, should `maps` not be empty, those of a BART file; of that one slice, and one
/// repetition or, if it is -1, the mean of all. Throws the errors of misfit::io.
Scan open_scan(const std::string& kspace, const std::string& maps, int slice, int repetition);

}  // namespace coil_mri
