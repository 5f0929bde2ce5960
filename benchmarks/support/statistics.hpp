// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace misfit::bench {

/// A median and its 95 % confidence interval.
struct Median {
  double value = 0, low = 0, high = 0;
};

/// The largest l with P(B < l) ≤ 0.025 for B ~ Binomial(n, ½). Above 1000, where 2^-n is soon no
/// number any more, by the normal distribution with a correction for continuity.
inline std::size_t rank_of_low_end(std::size_t n) {
  const auto count = static_cast<double>(n);
  if (n > 1000) return static_cast<std::size_t>((count + 1 - 1.959963985 * std::sqrt(count)) / 2);
  double term = std::pow(0.5, count), below = term;  // P(B = l), P(B ≤ l)
  std::size_t l = 0;
  while (below <= 0.025) {
    ++l;
    term *= static_cast<double>(n - l + 1) / static_cast<double>(l);
    below += term;
  }
  return l;
}

/// The median of `samples`. The interval is between order statistics, whatever the distribution of
/// the samples: between the l-th smallest and the l-th largest of n the median lies with
/// probability 1 − 2 P(B < l) for B ~ Binomial(n, ½). (H. A. David and H. N. Nagaraja, "Order
/// Statistics", 2003, section 7.1.) Fewer than six samples cannot give 95 %: then it reaches from
/// the least to the greatest.
inline Median median_of(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  const std::size_t n = samples.size();
  const double middle = n % 2 == 1 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2;
  const std::size_t l = rank_of_low_end(n), end = l > 0 ? l - 1 : 0;
  return {middle, samples[end], samples[n - 1 - end]};
}

}  // namespace misfit::bench
