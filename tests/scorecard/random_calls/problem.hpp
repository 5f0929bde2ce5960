// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The numbers of a case, and what a serial loop in long double makes of them.

#include "scorecard/random_calls/case.hpp"

#include <complex>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace misfit::test::random_calls {

using Wide = std::complex<long double>;
using Numbers = std::vector<Wide>;

/// An operator, as the matrix that it is, row-major; `sizes` are the same sums of absolute values.
/// Where it squares, A x is (matrix x)², entry by entry.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  Numbers entries;
  std::vector<long double> sizes;
  bool squares = false;
  long double in_fourier_space = 0;  ///< the norm of one that goes through a Fourier transform

  const Wide& at(std::size_t r, std::size_t c) const { return entries[r * columns + c]; }
  long double size(std::size_t r, std::size_t c) const { return sizes[r * columns + c]; }
};

/// What entries a distance is made of.
struct DistanceOf {
  Distance kind = Distance::l2;
  double sigma = 1, delta = 1, gain = 1, background = 0, n0 = 4, mu = 0.5, epsilon = 1e-12,
         radius = 1;
  std::vector<double> parameters;  ///< weights, or a background, for each entry
};

/// Results, and how far rounding may take those of misfit from them. An infinite bound: anything.
struct Expected {
  std::vector<long double> values, value_bounds;  ///< of each signal
  Numbers gradient;                               ///< signal by signal
  std::vector<long double> gradient_bounds;
  std::vector<bool> outside;  ///< for each operator, whether an entry is outside its domain
  std::vector<long double> each, each_bounds;  ///< d_i, without a factor: entry i B + b
};

class Problem {
 public:
  static constexpr int points = 3;  ///< inside all domains; the one after is outside

  explicit Problem(const Case& c);

  const Case& of() const { return case_; }
  /// The rank that owns each operator, where they are whole.
  const std::vector<int>& owners() const { return owners_; }
  /// Operators of a rank, where they are whole.
  std::vector<int> owned_by(int rank) const;
  const Matrix& matrix(int i) const { return matrices_[static_cast<std::size_t>(i)]; }
  const DistanceOf& distance(int i) const { return distances_[static_cast<std::size_t>(i)]; }
  /// Signal by signal, exact in every scalar type.
  const Numbers& x(int point) const { return x_[static_cast<std::size_t>(point)]; }
  const Numbers& y(int i) const { return y_[static_cast<std::size_t>(i)]; }
  /// The rounding of a number of the case's type.
  long double epsilon() const;

  /// f and ∇f at a point; computed once.
  const Expected& at(int point) const;
  /// The same over the operators of the point's Subset alone.
  const Expected& over_some(int point) const;
  /// The same at any x, over all operators or some.
  Expected evaluate(const Numbers& x, const Some* some = nullptr) const;
  /// At a point, the product of gauss_newton(), hessian() or gauss_newton_diagonal(), as
  /// `gradient`.
  const Expected& second_derivative(Name name, int point) const;
  /// Σ A_i^H r_i at point x, by the derivative where A_i squares; r = nullptr: r_i = A_i x.
  Expected adjoint(const Numbers* x, const std::vector<Numbers>* r) const;
  const std::vector<Numbers>& measurements() const { return y_; }
  /// A_i x of all operators, one behind the other, signal by signal; as `gradient`.
  Expected forward(int point) const;
  /// ‖A‖².
  double norm_squared() const;
  /// What d_i are multiplied by.
  long double factor() const;

 private:
  // Of zeros, for sums.
  Expected gradient_of_zeros() const;
  // Of a sum over the entries of all measurements.
  long double rounding_of_sums() const;
  Expected product(int point, bool hessian) const;
  Expected diagonal(int point) const;

  Case case_;
  std::vector<int> owners_;
  std::vector<Matrix> matrices_;
  std::vector<DistanceOf> distances_;
  std::vector<Numbers> x_, y_;
  mutable std::vector<std::vector<Expected>> at_;  ///< one of each point, or none yet
  mutable std::map<int, Expected> over_some_;
  mutable std::map<std::pair<Name, int>, Expected> second_derivatives_;
};

/// A number of an object of a case, a multiple of 1/1024: in [-1, 1), or in [1/16, 1] where all are
/// positive.
double number(const Case& c, std::uint64_t object, std::uint64_t j);
/// The same with an imaginary part where the case is complex.
Wide entry(const Case& c, std::uint64_t object, std::uint64_t j);

/// Objects that have numbers of their own.
enum class Object : std::uint64_t {
  x = 1000,
  y = 2000,
  op = 3000,
  inner = 4000,
  parameter = 5000,
  rank = 6000
};
inline std::uint64_t object(Object kind, int i) {
  return static_cast<std::uint64_t>(kind) + static_cast<std::uint64_t>(i);
}

Matrix matrix_of(const Case& c, int i);
DistanceOf distance_parameters(const Case& c, int i, std::size_t rows);

/// What the operators of a case are made of besides numbers.
int rows_of(const Case& c, int i);                          ///< of a matrix
int padding_of(const Case& c, int i);                       ///< as in misfit::Padding
int extent_of(const Case& c, int i, bool vertical);         ///< of a kernel
bool is_stored(const Case& c, int i, int row, int column);  ///< in a sparse matrix
inline constexpr double scale_of_scaled = 1.5;

/// A distance at one entry, where u is off by at most e.
struct DistanceEntry {
  long double value = 0, size = 0, value_bound = 0;
  Wide gradient = 0;
  long double gradient_bound = 0;
  bool outside = false;
};
DistanceEntry entry_of(const DistanceOf& d, std::size_t j, Wide u, Wide y, long double e);

/// Its second derivative there, and by how much that is off.
struct Curvature {
  long double value = 0, bound = 0;
};
Curvature curvature_of(const DistanceOf& d, std::size_t j, long double size_of_residual,
                       long double u, long double y, long double e);

}  // namespace misfit::test::random_calls
