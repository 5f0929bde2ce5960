// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/detail/matrices/compressed_rows.hpp>
#include <misfit/detail/matrices/gram_diagonal.hpp>
#include <misfit/detail/matrices/kokkos_kernels.hpp>
#include <misfit/detail/matrices/majorizer.hpp>
#include <misfit/detail/matrices/products_by_rows.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/matrices/sparse_footprint.hpp>
#include <misfit/detail/matrices/sparse_rows.hpp>
#include <misfit/detail/matrices/team_matrix.hpp>
#include <misfit/detail/operators/footprint.hpp>
#include <misfit/detail/operators/whole_rows.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace misfit {

/// A x for a sparse matrix A in compressed rows (CSR).
///
/// The adjoint adds without atomics, which are slow and give other bits in every call. On a CPU
/// pieces of rows add to vectors of their own; on a GPU, and where several threads would need more
/// memory for that (rows that reach over most columns), A^H is stored beside A: twice the memory.
///
/// In slabs of an image a rank has the share of the rows of A that its rows are of those of the
/// image, and as many ghost rows as their columns reach over, which all columns tell: one before
/// and one after for a stencil of nearest neighbours with row j for pixel j; all of x where columns
/// are far, or go around the image. There may be several rows of A for a pixel, or one for several,
/// in the order of the pixels. Where fewer ghost rows do then, a rank has a share of each line: of
/// the rows of A for a line of an image that is cut along another dimension than its first, or of
/// several images of rows one behind the other, such as derivatives. local_rows() are then those of
/// a line.
///
/// For the row map (0, 2, 3), columns (0, 2, 1), values (2, 1, 3), 3 columns and x = (1, 2, 3): A x
/// = (5, 6), A^H A x = (10, 18, 5).
template <Scalar Value, typename Ordinal, typename Offset,
          typename Device = Kokkos::DefaultExecutionSpace::device_type>
class Sparse {
  using Exec = typename Device::execution_space;
  static constexpr bool by_rows = detail::in_cpu_form<Exec>;
  static constexpr bool parallel = !detail::is_serial<Exec>;
  static constexpr std::size_t in_cache = 32768;

 public:
  /// Of the matrix, x and y.
  using value_type = Value;
  /// Where the matrix is.
  using memory_space = typename Device::memory_space;

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
  template <KokkosView RowMap, KokkosView Columns, KokkosView Values>
  Sparse(const RowMap& row_map, const Columns& columns, const Values& values, std::size_t n_columns)
      : matrix_{row_map, columns, values, n_columns} {
    detail::require_well_formed(matrix_);
    if constexpr (by_rows) plan_ = detail::RowPlan(this, 1);
    if (!by_rows || (parallel && plan_.is_coarse()))
      adjoint_ = detail::conjugate_transpose(matrix_);
  }

  /// A move is a copy: it leaves the source as it was.
  Sparse(const Sparse&) = default;
  /// Likewise.
  Sparse& operator=(const Sparse&) = default;

  /// By rows (see RowwiseOperator), in host memory and unless A^H is stored.
  std::size_t rows_at_once() const
    requires by_rows
  {
    if (adjoint_) return 0;
    const std::size_t bytes = entries() / (range_size() + 1) * (sizeof(Value) + sizeof(Ordinal));
    return std::clamp<std::size_t>(in_cache / (bytes + 1), 1, 64);
  }
  /// u[i − begin] = (A x)_i for begin ≤ i < end.
  void apply_rows(std::size_t begin, std::size_t end, const Value* x, Value* u) const
    requires by_rows
  {
    detail::SparseRows(matrix_).apply(begin, end, x, u, true);
  }
  /// The same where no adjoint of these rows follows.
  void apply_rows_alone(std::size_t begin, std::size_t end, const Value* x, Value* u) const
    requires by_rows
  {
    detail::SparseRows(matrix_).apply(begin, end, x, u, false);
  }
  /// g += A^H r of these rows, where r[0] belongs to row `begin`.
  void add_adjoint_rows(std::size_t begin, std::size_t end, const Value* r, Value* g) const
    requires by_rows
  {
    detail::SparseRows(matrix_).add_adjoint(begin, end, r, g);
  }
  /// The first column of these rows, and the one behind their last.
  std::pair<std::size_t, std::size_t> columns(std::size_t begin, std::size_t end) const
    requires by_rows
  {
    return detail::SparseRows(matrix_).columns(begin, end);
  }
  /// The number of values stored.
  std::size_t entries() const { return matrix_.values.extent(0); }

  /// The number of entries of x.
  std::size_t domain_size() const { return matrix_.n_columns; }
  /// The number of entries of A x.
  std::size_t range_size() const { return matrix_.n_rows(); }

  /// \cond
  detail::TeamSparse<Value, Ordinal, Offset> team_matrix() const
    requires(!by_rows)
  {
    return {lines_of(matrix_), lines_of(*adjoint_), static_cast<std::int64_t>(range_size()),
            static_cast<std::int64_t>(domain_size()), static_cast<std::int64_t>(entries())};
  }
  /// \endcond

