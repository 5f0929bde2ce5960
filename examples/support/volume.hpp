// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>
#include <misfit/io/nifti.hpp>

#include <cstddef>
#include <string>

namespace examples {

/// Which volume of a NIfTI file: `named`, or the only one where that is negative. Throws FileError
/// if there are several, ArgumentError if there is no such one.
inline std::size_t volume_of(const misfit::io::NiftiFile& file, const std::string& path,
                             int named) {
  const auto count = std::to_string(file.volumes());
  if (named < 0 && file.volumes() > 1)
    throw misfit::FileError(path + ": holds " + count + " volumes; choose one by --volume");
  const std::size_t volume = named < 0 ? 0 : static_cast<std::size_t>(named);
  if (volume >= file.volumes())
    throw misfit::ArgumentError("--volume " + std::to_string(volume) + ": " + path + " holds " +
                                count);
  return volume;
}

}  // namespace examples
