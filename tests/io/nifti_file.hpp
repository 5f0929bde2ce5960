// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// NIfTI files to read, made from niftiio's header.

#include <misfit/io/host_vector.hpp>

#include <nifti1_io.h>
#include <nifti2.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace misfit::test {

/// -7.5, -6.5, -5.5, ...
inline io::HostVector<float> volume_of(std::size_t n) {
  io::HostVector<float> values("values", n);
  for (std::size_t j = 0; j < n; ++j) values(j) = static_cast<float>(j) - 7.5F;
  return values;
}

/// The bytes of a file as `header` describes it, with voxels 0, 1, 2, ... of type T.
template <typename T, typename Header>
std::string nifti_file(const Header& header, std::size_t voxels) {
  std::string bytes(static_cast<std::size_t>(header.vox_offset) + voxels * sizeof(T), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  for (std::size_t j = 0; j < voxels; ++j) {
    const T value = static_cast<T>(j);
    std::memcpy(bytes.data() + bytes.size() - (voxels - j) * sizeof(T), &value, sizeof value);
  }
  return bytes;
}

inline nifti_1_header nifti_header(const std::vector<int>& extents, int type) {
  int dims[8] = {static_cast<int>(extents.size()), 1, 1, 1, 1, 1, 1, 1};
  for (std::size_t d = 0; d < extents.size(); ++d) dims[d + 1] = extents[d];
  nifti_1_header* const made = nifti_make_new_header(dims, type);
  nifti_1_header header = *made;
  std::free(made);
  header.vox_offset = 352;
  return header;
}

/// The same in NIfTI-2, with widths of 1 and voxels right behind the header.
inline nifti_2_header nifti_2_header_of(const std::vector<std::int64_t>& extents, short type) {
  nifti_2_header header{};
  header.sizeof_hdr = sizeof header;
  std::memcpy(header.magic, "n+2\0\r\n\032\n", sizeof header.magic);
  header.datatype = type;
  for (int d = 0; d < 8; ++d) header.dim[d] = header.pixdim[d] = 1;
  header.dim[0] = static_cast<std::int64_t>(extents.size());
  for (std::size_t d = 0; d < extents.size(); ++d) header.dim[d + 1] = extents[d];
  header.vox_offset = sizeof header + 4;
  return header;
}

/// The bytes of the fields that misfit reads, the other way round.
inline void swap_nifti_2_header(nifti_2_header& header) {
  const auto swap = [](std::size_t n, int size, void* field) { nifti_swap_Nbytes(n, size, field); };
  swap(1, 4, &header.sizeof_hdr);
  swap(1, 2, &header.datatype);
  swap(8, 8, header.dim);
  swap(8, 8, header.pixdim);
  swap(1, 8, &header.vox_offset);
  swap(1, 8, &header.scl_slope);
  swap(1, 8, &header.scl_inter);
  swap(1, 4, &header.xyzt_units);
}

/// The same file, NIfTI-1, with its bytes the other way round.
template <typename T>
std::string swapped(std::string bytes) {
  nifti_1_header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto voxels = static_cast<std::size_t>(header.vox_offset);
  swap_nifti_header(&header, 1);
  std::memcpy(bytes.data(), &header, sizeof header);
  if (sizeof(T) > 1)
    nifti_swap_Nbytes((bytes.size() - voxels) / sizeof(T), sizeof(T), bytes.data() + voxels);
  return bytes;
}

}  // namespace misfit::test
