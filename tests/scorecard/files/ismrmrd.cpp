// SPDX-License-Identifier: BSD-3-Clause
#include "io/ismrmrd_file.hpp"
#include "scorecard/files/formats.hpp"

#include <misfit/io/ismrmrd.hpp>

namespace misfit::test {

namespace {

std::vector<ISMRMRD::Acquisition> acquisitions() {
  std::vector<ISMRMRD::Acquisition> all;
  for (int y = 0; y < 4; ++y) all.push_back(ismrmrd_acquisition(8, 2, y, 0.5F));
  return all;
}

std::string xml() { return xml_of(ismrmrd_header({8, 4}, {8, 4})); }

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
  const auto first = acquisitions().front();
  add(first.getDataPtr(), first.getDataSize());
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
  // HDF5 of this version has no check sums.
  format.effect = [](std::size_t, std::size_t) { return Effect{true}; };
  format.places = places_of_content;
  formats.push_back(format);
}

}  // namespace misfit::test
