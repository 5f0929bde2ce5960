// SPDX-License-Identifier: BSD-3-Clause
#include "io/ismrmrd_file.hpp"
#include "scorecard/files/formats.hpp"

#include <misfit/io/ismrmrd.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace misfit::test {

namespace {

constexpr int columns = 8, lines = 4;

std::vector<ISMRMRD::Acquisition> acquisitions() {
  std::vector<ISMRMRD::Acquisition> all;
  for (int y = 0; y < lines; ++y)
    all.push_back(ismrmrd_acquisition(columns, 2, y, 0.5F + static_cast<float>(y)));
  return all;
}

/// The bytes of those of the first acquisition.
std::string samples() {
  const auto first = acquisitions().front();
  return {reinterpret_cast<const char*>(first.getDataPtr()), first.getDataSize()};
}

std::string xml() { return xml_of(ismrmrd_header({columns, lines}, {columns, lines})); }

// Not of HDF5's own structures: where these are damaged HDF5 1.10 may divide by 0, and its caller
// ends with it.
std::vector<std::size_t> places_of_content(const std::string& bytes) {
  std::vector<std::size_t> places;
  const auto add = [&](const void* content, std::size_t size) {
    const std::string text(static_cast<const char*>(content), size);
    for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + size))
      for (std::size_t k = 0; k < size; ++k) places.push_back(at + k);
  };
  add(xml().data(), xml().size());
  for (const auto& acquisition : acquisitions())
    add(&acquisition.getHead(), sizeof(ISMRMRD::AcquisitionHeader));
  add(samples().data(), samples().size());
  return places;
}

}  // namespace

void add_ismrmrd(std::vector<Format>& formats) {
  Format format{"ISMRMRD", {"scan.h5"}, {}, {}, {}, 0, false, true};
  format.write = [](const std::string& folder) {
    write_ismrmrd(folder + "/scan.h5", xml(), acquisitions());
  };
  format.read = [](const std::string& folder) {
    const io::IsmrmrdFile file(folder + "/scan.h5");
    Contents contents;
    for (std::size_t d = 0; d < file.encoded_shape().rank(); ++d)
      contents.extents.push_back(file.encoded_shape()[d]);
    for (std::size_t coil = 0; coil < file.coils() && coil < 4; ++coil)
      for (const auto& values : file.kspace({static_cast<int>(coil)}))
        for (std::size_t j = 0; j < values.size(); ++j) {
          contents.values.push_back(values(j).real());
          contents.values.push_back(values(j).imag());
        }
    return contents;
  };
  // HDF5 of this version has no check sums. Samples of the first acquisition, those of coil 1
  // behind those of coil 0, are values of the first line of each coil; all else is a header.
  const auto data = std::make_shared<std::size_t>(0);
  format.places = [data](const std::string& bytes) {
    *data = bytes.find(samples());
    return places_of_content(bytes);
  };
  format.effect = [data, size = samples().size()](std::size_t, std::size_t at) {
    if (at < *data || at >= *data + size) return Effect{true};
    const std::size_t part = (at - *data) / sizeof(float), line = 2 * columns;
    return Effect{false, part + part / line * line * (lines - 1), 1};
  };
  formats.push_back(format);
}

}  // namespace misfit::test
