// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/files/formats.hpp"

#include <misfit/io/bart.hpp>

#include <Kokkos_Core.hpp>

namespace misfit::test {

void add_bart(std::vector<Format>& formats) {
  using Entry = Kokkos::complex<float>;
  Format format{"BART", {"k.hdr", "k.cfl"}, {}, {}, {}, 4, true, false};
  format.write = [](const std::string& folder) {
    const io::HostVector<Entry> values("values", 24);
    for (std::size_t j = 0; j < 24; ++j)
      values(j) = Entry(static_cast<float>(j) / 7, 1.5F + static_cast<float>(j));
    io::write_bart(folder + "/k", {2, 3, 1, 4}, values);
  };
  format.read = [](const std::string& folder) {
    const io::BartFile file(folder + "/k");
    Contents contents;
    for (std::size_t d = 0; d < io::BartFile::max_rank; ++d)
      contents.extents.push_back(file.extent(d));
    const auto values = file.read();
    for (std::size_t j = 0; j < values.size(); ++j) {
      contents.values.push_back(values(j).real());
      contents.values.push_back(values(j).imag());
    }
    return contents;
  };
  format.effect = [](std::size_t file, std::size_t at) {
    return file == 0 ? Effect{true} : Effect{false, at / sizeof(float), 1};
  };
  formats.push_back(format);
}

}  // namespace misfit::test
