// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/compressed_rows.hpp>
#include <misfit/detail/linear_algebra.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <type_traits>

namespace misfit {

/// A x for a sparse matrix A in compressed rows (CSR).
///
/// A^H is stored beside A: twice the memory, but without it the adjoint would add with atomics,
/// which is slow and gives other bits in every call.
template <Scalar Value, typename Ordinal, typename Offset,
          typename Device = Kokkos::DefaultExecutionSpace::device_type>
class Sparse {
 public:
  using value_type = Value;

  /// A as Kokkos Kernels holds it; any number of rows and columns may be 0. Shared, not copied.
  /// Blocks.
  ///
  /// Throws ArgumentError if the row offsets do not start at 0, fall, or do not end at the number
  /// of values; a column is outside the matrix; a value is not finite; or the columns and values
  /// differ in number.
  template <typename S, typename O, typename D, typename M, typename Z>
  explicit Sparse(const KokkosSparse::CrsMatrix<S, O, D, M, Z>& matrix)
      : Sparse(matrix.graph.row_map, matrix.graph.entries, matrix.values,
               static_cast<std::size_t>(matrix.numCols())) {}

  /// A with the values `values`(k) in the columns `columns`(k) < `n_columns`, where those of row i
  /// are k = `row_map`(i), ..., `row_map`(i + 1) − 1. Shared, not copied. Blocks.
  ///
  /// Throws ArgumentError as above.
  template <View RowMap, View Columns, View Values>
  Sparse(const RowMap& row_map, const Columns& columns, const Values& values, std::size_t n_columns)
      : matrix_{row_map, columns, values, n_columns},
        adjoint_(detail::checked_conjugate_transpose(matrix_)) {}

  std::size_t domain_size() const { return matrix_.n_columns; }
  std::size_t range_size() const { return matrix_.n_rows(); }

  /// y = A x. Asynchronous on `exec` from Kokkos Kernels 4 on; blocks before.
  template <typename Exec, typename X, typename Y>
  requires std::is_same_v<typename X::non_const_value_type, Value> &&
      std::is_same_v<typename Y::value_type, Value>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const detail::Region region("misfit::Sparse::apply");
    detail::spmv(exec, matrix_, x, Value(0), y);
  }

  /// x += A^H y. Asynchronous as apply().
  template <typename Exec, typename Y, typename X>
  requires std::is_same_v<typename Y::non_const_value_type, Value> &&
      std::is_same_v<typename X::value_type, Value>
  void apply_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const detail::Region region("misfit::Sparse::apply_adjoint");
    detail::spmv(exec, adjoint_, y, Value(1), x);
  }

 private:
  using Matrix = detail::CompressedRows<Value, Ordinal, Offset, Device>;

  Matrix matrix_;
  Matrix adjoint_;
};

template <typename S, typename O, typename D, typename M, typename Z>
explicit Sparse(const KokkosSparse::CrsMatrix<S, O, D, M, Z>&)
    -> Sparse<std::remove_const_t<S>, std::remove_const_t<O>, std::remove_const_t<Z>,
              typename KokkosSparse::CrsMatrix<S, O, D, M, Z>::device_type>;

template <View RowMap, View Columns, View Values>
Sparse(const RowMap&, const Columns&, const Values&, std::size_t)
    -> Sparse<typename Values::non_const_value_type, typename Columns::non_const_value_type,
              typename RowMap::non_const_value_type, typename Values::device_type>;

}  // namespace misfit
