// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/matrices/dense_rows.hpp>
#include <misfit/detail/matrices/finite_matrix.hpp>
#include <misfit/detail/matrices/gram_diagonal.hpp>
#include <misfit/detail/matrices/kokkos_kernels.hpp>
#include <misfit/detail/matrices/majorizer.hpp>
#include <misfit/detail/matrices/products_by_rows.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/matrices/team_matrix.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/rows.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace misfit {

/// A x for a dense matrix A.
///
/// For A with the rows (1, 2) and (3, 4) and x = (1, 1): A x = (3, 7), A^H A x = (24, 34).
template <KokkosView Matrix>
class Dense {
  static constexpr bool by_rows =
      std::is_same_v<typename Matrix::array_layout, Kokkos::LayoutRight> &&
      detail::host_reads<Matrix>;
  static constexpr bool by_columns =
      std::is_same_v<typename Matrix::array_layout, Kokkos::LayoutLeft> &&
      detail::host_reads<Matrix>;

 public:
  /// Of the matrix, x and y.
  using value_type = typename Matrix::non_const_value_type;
  /// Where the matrix is.
  using memory_space = typename Matrix::memory_space;

  /// A = `matrix`, of shape (m, n), LayoutLeft or LayoutRight; m or n may be 0. Shared, not copied.
  /// Blocks.
  ///
  /// Throws ArgumentError if A is not finite, or m or n exceeds the largest int.
  explicit Dense(const Matrix& matrix) : matrix_(matrix) {
    static_assert(static_cast<std::size_t>(Matrix::rank) == 2 && Scalar<value_type>,
                  "misfit: Dense needs a View of rank 2 of a scalar type");
    static_assert(!std::is_same_v<typename Matrix::array_layout, Kokkos::LayoutStride>,
                  "misfit: Dense needs a LayoutLeft or LayoutRight View");
    // A BLAS counts in int.
    if (matrix.extent(0) > INT_MAX || matrix.extent(1) > INT_MAX)
      throw ArgumentError("Dense: matrix of shape " + std::to_string(matrix.extent(0)) + " x " +
                          std::to_string(matrix.extent(1)) + " is too large");
    detail::require_finite_matrix(typename Matrix::execution_space{}, "Dense: matrix", matrix_);
    if constexpr (by_rows) plan_ = detail::RowPlan(this, 1);
  }

  /// A move is a copy: it leaves the source as it was.
  Dense(const Dense&) = default;
  /// Likewise.
  Dense& operator=(const Dense&) = default;

  /// The number of entries of x.
  std::size_t domain_size() const { return matrix_.extent(1); }
  /// The number of entries of A x.
  std::size_t range_size() const { return matrix_.extent(0); }

  /// \cond
  detail::TeamDense<value_type> team_matrix() const {
    return {matrix_.data(), static_cast<std::int64_t>(matrix_.extent(0)),
            static_cast<std::int64_t>(matrix_.extent(1)),
            static_cast<std::int64_t>(matrix_.stride(0)),
            static_cast<std::int64_t>(matrix_.stride(1))};
  }
  /// \endcond

  /// By rows (see RowwiseOperator), where A is LayoutRight and in host memory.
  std::size_t rows_at_once() const
    requires by_rows
  {
    const std::size_t bytes = matrix_.extent(1) * sizeof(value_type);
    return std::clamp<std::size_t>(in_cache / (bytes + 1), 1, detail::most_rows_together) *
           detail::rows_together;
  }
  /// u[i − begin] = (A x)_i for begin ≤ i < end. `next` is read behind A, null if nothing is.
  void apply_rows(std::size_t begin, std::size_t end, const value_type* x, value_type* u,
                  const Dense* next = nullptr) const
    requires by_rows
  {
    rows_before(next).apply(begin, end, x, u);
  }
  /// g += A^H r of these rows, where r[0] belongs to row `begin`.
  void add_adjoint_rows(std::size_t begin, std::size_t end, const value_type* r, value_type* g,
                        const Dense* next = nullptr) const
    requires by_rows
  {
    rows_before(next).add_adjoint(begin, end, r, g);
  }

  /// The rows of A (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {{range_size()}, 0, {0, range_size()}}; }
  /// The matrix of a copy of these rows. Blocks. Throws ArgumentError unless there are such.
  auto on_rows(const Rows& rows) const {
    using Copy = Kokkos::View<value_type**, typename Matrix::array_layout, memory_space>;
    detail::require_rows_of("Dense", rows, range_size());
    const Copy copy("misfit::Dense::rows", rows.size(), domain_size());
    Kokkos::deep_copy(copy, Kokkos::subview(matrix_, std::pair(rows.begin, rows.end), Kokkos::ALL));
    return Dense<Copy>(copy);
  }

  /// d += |A|^T |A| 1. Blocks.
  template <typename Exec, typename D>
  void add_majorizer(const Exec& exec, const D& d) const {
    detail::add_dense_majorizer(exec, matrix_, d);
  }

  /// d += diag(A^H W A), w and d real (see GramDiagonalOperator). Asynchronous on `exec`.
  template <typename Exec, typename W, typename D>
  void add_gram_diagonal(const Exec& exec, const W& w, const D& d) const {
    detail::add_dense_gram_diagonal(exec, matrix_, w, d);
  }

  /// y = A x. Asynchronous on `exec`; on a GPU before Kokkos Kernels 4 it blocks.
  template <typename Exec, typename X, typename Y>
    requires std::is_same_v<typename X::non_const_value_type, value_type> &&
             std::is_same_v<typename Y::value_type, value_type>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const detail::Region region("misfit::Dense::apply");
    const Vector<const value_type, typename Exec::memory_space> in = x;
    const Vector<value_type, typename Exec::memory_space> out = y;
    if constexpr (by_rows && detail::in_cpu_form<Exec>)
      detail::apply_by_rows(exec, *this, in, out);
    else if constexpr (by_columns && detail::in_cpu_form<Exec>)
      columns().apply(exec, in.data(), out.data());
    else
      detail::gemv(exec, "N", matrix_, in, value_type(0), out);
  }

  /// x += A^H y. Asynchronous as apply().
  template <typename Exec, typename Y, typename X>
    requires std::is_same_v<typename Y::non_const_value_type, value_type> &&
             std::is_same_v<typename X::value_type, value_type>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const detail::Region region("misfit::Dense::add_adjoint");
    const Vector<const value_type, typename Exec::memory_space> in = y;
    const Vector<value_type, typename Exec::memory_space> out = x;
    if constexpr (by_rows && detail::in_cpu_form<Exec>)
      detail::add_adjoint_by_rows(exec, *this, plan_, workspace_, in, out);
    else if constexpr (by_columns && detail::in_cpu_form<Exec>)
      columns().add_adjoint(exec, in.data(), out.data());
    else
      detail::gemv(exec, "C", matrix_, in, value_type(1), out);
  }

 private:
  static constexpr std::size_t in_cache = 1 << 14;

  detail::DenseRows<value_type> rows() const {
    return {matrix_.data(), static_cast<std::size_t>(matrix_.stride(0)), matrix_.extent(0),
            matrix_.extent(1)};
  }
  detail::DenseRows<value_type> rows_before(const Dense* next) const {
    return next == nullptr ? rows() : rows().followed_by(next->rows());
  }

  detail::DenseColumns<value_type> columns() const {
    return {matrix_.data(), static_cast<std::size_t>(matrix_.stride(1)), matrix_.extent(0),
            matrix_.extent(1)};
  }

  typename Matrix::const_type matrix_;
  detail::RowPlan plan_;
  mutable detail::Workspace workspace_;
};

}  // namespace misfit
