// SPDX-License-Identifier: BSD-3-Clause
#include "ismrmrd_encoding.hpp"

#include "file.hpp"

#include <misfit/error.hpp>

#include <algorithm>
#include <exception>
#include <limits>

namespace misfit::io {

namespace {

IsmrmrdMatrix matrix_of(const ISMRMRD::EncodingSpace& space, bool volume) {
  const auto& matrix = space.matrixSize;
  const auto& view = space.fieldOfView_mm;
  if (volume) return {{matrix.z, matrix.y, matrix.x}, {view.z, view.y, view.x}};
  return {{matrix.y, matrix.x}, {view.y, view.x}};
}

}  // namespace

std::vector<ISMRMRD::Encoding> encodings_of(const std::string& path, const std::string& xml) {
  ISMRMRD::IsmrmrdHeader header;
  try {
    ISMRMRD::deserialize(xml.c_str(), header);
  } catch (const std::exception& error) {
    fail(path, std::string("has an XML header that is not understood: ") + error.what());
  }
  if (header.encoding.empty()) fail(path, "has no encodings");
  return header.encoding;
}

std::size_t chosen_encoding(const std::string& path, std::size_t count,
                            const std::optional<std::size_t>& named,
                            const std::vector<IsmrmrdAcquisition>& acquisitions) {
  if (named && *named >= count)
    throw ArgumentError("IsmrmrdFile: encoding " + std::to_string(*named) + " of " +
                        std::to_string(count) + " in " + path);
  for (const auto& [number, head] : acquisitions) {
    if (head.encoding >= count)
      fail(path, "has an acquisition " + std::to_string(number) + " of encoding " +
                     std::to_string(head.encoding) + ", but " + std::to_string(count) +
                     " encodings");
    if (!named && head.encoding != acquisitions.front().head.encoding)
      fail(path, "has imaging data of encodings " +
                     std::to_string(acquisitions.front().head.encoding) + " and " +
                     std::to_string(head.encoding) + "; one of them has to be named");
  }
  return named ? *named : acquisitions.front().head.encoding;
}

IsmrmrdMatrices matrices_of(const std::string& path, const ISMRMRD::Encoding& encoding) {
  if (encoding.trajectory != ISMRMRD::TrajectoryType::CARTESIAN)
    fail(path, "has a trajectory that is not Cartesian");
  const auto &encoded = encoding.encodedSpace, &image = encoding.reconSpace;
  for (const auto& matrix : {encoded.matrixSize, image.matrixSize})
    if (matrix.x == 0 || matrix.y == 0 || matrix.z == 0) fail(path, "has a matrix of extent 0");
  const bool volume = encoded.matrixSize.z > 1 || image.matrixSize.z > 1;
  return {matrix_of(encoded, volume), matrix_of(image, volume)};
}

IsmrmrdReadout readout_of(const IsmrmrdHead& head, std::size_t nx) {
  const auto n = static_cast<std::ptrdiff_t>(nx), middle = n / 2;
  // Writers that give no centre leave a 0 there, as ismrmrd's own classes do. A readout over
  // all x with its centre at the first sample would lie half outside of the grid.
  const bool untold = head.centre == 0 && head.samples == nx;
  const std::ptrdiff_t centre = untold ? middle : head.centre;
  const std::ptrdiff_t first = head.discard_pre, last = head.samples - head.discard_post;
  const bool reversed = head.is_reversed();
  const std::ptrdiff_t zero = reversed ? middle + centre : middle - centre;
  const std::ptrdiff_t lowest = reversed ? zero - (n - 1) : -zero;
  const std::ptrdiff_t highest = reversed ? zero : n - 1 - zero;
  const std::ptrdiff_t from = std::max(first, lowest), to = std::min(last, highest + 1);
  if (from >= to) return {zero, 0, 0};
  return {zero, static_cast<std::size_t>(from), static_cast<std::size_t>(to)};
}

IsmrmrdGrid::IsmrmrdGrid(const ISMRMRD::Encoding& encoding,
                         const std::vector<IsmrmrdAcquisition>& acquisitions) {
  int largest_1 = 0, largest_2 = 0;
  for (const auto& acquisition : acquisitions) {
    largest_1 = std::max<int>(largest_1, acquisition.head.idx.step_1);
    largest_2 = std::max<int>(largest_2, acquisition.head.idx.step_2);
  }
  const auto& matrix = encoding.encodedSpace.matrixSize;
  const auto& limits = encoding.encodingLimits;
  y_ = axis_of(matrix.y, limits.kspace_encoding_step_1, largest_1);
  z_ = axis_of(matrix.z, limits.kspace_encoding_step_2, largest_2);
}

IsmrmrdGrid::Axis IsmrmrdGrid::axis_of(int extent, const ISMRMRD::Optional<ISMRMRD::Limit>& limit,
                                       int largest_step) {
  constexpr int any = std::numeric_limits<int>::max();
  if (!limit) return {extent, 0, any, extent / 2};
  if (limit->maximum == 0 && largest_step > 0)
    return {extent, 0, any, limit->center > 0 ? limit->center : extent / 2};
  return {extent, limit->minimum, limit->maximum, limit->center};
}

std::optional<std::size_t> IsmrmrdGrid::Axis::place_of(int step) const {
  const int place = step + extent / 2 - centre;
  if (step < least || step > most || place < 0 || place >= extent) return {};
  return static_cast<std::size_t>(place);
}

std::optional<std::size_t> IsmrmrdGrid::line_of(const IsmrmrdCounters& idx) const {
  const auto y = y_.place_of(idx.step_1), z = z_.place_of(idx.step_2);
  if (!y || !z) return {};
  return *z * static_cast<std::size_t>(y_.extent) + *y;
}

}  // namespace misfit::io
