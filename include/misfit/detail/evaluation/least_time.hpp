// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

namespace misfit::detail {

/// The least time that run() takes, which waits for what it began [s]. Calls it twice at least, for
/// the first time may be one of plans, memory and cold caches, and again until 20 ms are over.
double least_time(const std::function<void()>& run);

}  // namespace misfit::detail
