// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace misfit::detail {

/// A real symmetric tridiagonal matrix that grows by a row and a column at a time, as in the
/// Lanczos method. Its entries beside the diagonal are positive.
///
/// What it says comes from the pivots of λ − T without pivoting, which are all positive where λ is
/// above the largest eigenvalue, and whose product is the characteristic polynomial.
class Tridiagonal {
 public:
  /// Room for `rows` rows, so that append() does not throw.
  void reserve(std::size_t rows) {
    diagonal_.reserve(rows);
    beside_.reserve(rows);
    above_.reserve(rows);
    below_.reserve(rows);
  }
  std::size_t capacity() const { return below_.capacity(); }
  std::size_t size() const { return diagonal_.size(); }
  void clear() {
    diagonal_.clear();
    beside_.clear();
  }

  /// A row with `alpha` on the diagonal and `beta` before it, which is 0 in the first row.
  void append(double alpha, double beta) {
    diagonal_.push_back(alpha);
    beside_.push_back(beta);
  }

  /// Not below the largest eigenvalue by more than a rounding, nor above.
  double largest_eigenvalue() const {
    double low = diagonal_.front(), high = low;
    for (std::size_t i = 0; i < size(); ++i) {
      low = std::max(low, diagonal_[i]);
      high = std::max(high, diagonal_[i] + beside_[i] + (i + 1 < size() ? beside_[i + 1] : 0));
    }
    for (;;) {
      const double middle = low + (high - low) / 2;
      if (!(middle > low && middle < high)) return low;
      (std::isfinite(log_polynomial(middle)) ? high : low) = middle;
    }
  }

  /// The logarithm of det(λ − T) for a λ above all eigenvalues; −∞ for others.
  double log_polynomial(double lambda) const {
    double sum = 0, pivot = 1;
    for (std::size_t i = 0; i < size(); ++i) {
      pivot = lambda - diagonal_[i] - beside_[i] * beside_[i] / pivot;
      if (!(pivot > 0)) return -std::numeric_limits<double>::infinity();
      sum += std::log(pivot);
    }
    return sum;
  }

  /// The last component, without its sign, of the eigenvector of length 1 to the eigenvalue
  /// `theta`, which is right however small it is: eliminated from both ends to the row where they
  /// meet best (I. S. Dhillon and B. N. Parlett, "Multiple representations to compute orthogonal
  /// eigenvectors of symmetric tridiagonal matrices", 2004).
  double last_component(double theta) {
    const std::size_t k = size();
    above_.resize(k);
    below_.resize(k);
    const auto pivot = [&](std::size_t i, double beta, double neighbour) {
      const double value = theta - diagonal_[i] - (beta > 0 ? beta * beta / neighbour : 0);
      return value == 0 ? std::numeric_limits<double>::min() : value;
    };
    for (std::size_t i = 0; i < k; ++i) above_[i] = pivot(i, beside_[i], i > 0 ? above_[i - 1] : 1);
    below_[k - 1] = pivot(k - 1, 0, 1);
    for (std::size_t i = k - 1; i-- > 0;) below_[i] = pivot(i, beside_[i + 1], below_[i + 1]);

    std::size_t meet = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < k; ++i) {
      const double gap = std::abs(above_[i] + below_[i] - (theta - diagonal_[i]));
      if (gap < least) least = gap, meet = i;
    }
    double squares = 1, component = 1;
    for (std::size_t i = meet; i-- > 0;) {
      component *= beside_[i + 1] / above_[i];
      squares += component * component;
    }
    component = 1;
    for (std::size_t i = meet + 1; i < k; ++i) {
      component *= beside_[i] / below_[i];
      squares += component * component;
    }
    return std::abs(component) / std::sqrt(squares);
  }

 private:
  std::vector<double> diagonal_, beside_;  // beside_[i] stands at (i, i − 1) and (i − 1, i)
  std::vector<double> above_, below_;      // pivots, from the first row and from the last
};

}  // namespace misfit::detail
