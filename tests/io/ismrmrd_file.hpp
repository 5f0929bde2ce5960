// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// ISMRMRD files to read, written by libismrmrd.

#include <ismrmrd/dataset.h>
#include <ismrmrd/ismrmrd.h>
#include <ismrmrd/version.h>
#include <ismrmrd/xml.h>

#include <complex>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace misfit::test {

/// A header with one Cartesian encoding.
inline ISMRMRD::IsmrmrdHeader ismrmrd_header(const ISMRMRD::MatrixSize& encoded,
                                             const ISMRMRD::MatrixSize& image) {
  ISMRMRD::IsmrmrdHeader header;
  header.version = ISMRMRD_XMLHDR_VERSION;
  header.experimentalConditions.H1resonanceFrequency_Hz = 63500000;
  ISMRMRD::Encoding encoding;
  encoding.encodedSpace = {encoded, {300, 300, 6}};
  encoding.reconSpace = {image, {300, 300, 6}};
  encoding.trajectory = ISMRMRD::TrajectoryType::CARTESIAN;
  header.encoding.push_back(encoding);
  return header;
}

inline std::string xml_of(const ISMRMRD::IsmrmrdHeader& header) {
  std::ostringstream xml;
  ISMRMRD::serialize(header, xml);
  return xml.str();
}

/// An acquisition of `samples` samples: coil c, sample s is `value` + s + 100 c, times 1 + i.
inline ISMRMRD::Acquisition ismrmrd_acquisition(int samples, int coils, int y, float value) {
  ISMRMRD::Acquisition acquisition(static_cast<std::uint16_t>(samples),
                                   static_cast<std::uint16_t>(coils));
  acquisition.center_sample() = static_cast<std::uint16_t>(samples / 2);
  acquisition.idx().kspace_encode_step_1 = static_cast<std::uint16_t>(y);
  for (int c = 0; c < coils; ++c)
    for (int s = 0; s < samples; ++s)
      acquisition.data(static_cast<std::uint16_t>(s), static_cast<std::uint16_t>(c)) =
          (value + static_cast<float>(s + 100 * c)) * std::complex<float>(1, 1);
  return acquisition;
}

inline void write_ismrmrd(const std::string& path, const std::string& xml,
                          const std::vector<ISMRMRD::Acquisition>& acquisitions) {
  ISMRMRD::Dataset file(path.c_str(), "dataset", true);
  for (const auto& acquisition : acquisitions) file.appendAcquisition(acquisition);
  file.writeHeader(xml);
}

}  // namespace misfit::test
