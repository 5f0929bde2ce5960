// SPDX-License-Identifier: BSD-3-Clause
#include "scan.hpp"

#include "../support/resized.hpp"

#include <misfit/error.hpp>
#include <misfit/io/bart.hpp>

#if defined(MISFIT_ISMRMRD)
#include <misfit/io/ismrmrd.hpp>
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace coil_mri {
namespace {

using misfit::io::BartFile;

constexpr std::size_t most_coils = 1 << 20;
[[maybe_unused]] constexpr double most_views = 16;  ///< of the image in that of k-space

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
    Images images;
    for (const int coil : coils) images.push_back(file.read(static_cast<std::size_t>(coil)));
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
using misfit::io::IsmrmrdFile;

/// How many of the image's pixels reach over the encoded field of view; `encoded`, the extent of
/// k-space, where the header does not tell of the fields of view.
std::size_t pixels_over(const std::string& path, double encoded_view, double image_view,
                        std::size_t image, std::size_t encoded) {
  const double ratio = encoded_view / image_view;
  if (!(encoded_view > 0) || !(image_view > 0) || !std::isfinite(ratio)) return encoded;
  if (ratio > most_views)
    throw misfit::FileError(path + ": encodes a field of view of " + std::to_string(encoded_view) +
                            " mm for an image of " + std::to_string(image_view) + " mm");
  const long pixels = std::lround(ratio * static_cast<double>(image));
  return static_cast<std::size_t>(std::max(1L, pixels));
}

misfit::Shape solved_shape(const std::string& path, const IsmrmrdFile& file) {
  misfit::Shape shape = file.encoded_shape();
  for (std::size_t d = 0; d < shape.rank(); ++d)
    shape = shape.with(
        d, pixels_over(path, file.encoded_field_of_view()[d], file.image_field_of_view()[d],
                       file.image_shape()[d], file.encoded_shape()[d]));
  return shape;
}

/// k-space in the middle of another grid: the image gets pixels of another width, and keeps its
/// values, by a factor that makes up for the orthonormal transforms of either size.
Images moved_to(const misfit::Shape& shape, const misfit::Shape& encoded, const Images& kspace) {
  if (shape == encoded) return kspace;
  const auto factor = static_cast<float>(
      std::sqrt(static_cast<double>(shape.size()) / static_cast<double>(encoded.size())));
  Images moved;
  for (const auto& values : kspace) {
    moved.push_back(examples::resized(values, encoded, shape));
    for (std::size_t k = 0; k < shape.size(); ++k) moved.back()(k) *= factor;
  }
  return moved;
}

Scan open_ismrmrd(const std::string& path, const std::string& maps, const Choice& choice) {
  const IsmrmrdFile file(path, "dataset", choice.encoding);
  const IsmrmrdFile::Part part{choice.slice.value_or(0), choice.repetition, choice.contrast,
                               choice.phase, choice.set};
  Scan scan{solved_shape(path, file), file.image_shape()};
  scan.encoded = 1;
  for (std::size_t d = 0; d < scan.shape.rank(); ++d)
    scan.encoded *= std::min(scan.shape[d], file.encoded_shape()[d]);
  scan.coils = static_cast<int>(file.coils());
  if (file.left_out() > 0)
    scan.notice = "acquisitions left out, since outside of the encoding limits: " +
                  std::to_string(file.left_out());
  scan.kspace = [file, part, shape = scan.shape](const std::vector<int>& coils) {
    return moved_to(shape, file.encoded_shape(), file.kspace(coils, part));
  };
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
  // More may be encoded than the image: what lies beyond is known to be empty.
  scan.maps = [=, shape = scan.shape, image = scan.image_shape](const std::vector<int>& coils) {
    Images images = read_maps(coils);
    for (auto& map : images) map = examples::resized(map, image, shape);
    return images;
  };
  return scan;
}
#endif

}  // namespace

Scan open_scan(const std::string& kspace, const std::string& maps, const Choice& choice) {
  if (kspace.ends_with(".h5")) {
#if defined(MISFIT_ISMRMRD)
    return open_ismrmrd(kspace, maps, choice);
#else
    throw misfit::FileError(kspace + ": misfit was built without ISMRMRD");
#endif
  }
  if (!choice.is_empty())
    throw misfit::ArgumentError(
        "--slice, --repetition, --contrast, --phase, --set and --encoding are for ISMRMRD files");
  if (maps.empty())
    throw misfit::ArgumentError(
        "MAPS are missing: only an ISMRMRD file (.h5) may hold them itself");
  const BartFile file(kspace), map_file(maps);
  Scan scan{file.image_shape(), file.image_shape()};
  scan.encoded = scan.shape.size();
  scan.upright = examples::Upright::x_down;
  scan.coils = coils_of(file, kspace);
  scan.kspace = reader_of(file);
  scan.maps = reader_of(map_file);
  require_equal(maps, map_file.image_shape(), coils_of(map_file, maps), scan);
  return scan;
}

misfit::io::HostVector<Complex> read_image(const std::string& path, const Scan& scan) {
  const BartFile file(path);
  if (file.image_shape() != scan.image_shape || file.images() != 1)
    throw misfit::FileError(path + ": holds " + std::to_string(file.images()) + " images of " +
                            file.image_shape().text() + ", one of " + scan.image_shape.text() +
                            " is expected");
  return examples::resized(file.read(), scan.image_shape, scan.shape);
}

}  // namespace coil_mri
