// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/instantiation.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/solvers/tridiagonal.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/solver.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <utility>

namespace misfit::detail {

/// A start that lacks nothing: entries of a modulus of 1/2 to 1, of random sign or phase. They
/// depend on `seed` and on the index in the whole vector alone. Asynchronous on `exec`.
template <typename Exec, typename V>
void fill_start(const Exec& exec, const DomainVectors& domain, const V& v, std::uint64_t seed) {
  using T = typename V::non_const_value_type;
  for_indices(
      exec, "misfit::start", v.extent(0), KOKKOS_LAMBDA(const std::int64_t j) {
        const auto k = 2 * static_cast<std::uint64_t>(domain.index(j));
        const double modulus = 0.75 + 0.25 * random_number(seed, k);
        const double turn = random_number(seed, k + 1);
        const double phase = is_complex<T> ? turn * std::numbers::pi : 0;
        const double sign = !is_complex<T> && turn < 0 ? -1 : 1;
        v(j) = make_scalar<T>(sign * modulus * math::cos(phase), modulus * math::sin(phase));
      });
}

/// H v for a Hermitian H = A^H A of which v, A v and H v all have to stay in the range of their
/// scalar type, though the eigenvalues of H need not lie in it: H is applied to 2^up v, and the
/// result is H / 2^exponent. Counts how often H is applied.
template <typename Exec, typename V>
class ScaledProduct {
  static constexpr int range_exponent =
      std::numeric_limits<Real<typename V::value_type>>::max_exponent;

 public:
  /// Of a std::ref, so that it takes no memory: ranks have agreed.
  using Apply = std::function<void(const V& v, const V& w)>;
  enum class Found { yes, zero, not_finite, interrupted };

  ScaledProduct(const Exec& exec, const DomainVectors& domain, const Apply& apply, int most)
      : exec_(exec), domain_(domain), apply_(apply), most_(most) {}

  int count() const { return count_; }
  bool exhausted() const { return count_ >= most_; }
  int exponent() const { return exponent_; }

  /// w = H 2^up v.
  void operator()(const V& v, const V& w) {
    if (up_ != 0) axpby(exec_, std::ldexp(1.0, up_), v, 0, v);
    apply_(v, w);
    if (up_ != 0) axpby(exec_, std::ldexp(1.0, -up_), v, 0, v);
    ++count_;
  }
  /// What makes w of the call above H v / 2^exponent.
  double factor() const { return std::ldexp(1.0, -up_ - exponent_); }

  /// Finds the two exponents for a v of length 1, by bisection, and calls the above with them.
  Found find(const V& v, const V& w) {
    int low = -(range_exponent - 8), high = -low;
    const int lowest = low, highest = high;
    for (bool settled = false; !exhausted();) {
      (*this)(v, w);
      const double length = std::sqrt(domain_.dot(exec_, w, w));
      if (std::isfinite(length) && length > 0) {
        exponent_ = std::ilogb(length) - up_;
        if (settled || (up_ == 0 && std::abs(exponent_) <= range_exponent / 4)) return Found::yes;
        up_ = std::clamp(-exponent_ / 2, lowest, highest);
        settled = true;
        continue;
      }
      settled = false;
      (length == 0 ? low : high) = up_;
      if (high - low <= 1) return length == 0 ? Found::zero : Found::not_finite;
      up_ = low + (high - low) / 2;
    }
    return Found::interrupted;
  }

 private:
  const Exec& exec_;
  const DomainVectors& domain_;
  const Apply& apply_;
  int most_, count_ = 0, up_ = 0, exponent_ = 0;
};

/// The number of vectors that largest_eigenvalue() works in.
inline constexpr std::size_t lanczos_vectors = 3;

/// The largest eigenvalue of H = A^H A by the Lanczos method (C. Lanczos, "An iteration method for
/// the solution of the eigenvalue problem of linear differential and integral operators", 1950),
/// with H applied by `apply(v, w)`. Blocks.
///
/// The three-term recurrence alone, in three vectors: rounding then gives copies of eigenvalues,
/// which do no harm to the largest, and the residual |H y − θ y| = β |s_k| stays right (C. C.
/// Paige, "Accuracy and effectiveness of the Lanczos algorithm for the symmetric eigenproblem",
/// 1980).
///
/// A small residual tells of an eigenvalue, not of the largest. That none is above (1 + tolerance)
/// θ is told by the characteristic polynomial p of the tridiagonal matrix: a λ with det(λ − T) > β₁
/// … β_k / δ is none, where δ is the share of its eigenvector in the start (J. L. M. van
/// Dorsselaer, M. E. Hochstenbach and H. A. van der Vorst, "Computing probabilistic bounds for
/// extreme eigenvalues of symmetric matrices with the Lanczos method", 2001). δ is less than 10⁻³ /
/// √n for one start in a thousand. Where the recurrence ends before that is known, another start
/// follows.
template <typename Exec, typename V>
class Lanczos {
 public:
  /// `vectors` are of one size n > 0.
  Lanczos(const Exec& exec, const DomainVectors& domain, const V (&vectors)[lanczos_vectors],
          const SolverOptions& options)
      : exec_(exec),
        domain_(domain),
        v_(vectors[0]),
        r_(vectors[1]),
        w_(vectors[2]),
        options_(options) {}

