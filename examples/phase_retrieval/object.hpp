// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/io/host_vector.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <string>

namespace phase_retrieval {

using Complex = Kokkos::complex<float>;
using Image = Kokkos::View<Complex*>;
using HostImage = misfit::io::HostVector<Complex>;

inline const misfit::Shape shape{256, 256};

/// The object of the experiment: slices at a half and at a third of the volume in the NIfTI file
/// `path`, as magnitude and phase, in the middle of `shape`; of volume `volume`, or of the only one
/// where that is negative.
HostImage read_object(const std::string& path, int volume);

/// Mask i: each pixel turned by a random quarter of a circle.
Image mask(int i);

/// Normal numbers, always the same.
Image random_image();

/// |x − e^{iφ} truth| / |truth| at the best φ, which no magnitude tells.
double error(const HostImage& x, const HostImage& truth);

}  // namespace phase_retrieval
