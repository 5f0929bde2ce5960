// SPDX-License-Identifier: BSD-3-Clause
#include "problem/image.hpp"

#include <misfit/communicator.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#ifdef MISFIT_NIFTI
#include <misfit/io/nifti.hpp>
#endif

namespace misfit::study {
namespace {

#ifdef MISFIT_NIFTI
Image middle_slice(const Options& options) {
  const io::NiftiFile file(options.image);
  if (file.volumes() > 1)
    throw FileError(options.image + ": holds " + std::to_string(file.volumes()) +
                    " volumes; it must be one");
  const std::size_t slice = file.shape()[0] / 2, rows = file.shape()[1], columns = file.shape()[2];
  const std::size_t side = std::max(rows, columns);
  if (side > static_cast<std::size_t>(options.problem.most_size))
    throw FileError(options.image + ": a side of " + std::to_string(side) + " pixels, of at most " +
                    std::to_string(options.problem.most_size));
  const auto values = file.read(0, {slice, slice + 1});
  float largest = 0;
  for (std::size_t j = 0; j < values.extent(0); ++j) {
    if (!std::isfinite(values(j)))
      throw FileError(options.image + ": has pixels that are no finite numbers");
    largest = std::max(largest, std::abs(values(j)));
  }
  if (largest == 0) throw FileError(options.image + ": its middle slice is empty");
  Image image{static_cast<int>(side), std::vector<float>(side * side)};
  const std::size_t above = (side - rows) / 2, before = (side - columns) / 2;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      image.pixels[(r + above) * side + c + before] = values(r * columns + c) / largest;
  return image;
}
#else
Image middle_slice(const Options&) {
  throw FileError("--image: this build reads no NIfTI files (MISFIT_ENABLE_NIFTI)");
}
#endif

}  // namespace

std::vector<float> Image::scaled_to(int to) const {
  const auto n = static_cast<std::size_t>(to), from = static_cast<std::size_t>(side);
  std::vector<float> scaled(n * n);
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t c = 0; c < n; ++c)
      scaled[r * n + c] =
          pixels[(2 * r + 1) * from / (2 * n) * from + (2 * c + 1) * from / (2 * n)];
  return scaled;
}

Image read_image(const Options& options) {
  if (options.image.empty()) return {};
  const Communicator all(MPI_COMM_WORLD);
  Image image =
      all.agree("--image", [&] { return all.rank() == 0 ? middle_slice(options) : Image(); });
  const auto from_rank_0 = [&](auto* data, std::size_t n) {
    using T = std::remove_pointer_t<decltype(data)>;
    all.broadcast(Kokkos::DefaultHostExecutionSpace(), Kokkos::View<T*, Kokkos::HostSpace>(data, n),
                  0);
  };
  from_rank_0(&image.side, 1);
  image.pixels.resize(static_cast<std::size_t>(image.side) * static_cast<std::size_t>(image.side));
  from_rank_0(image.pixels.data(), image.pixels.size());
  return image;
}

}  // namespace misfit::study
