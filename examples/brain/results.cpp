// SPDX-License-Identifier: BSD-3-Clause
#include "results.hpp"

#include <misfit/version.hpp>

#include <fstream>
#include <stdexcept>

namespace brain {

void write_json(const std::string& path, const Json& content) {
  std::ofstream file(path);
  file << content.dump(1) << '\n';
  file.close();
  if (!file) throw std::runtime_error(path + " cannot be written");
}

std::vector<std::size_t> middle(const misfit::Shape& shape) {
  return {shape[0] / 4 * 2, shape[1] / 4 * 2, shape[2] / 4 * 2};
}

void write_slices(const std::string& directory, const std::string& name, const misfit::Shape& shape,
                  const std::vector<float>& values, const std::vector<std::size_t>& at) {
  const char* const planes[] = {"axial", "coronal", "sagittal"};
  for (std::size_t d = 0; d < 3; ++d) {
    const std::size_t down = d == 0 ? 1 : 0, across = d == 2 ? 1 : 2;
    const std::size_t strides[] = {shape[1] * shape[2], shape[2], 1};
    std::vector<float> slice;
    for (std::size_t row = 0; row < shape[down]; ++row)
      for (std::size_t column = 0; column < shape[across]; ++column)
        slice.push_back(
            values[at[d] * strides[d] + row * strides[down] + column * strides[across]]);
    write_npy(directory + "/" + name + "_" + planes[d] + ".npy", {shape[down], shape[across]},
              slice);
  }
}

void write_npy(const std::string& path, const std::vector<std::size_t>& extents,
               const std::vector<float>& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::size_t extent : extents) header += std::to_string(extent) + ",";
  header += ")}";
  // Magic, version and length take 10 bytes; the data begin at a multiple of 64.
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file.write("\x93NUMPY\x01\x00", 8);
  file.put(static_cast<char>(header.size() % 256)).put(static_cast<char>(header.size() / 256));
  file << header;
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  file.close();
  if (!file) throw std::runtime_error(path + " cannot be written");
}

Json versions() {
  const misfit::BuildInfo info = misfit::build_info();
  return {{"kokkos", info.kokkos},
          {"execution_space", info.backends.front()},
          {"mpi", info.mpi},
          {"compiler", info.compiler}};
}

}  // namespace brain
