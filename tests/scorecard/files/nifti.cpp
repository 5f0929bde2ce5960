// SPDX-License-Identifier: BSD-3-Clause
#include "io/folder.hpp"
#include "io/nifti_file.hpp"
#include "scorecard/files/formats.hpp"

#include <misfit/io/nifti.hpp>

#include <nifti1.h>
#include <nifti2.h>

#include <cstddef>
#include <cstdint>

namespace misfit::test {

namespace {

constexpr std::size_t voxels = 2 * 3 * 4 * 2;

Contents read(const std::string& path) {
  const io::NiftiFile file(path);
  Contents contents;
  for (std::size_t d = 0; d < 3; ++d) contents.extents.push_back(file.shape()[d]);
  contents.extents.push_back(file.volumes());
  for (std::size_t volume = 0; volume < file.volumes(); ++volume) {
    const auto values = file.read(volume);
    contents.values.insert(contents.values.end(), values.data(), values.data() + values.size());
  }
  return contents;
}

struct Field {
  std::size_t begin, size;
};

// What the reader asks a header; all else changes nothing.
template <typename Header>
bool is_read(std::size_t at) {
#define MISFIT_FIELD(name) \
  Field { offsetof(Header, name), sizeof(Header::name) }
  for (const Field& field : {MISFIT_FIELD(sizeof_hdr), MISFIT_FIELD(dim), MISFIT_FIELD(datatype),
                             MISFIT_FIELD(vox_offset), MISFIT_FIELD(scl_slope),
                             MISFIT_FIELD(scl_inter), MISFIT_FIELD(magic)})
    if (at >= field.begin && at < field.begin + field.size) return true;
#undef MISFIT_FIELD
  return false;
}

template <typename Voxel, typename Header>
Format plain(const std::string& name, const Header& header) {
  Format format{name, {"v.nii"}, {}, {}, {}, 1, false, false};
  format.write = [=](const std::string& folder) {
    write_bytes(folder + "/v.nii", nifti_file<Voxel>(header, voxels));
  };
  format.read = [](const std::string& folder) { return read(folder + "/v.nii"); };
  format.effect = [=](std::size_t, std::size_t at) {
    const auto data = static_cast<std::size_t>(header.vox_offset);
    if (at < data) return Effect{is_read<Header>(at)};
    return Effect{false, (at - data) / sizeof(Voxel), 1};
  };
  return format;
}

}  // namespace

void add_nifti(std::vector<Format>& formats) {
  auto first = nifti_header({4, 3, 2, 2}, DT_INT16);
  first.scl_slope = 0.5F;
  first.scl_inter = -3;
  formats.push_back(plain<std::int16_t>("NIfTI-1", first));
  formats.push_back(plain<float>("NIfTI-2", nifti_2_header_of({4, 3, 2, 2}, DT_FLOAT32)));

  Format compressed{"compressed NIfTI-1", {"v.nii.gz"}, {}, {}, {}, 1.0 / 1032, false, false};
  compressed.write = [](const std::string& folder) {
    const io::HostVector<float> values("values", voxels);
    for (std::size_t j = 0; j < voxels; ++j) values(j) = static_cast<float>(j * j % 97) / 7;
    io::write_nifti(folder + "/v.nii.gz", {4, 3, 4}, {1, 2, 3}, values);
  };
  compressed.read = [](const std::string& folder) { return read(folder + "/v.nii.gz"); };
  // There is a check sum of all.
  compressed.effect = [](std::size_t, std::size_t) { return Effect{}; };
  formats.push_back(compressed);
}

}  // namespace misfit::test
