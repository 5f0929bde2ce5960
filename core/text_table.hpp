// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace misfit::detail {

/// For instance 512 B, 48.0 KiB, 1.5 GiB.
std::string size_text(std::int64_t bytes);

/// Lines of as many entries each, in columns as wide as their longest entry.
std::string table_text(const std::vector<std::vector<std::string>>& lines);

}  // namespace misfit::detail
