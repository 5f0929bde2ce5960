// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What FourierBlur makes of its kernel.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/flipped_kernel.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/error.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace misfit::detail {

/// Of the entries h of a kernel: Σ Re h, ‖h‖₂, and whether no two of them have other signs.
struct KernelSums {
  double sum = 0, norm = 0;
  bool of_one_sign = true;
};

template <typename Value>
KernelSums kernel_sums(const std::vector<Value>& entries) {
  KernelSums sums;
  double squares = 0;
  double carry = 0;  // of the sum, after W. Kahan, "Further remarks on reducing truncation errors"
  bool positive = false, negative = false;
  for (const Value& h : entries) {
    squares += squared_abs(h);
    const double term = real_part(h) - carry, next = sums.sum + term;
    carry = (next - sums.sum) - term;
    sums.sum = next;
    positive = positive || real_part(h) > 0;
    negative = negative || real_part(h) < 0;
  }
  sums.norm = std::sqrt(squares);
  sums.of_one_sign = !(positive && negative);
  return sums;
}

/// A kernel of rank `rank` as one image of `grid`, periodic, with the kernel's entry c at 0. Throws
/// ArgumentError if it would go round the image more than once.
template <typename T, typename Value>
std::vector<T> kernel_image(const FftGrid& grid, const FlippedKernel<Value>& flipped,
                            std::size_t rank) {
  std::int64_t taps[3] = {1, 1, 1}, back[3] = {0, 0, 0};
  for (std::size_t k = 0; k < rank; ++k) {
    const std::size_t d = FftGrid::dimension(rank, k);
    taps[d] = static_cast<std::int64_t>(flipped.extents[3 - rank + k]);
    back[d] = (taps[d] - 1) / 2;
    if (taps[d] - 1 - back[d] > grid.n[d])
      throw ArgumentError("FourierBlur: kernel of " + std::to_string(taps[d]) +
                          " entries is too large for an image of " + std::to_string(grid.n[d]));
  }
  std::vector<T> image(static_cast<std::size_t>(grid.image_size()), T(0));
  const auto wrap = [&](int d, std::int64_t q) {
    return ((q - back[d]) % grid.n[d] + grid.n[d]) % grid.n[d];
  };
  std::size_t end = flipped.entries.size();
  for (std::int64_t q0 = 0; q0 < taps[0]; ++q0)
    for (std::int64_t q1 = 0; q1 < taps[1]; ++q1)
      for (std::int64_t q2 = 0; q2 < taps[2]; ++q2)
        image[static_cast<std::size_t>((wrap(0, q0) * grid.n[1] + wrap(1, q1)) * grid.n[2] +
                                       wrap(2, q2))] += T(flipped.entries[--end]);
  return image;
}

}  // namespace misfit::detail
