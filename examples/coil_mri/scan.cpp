// SPDX-License-Identifier: BSD-3-Clause
#include "scan.hpp"

#include "../support/resized.hpp"

#include <misfit/error.hpp>
#include <misfit/io/bart.hpp>

#if defined(MISFIT_ISMRMRD)
#include <misfit/io/ismrmrd.hpp>
#endif

#include <cstddef>

namespace coil_mri {
namespace {

using misfit::io::BartFile;

constexpr std::size_t most_coils = 1 << 20;

/// One image a coil: all that this program takes of a BART file.
int coils_of(const BartFile& file, const std::string& path) {
  for (std::size_t d = BartFile::map_dimension; d < BartFile::max_rank; ++d)
    if (file.extent(d) > 1)
      throw misfit::FileError(path + ": has " + std::to_string(file.extent(d)) +
                              " entries in dimension " + std::to_string(d) +
                              ", where one is expected: one image, one set of coil maps");
  const std::size_t coils = file.extent(BartFile::coil_dimension);
  if (coils > most_coils)
    throw misfit::FileError(path + ": has " + std::to_string(coils) + " coils");
  return static_cast<int>(coils);
}

auto reader_of(const BartFile& file) {
  return [file](const std::vector<int>& coils) {
    const std::size_t size = file.image_shape().size();
    Images images;
    for (const int coil : coils)
      images.push_back(file.read(static_cast<std::size_t>(coil) * size, size));
    return images;
  };
}

void require_equal(const std::string& path, const misfit::Shape& shape, int coils,
                   const Scan& scan) {
  if (shape != scan.image_shape || coils != scan.coils)
    throw misfit::FileError(path + ": holds " + std::to_string(coils) + " coil maps of " +
                            shape.text() + ", k-space is of " + std::to_string(scan.coils) +
                            " coils, its image of " + scan.image_shape.text());
}

#if defined(MISFIT_ISMRMRD)
Scan open_ismrmrd(const std::string& path, const std::string& maps, int slice, int repetition) {
  misfit::io::IsmrmrdFile::Part part{static_cast<std::size_t>(slice), {}};
  if (repetition >= 0) part.repetition = static_cast<std::size_t>(repetition);
  const misfit::io::IsmrmrdFile file(path);
  Scan scan{file.encoded_shape(), file.image_shape(), static_cast<int>(file.coils()), {}, {}};
  scan.kspace = [file, part](const std::vector<int>& coils) { return file.kspace(coils, part); };
  std::function<Images(const std::vector<int>&)> read_maps;
  if (!maps.empty()) {
    const BartFile own(maps);
    require_equal(maps, own.image_shape(), coils_of(own, maps), scan);
    read_maps = reader_of(own);
  } else {
    if (!file.has_coil_maps())
      throw misfit::FileError(path + ": holds no coil maps (\"csm\"); name those of a BART file");
    read_maps = [file](const std::vector<int>& coils) { return file.coil_maps(coils); };
  }
  // The readout is encoded over more than the image: what lies beyond is known to be empty.
  scan.maps = [=, shape = scan.shape, image = scan.image_shape](const std::vector<int>& coils) {
    Images images = read_maps(coils);
    for (auto& map : images) map = examples::resized(map, image, shape);
    return images;
  };
  return scan;
}
#endif

}  // namespace

Scan open_scan(const std::string& kspace, const std::string& maps, int slice, int repetition) {
  if (kspace.ends_with(".h5")) {
#if defined(MISFIT_ISMRMRD)
    return open_ismrmrd(kspace, maps, slice, repetition);
#else
    throw misfit::FileError(kspace + ": misfit was built without ISMRMRD");
#endif
  }
  if (slice > 0 || repetition > 0)
    throw misfit::ArgumentError("--slice and --repetition are for ISMRMRD files");
  if (maps.empty())
    throw misfit::ArgumentError(
        "MAPS are missing: only an ISMRMRD file (.h5) may hold them itself");
  const BartFile file(kspace), map_file(maps);
  Scan scan{file.image_shape(), file.image_shape(), coils_of(file, kspace), reader_of(file),
            reader_of(map_file)};
  require_equal(maps, map_file.image_shape(), coils_of(map_file, maps), scan);
  return scan;
}

}  // namespace coil_mri
