// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "volume.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace brain {

using Json = nlohmann::ordered_json;

/// Throws std::runtime_error if the file cannot be written.
void write_json(const std::string& path, const Json& content);

/// Where the slices of an image of `shape` are taken: in the middle, on a voxel that acquisitions
/// keep.
std::vector<std::size_t> middle(const misfit::Shape& shape);

/// Writes the slices z, y and x = `at` of an image as
/// `DIRECTORY/NAME_{axial,coronal,sagittal}.npy`.
void write_slices(const std::string& directory, const std::string& name, const misfit::Shape& shape,
                  const std::vector<float>& values, const std::vector<std::size_t>& at);

/// Writes a row-major array in NumPy's format. Throws std::runtime_error if it cannot.
void write_npy(const std::string& path, const std::vector<std::size_t>& extents,
               const std::vector<float>& values);

/// Versions of what the program was built with and runs on.
Json versions();

}  // namespace brain
