// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/io/host_vector.hpp>

#include <cstddef>
#include <string>

namespace misfit::io {

/// Writes `values`, an image of shape (rows, columns), as a PNG picture with 8 bits of grey.
///
/// `black` and what lies beyond becomes 0, `white` and what lies beyond 255, linear between; black
/// may be the larger. The file is complete or, after an error, as it was before. Throws
/// ArgumentError if sizes disagree, a value is NaN or black and white are equal or not finite;
/// FileError if writing fails.
void write_png(const std::string& path, std::size_t rows, std::size_t columns,
               const HostVector<const float>& values, float black, float white);

}  // namespace misfit::io
