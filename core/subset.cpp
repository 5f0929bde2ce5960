// SPDX-License-Identifier: BSD-3-Clause

#include <misfit/error.hpp>
#include <misfit/subset.hpp>

#include <string>
#include <utility>
#include <vector>

namespace misfit {

Subset Subset::ordered(int n, int count, int which, Scale scale) {
  if (n < 0) throw ArgumentError("n: the number of operators is " + std::to_string(n));
  if (which < 0 || which >= count)
    throw ArgumentError("which: there is no subset " + std::to_string(which) + " of " +
                        std::to_string(count));
  std::vector<int> indices;
  for (long long i = which; i < n; i += count) indices.push_back(static_cast<int>(i));
  return {std::move(indices), scale};
}

}  // namespace misfit