  using Product = ScaledProduct<Exec, V>;
  using Grow = std::function<void()>;

  /// `grow()` makes room in `matrix` for another row; collective where this is.
  NormResult run(Tridiagonal& matrix, const typename Product::Apply& apply, const Grow& grow) {
    Product product(exec_, domain_, apply, options_.max_iterations);
    start(1);
    const auto found = product.find(v_, w_);
    result_.iterations = product.count();
    if (found == Product::Found::zero) result_.converged = true;
    if (found == Product::Found::not_finite) result_.value = result_.residual = std::nan("");
    if (found != Product::Found::yes) return result_;

    for (std::uint64_t seed = 1; seed <= starts && !result_.converged; ++seed) {
      matrix.clear();
      if (seed > 1) start(seed);
      if (!recur(matrix, product, grow, seed > 1)) break;
      if (seed == starts) result_.converged = result_.residual <= options_.tolerance;
    }
    result_.iterations = product.count();
    result_.value = std::ldexp(result_.value, product.exponent());
    return result_;
  }

 private:
  static constexpr std::uint64_t starts = 2;
  static constexpr double rounding =
      4 * std::numeric_limits<Real<typename V::value_type>>::epsilon();

  void start(std::uint64_t seed) {
    fill_start(exec_, domain_, v_, seed);
    axpby(exec_, 1 / std::sqrt(domain_.dot(exec_, v_, v_)), v_, 0, v_);
  }

  /// Until it has converged; true if it has not, and the recurrence came to an end.
  bool recur(Tridiagonal& matrix, Product& product, const Grow& grow, bool apply_first) {
    double beta = 0, log_betas = 0, largest_alpha = 0;
    for (std::size_t next_check = 1;;) {
      if (matrix.size() == matrix.capacity()) grow();
      if (apply_first || matrix.size() > 0) {
        if (product.exhausted()) return false;
        product(v_, w_);
      }
      axpby(exec_, product.factor(), w_, -beta, r_);
      const double alpha = domain_.dot(exec_, r_, v_);
      axpby(exec_, -alpha, v_, 1, r_);
      matrix.append(alpha, beta);
      beta = std::sqrt(domain_.dot(exec_, r_, r_));
      log_betas += std::log(beta);
      largest_alpha = std::max(largest_alpha, alpha);
      if (!std::isfinite(beta) || !std::isfinite(alpha)) {
        result_.value = result_.residual = std::nan("");
        return false;
      }
      const bool ended = beta <= rounding * largest_alpha;
      if (matrix.size() >= next_check || ended || product.exhausted()) {
        next_check = matrix.size() + 1 + matrix.size() / 16;
        check(matrix, beta, log_betas);
        if (result_.converged || ended) return ended;
      }
      axpby(exec_, 1 / beta, r_, 0, r_);
      std::swap(v_, r_);
    }
  }

  void check(Tridiagonal& matrix, double beta, double log_betas) {
    const double theta = matrix.largest_eigenvalue();
    const double residual = beta == 0 ? 0 : beta * matrix.last_component(theta) / theta;
    if (theta >= result_.value) {
      result_.value = theta;
      result_.residual = residual;
    }
    const double share = 1e-3 / std::sqrt(static_cast<double>(domain_.size()));
    const bool none_above =
        matrix.log_polynomial((1 + options_.tolerance) * theta) >= log_betas - std::log(share);
    result_.converged = none_above && residual <= options_.tolerance;
  }

  const Exec& exec_;
  const DomainVectors domain_;
  V v_, r_, w_;
  SolverOptions options_;
  NormResult result_;
};

#define MISFIT_LANCZOS(prefix, Exec, T) prefix template class Lanczos<Exec, Vector<T>>;
MISFIT_FOR_SCALARS(MISFIT_LANCZOS, extern, Kokkos::DefaultExecutionSpace)

}  // namespace misfit::detail