  /// The rows of A (see SplittableOperator).
  MeasurementRows measurement_rows() const { return {{range_size()}, 0, {0, range_size()}}; }
  /// The matrix of a copy of these rows. Blocks. Throws ArgumentError unless there are such.
  Sparse on_rows(const Rows& rows) const {
    detail::require_rows_of("Sparse", rows, range_size());
    const auto copy = detail::rows_of(matrix_, rows);
    return Sparse(copy.row_map, copy.columns, copy.values, copy.n_columns);
  }

  /// What rows read of images of `shape` that are cut along `dimension`. Kept for the next call.
  /// Blocks. Throws ArgumentError if such images have another size, or no such dimension.
  detail::Footprint footprint(const Shape& shape, std::size_t dimension) const {
    if (shape.size() != domain_size() || dimension >= shape.rank())
      throw ArgumentError("Sparse: a matrix of " + std::to_string(domain_size()) +
                          " columns, for an image of " + shape.text() + " along dimension " +
                          std::to_string(dimension));
    if (!found_ || found_->dimension != dimension || !(found_->shape == shape))
      found_ = Found{shape, dimension, detail::footprint_of(matrix_, {shape, dimension, 1})};
    return found_->footprint;
  }
  /// The rows of the footprint that belong to `slab`, a copy. Blocks. Throws as footprint(), and if
  /// `slab` lacks ghost rows.
  Sparse on_slab(const Slab& slab) const {
    const auto copy = detail::rows_on_slab(matrix_, footprint(slab.shape, slab.dimension), slab);
    return Sparse(copy.row_map, copy.columns, copy.values, copy.n_columns);
  }

  /// d += |A|^T |A| 1. Blocks.
  template <typename E, typename D>
  void add_majorizer(const E& exec, const D& d) const {
    detail::add_sparse_majorizer(exec, matrix_, d);
  }

  /// d += diag(A^H W A), w and d real (see GramDiagonalOperator). On the host; blocks.
  template <typename E, typename W, typename D>
  void add_gram_diagonal(const E& exec, const W& w, const D& d) const {
    detail::add_sparse_gram_diagonal(exec, matrix_, w, d);
  }

  /// y = A x. Asynchronous on `exec`; on a GPU before Kokkos Kernels 4 it blocks.
  template <typename E, typename X, typename Y>
    requires std::is_same_v<typename X::non_const_value_type, Value> &&
             std::is_same_v<typename Y::value_type, Value>
  void apply(const E& exec, const X& x, const Y& y) const {
    const detail::Region region("misfit::Sparse::apply");
    const Vector<const Value, memory_space> in = x;
    const Vector<Value, memory_space> out = y;
    if constexpr (by_rows)
      detail::apply_by_rows(exec, *this, in, out);
    else
      detail::spmv(exec, matrix_, in, Value(0), out);
  }

  /// x += A^H y. Asynchronous as apply().
  template <typename E, typename Y, typename X>
    requires std::is_same_v<typename Y::non_const_value_type, Value> &&
             std::is_same_v<typename X::value_type, Value>
  void add_adjoint(const E& exec, const Y& y, const X& x) const {
    const detail::Region region("misfit::Sparse::add_adjoint");
    const Vector<const Value, memory_space> in = y;
    const Vector<Value, memory_space> out = x;
    if constexpr (!by_rows)
      detail::spmv(exec, *adjoint_, in, Value(1), out);
    else if (adjoint_)
      detail::add_rows(exec, detail::SparseRows(*adjoint_), adjoint_->n_rows(), in, out);
    else
      detail::add_adjoint_by_rows(exec, *this, plan_, workspace_, in, out);
  }

 private:
  using Matrix = detail::CompressedRows<Value, Ordinal, Offset, Device>;
  struct Found {
    Shape shape;
    std::size_t dimension;
    detail::Footprint footprint;
  };

  static typename detail::TeamSparse<Value, Ordinal, Offset>::Lines lines_of(const Matrix& a) {
    return {a.row_map.data(), a.columns.data(), a.values.data()};
  }

  Matrix matrix_;
  std::optional<Matrix> adjoint_;
  detail::RowPlan plan_;
  mutable std::optional<Found> found_;
  mutable detail::Workspace workspace_;
};

/// \cond
template <typename S, typename O, typename D, typename M, typename Z>
explicit Sparse(const KokkosSparse::CrsMatrix<S, O, D, M, Z>&)
    -> Sparse<std::remove_const_t<S>, std::remove_const_t<O>, std::remove_const_t<Z>,
              typename KokkosSparse::CrsMatrix<S, O, D, M, Z>::device_type>;

template <KokkosView RowMap, KokkosView Columns, KokkosView Values>
Sparse(const RowMap&, const Columns&, const Values&, std::size_t)
    -> Sparse<typename Values::non_const_value_type, typename Columns::non_const_value_type,
              typename RowMap::non_const_value_type, typename Values::device_type>;
/// \endcond

}  // namespace misfit
