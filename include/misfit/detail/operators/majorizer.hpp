// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>

namespace misfit::detail {

/// Linear, and of entries that do not meet.
template <typename Op, typename T>
concept PointwiseLinearOperator =
    PointwiseOperator<Op, T, T> &&
    requires(const Op& op, std::size_t j, T r) { op.adjoint_at(j, r); };

/// Whether add_majorizer() knows what to add for `Op`.
template <typename Op, typename T, typename Exec>
concept HasMajorizer = BoundedOperator<Op, Exec> || PointwiseLinearOperator<Op, T>;

/// d += diagonal of a D with A^H A ⪯ D. Blocks. Throws ArgumentError if A, whose type does not
/// tell, is not linear.
template <typename T, typename Exec, typename Op, typename D>
void add_majorizer(const Exec& exec, const Op& op, const D& d) {
  if (!is_linear(op)) throw ArgumentError("norm_squared_bound: the operator is not linear");
  if constexpr (requires { op.add_majorizer(exec, d); }) {
    op.add_majorizer(exec, d);
  } else if constexpr (BoundedOperator<Op, Exec>) {
    const double bound = op.norm_squared_bound();
    for_indices(
        exec, "misfit::add_majorizer", d.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) { d(j) += bound; });
  } else {
    for_indices(
        exec, "misfit::add_majorizer", d.extent(0), KOKKOS_LAMBDA(const std::int64_t j) {
          d(j) += squared_abs(static_cast<T>(op.apply_at(static_cast<std::size_t>(j), T(1))));
        });
  }
}

/// The same for operators that have no need of T.
template <typename Exec, typename Op>
Vector<double, typename Exec::memory_space> majorizer_of(const Exec& exec, const Op& op) {
  Vector<double, typename Exec::memory_space> d("misfit::majorizer", op.domain_size());
  add_majorizer<double>(exec, op, d);
  return d;
}

/// d += |A|^T |A| 1, for a non-negative linear map A of which `apply(x, y)` sets y = A x and
/// `add_adjoint(y, x)` adds A^T y, both with Views of double; y has `range_size` entries. Blocks.
template <typename Exec, typename D, typename Apply, typename Adjoint>
void add_majorizer_of_non_negative(const Exec& exec, std::size_t range_size, const D& d,
                                   const Apply& apply, const Adjoint& add_adjoint) {
  using Space = typename Exec::memory_space;
  const Vector<double, Space> ones("misfit::majorizer::ones", d.extent(0)),
      sums("misfit::majorizer::sums", range_size);
  fill(exec, 1.0, ones);
  apply(ones, sums);
  add_adjoint(sums, d);
  fence(exec, "misfit::majorizer: its memory is freed");
}

}  // namespace misfit::detail
