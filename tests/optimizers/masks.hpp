// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A least-squares problem of which the solution is known, entry by entry; whole or in slabs.

#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <string>

namespace misfit::test {

/// Three masks of an image of 6 x 4, with weights between 1 and 9 in the Hessian.
inline constexpr std::size_t n_masks = 3, image_size = 24;
inline const Shape image_shape{6, 4};

inline Kokkos::View<double*> weights(std::size_t i) { return positive_vector_of(i, image_size); }
template <typename T>
Kokkos::View<T*> measured(std::size_t i) {
  return vector_of<T>(20 + i, image_size);
}

/// The operators, whole on ranks or in `slabs`.
inline auto masks() {
  return DistributedOperator(MPI_COMM_WORLD, n_masks,
                             [](int i) { return Mask{weights(static_cast<std::size_t>(i))}; });
}
inline auto masks(const Slabs& slabs) {
  return DistributedOperator(slabs, n_masks,
                             [](int i) { return Mask{weights(static_cast<std::size_t>(i))}; });
}
template <typename T, typename Operators>
auto measurements_of(const Operators& operators) {
  return operators.measurements([](int i) { return measured<T>(static_cast<std::size_t>(i)); });
}

/// Entry j of argmin Σ |m_i x − y_i|².
template <typename T>
T solution_at(std::size_t j) {
  T right{};
  double left = 0;
  for (std::size_t i = 0; i < n_masks; ++i) {
    const double m = weights(i)(j);
    right += m * measured<T>(i)(j);
    left += m * m;
  }
  return right / left;
}

/// Expects that `x`, which begins at entry `first` of the whole, is the solution, to `tolerance`.
template <typename X>
void expect_solution(const X& x, std::size_t first = 0, double tolerance = 1e-7) {
  using T = typename X::non_const_value_type;
  for (std::size_t j = 0; j < x.extent(0); ++j) {
    const T difference = x(j) - solution_at<T>(first + j);
    EXPECT_NEAR(detail::squared_abs(difference), 0, tolerance * tolerance) << j;
  }
}
inline std::size_t first_entry(const Slabs& slabs) { return 4 * slabs.owned().begin; }

/// Expects that `call` throws E, with `text` in what it says, on every rank.
template <typename E, typename Call>
void expect_error(const std::string& text, const Call& call) {
  try {
    call();
    ADD_FAILURE() << "nothing is thrown";
  } catch (const E& error) {
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

/// ½ λ |x|², which counts its calls and remembers what it was called with.
struct Tikhonov {
  double lambda = 0;
  int* calls = nullptr;
  const void** x = nullptr;
  void** gradient = nullptr;

  template <typename X, typename G>
  double operator()(const X& point, const G& g) const {
    if (calls != nullptr) ++*calls;
    if (x != nullptr) *x = point.data();
    if (gradient != nullptr) *gradient = g.data();
    double value = 0;
    for (std::size_t j = 0; j < point.extent(0); ++j) {
      value += 0.5 * lambda * detail::squared_abs(point(j));
      g(j) += lambda * point(j);
    }
    return value;
  }
  template <typename X, typename H>
  void add_hessian(const X&, const X& v, const H& product) const {
    for (std::size_t j = 0; j < v.extent(0); ++j) product(j) += lambda * v(j);
  }
};

}  // namespace misfit::test
