// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/views/signals.hpp>
#include <misfit/error.hpp>

#include <cstddef>
#include <string>

namespace misfit::detail {

void require_signals(const char* name, const SignalsFound& found, std::size_t batch,
                     std::size_t n) {
  const auto prefix = std::string(name) + ": ";
  if (found.entries != n)
    throw ArgumentError(prefix + "has " + std::to_string(found.entries) + " entries, must have " +
                        std::to_string(n));
  if (found.signals != batch)
    throw ArgumentError(prefix + "has " + std::to_string(found.signals) + " signals, must have " +
                        std::to_string(batch));
  if (found.without_memory) throw ArgumentError(prefix + "has no memory");
}

}  // namespace misfit::detail
