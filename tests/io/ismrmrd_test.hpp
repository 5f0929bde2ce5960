// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "io/folder.hpp"
#include "io/ismrmrd_file.hpp"

#include <misfit/io/ismrmrd.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace misfit::test {

using Part = io::IsmrmrdFile::Part;

/// The real parts of coil `coil`, which are also its imaginary parts.
inline std::vector<float> parts_of(const io::IsmrmrdFile& file, int coil, const Part& part = {}) {
  std::vector<float> parts;
  const auto values = file.kspace({coil}, part).front();
  for (std::size_t j = 0; j < values.size(); ++j) {
    EXPECT_EQ(values(j).real(), values(j).imag());
    parts.push_back(values(j).real());
  }
  return parts;
}

inline std::vector<float> mask_of(const io::IsmrmrdFile& file, const Part& part = {}) {
  const auto mask = file.mask(part);
  return {mask.data(), mask.data() + mask.size()};
}

class IsmrmrdTest : public testing::Test {
 protected:
  const Folder folder;
  const std::string path = folder / "scan.h5";

  void write(const ISMRMRD::IsmrmrdHeader& header,
             const std::vector<ISMRMRD::Acquisition>& acquisitions) {
    std::filesystem::remove(path);
    write_ismrmrd(path, xml_of(header), acquisitions);
  }
  io::IsmrmrdFile file_with(const ISMRMRD::IsmrmrdHeader& header,
                            const std::vector<ISMRMRD::Acquisition>& acquisitions) {
    write(header, acquisitions);
    return io::IsmrmrdFile(path);
  }
};

}  // namespace misfit::test
