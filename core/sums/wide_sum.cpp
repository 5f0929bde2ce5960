// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/partial_sum.hpp>

#include <cstdint>

namespace misfit::detail {

PartialSum sum_up(const PartialSum* partial_sums, std::int64_t count) {
  return sum_in_lanes(0, count, [=](std::int64_t k, double& value, double& outside) {
    value += partial_sums[k].value;
    outside += partial_sums[k].outside;
  });
}

}  // namespace misfit::detail
