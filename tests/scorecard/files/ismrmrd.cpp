// SPDX-License-Identifier: BSD-3-Clause
#include "io/ismrmrd_file.hpp"
#include "scorecard/files/formats.hpp"

#include <misfit/io/ismrmrd.hpp>

namespace misfit::test {

void add_ismrmrd(std::vector<Format>& formats) {
  Format format{"ISMRMRD", {"scan.h5"}, {}, {}, {}, 0, false, true};
  format.write = [](const std::string& folder) {
    std::vector<ISMRMRD::Acquisition> acquisitions;
    for (int y = 0; y < 4; ++y) {
      acquisitions.push_back(ismrmrd_acquisition(8, 2, y, 0.5F));
      acquisitions.back().center_sample() = 4;
    }
    write_ismrmrd(folder + "/scan.h5", xml_of(ismrmrd_header({8, 4}, {8, 4})), acquisitions);
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
  formats.push_back(format);
}

}  // namespace misfit::test
