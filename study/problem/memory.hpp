// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "problem/options.hpp"
#include "scaling/machine.hpp"

namespace misfit::study {

/// Of the rank with most and of the one that has least [bytes].
struct Memory {
  double forecast = 0;
  double there = 0;  ///< 0 where nobody knows: on a GPU
};

/// From sizes alone. Throws std::invalid_argument, on all ranks, if the problem does not fit; the
/// text says which other form would. Collective.
Memory memory_for(const Options& options, int ranks, const bench::Nodes& nodes);

}  // namespace misfit::study
