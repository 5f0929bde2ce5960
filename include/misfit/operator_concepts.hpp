// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/partial_sum.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>

namespace misfit {

/// A map A from signals of `domain_size()` entries to measurements of `range_size()` entries.
///
/// `apply(exec, x, y)` sets y = A(x), asynchronously on `exec`. Const, and free of MPI. One
/// operator may own workspace, so one object is not applied from two threads at once; a copy owns
/// its own, so that two copies are.
template <typename A, typename Domain = double, typename Range = Domain,
          typename Exec = Kokkos::DefaultExecutionSpace>
concept Operator =
    requires(const A& a, const Exec& exec, Vector<const Domain, typename Exec::memory_space> x,
             Vector<Range, typename Exec::memory_space> y) {
      { a.domain_size() } -> std::convertible_to<std::size_t>;
      { a.range_size() } -> std::convertible_to<std::size_t>;
      a.apply(exec, x, y);
    };

/// An operator that is linear, with its exact adjoint: `add_adjoint(exec, y, x)` adds A^H y to x.
template <typename A, typename Domain = double, typename Range = Domain,
          typename Exec = Kokkos::DefaultExecutionSpace>
concept LinearOperator =
    Operator<A, Domain, Range, Exec> &&
    requires(const A& a, const Exec& exec, Vector<const Range, typename Exec::memory_space> y,
             Vector<Domain, typename Exec::memory_space> x) { a.add_adjoint(exec, y, x); };

/// An operator with a derivative J(x): `add_vjp(exec, x, r, g)` adds J(x)^H r to g.
template <typename A, typename Domain = double, typename Range = Domain,
          typename Exec = Kokkos::DefaultExecutionSpace>
concept DifferentiableOperator =
    Operator<A, Domain, Range, Exec> &&
    requires(const A& a, const Exec& exec, Vector<const Domain, typename Exec::memory_space> x,
             Vector<const Range, typename Exec::memory_space> r,
             Vector<Domain, typename Exec::memory_space> g) { a.add_vjp(exec, x, r, g); };

/// An operator that is not linear, with a derivative J(x) that can be applied in both directions,
/// as often as wanted, without another A(x).
///
/// `linearize(exec, x, y, kept)` sets y = A(x), and the `kept_size()` entries of `kept`, of the
/// scalar type of x, to what the derivative at x needs; `apply_jacobian(exec, kept, v, w)` sets w =
/// J(x) v, and `add_jacobian_adjoint(exec, kept, r, g)` adds J(x)^H r to g. All asynchronous.
/// Where their number depends on scalar types, as in combinations of operators, it is
/// `kept_size<Domain, Range, Exec>()` instead.
template <typename A, typename Domain = double, typename Range = Domain,
          typename Exec = Kokkos::DefaultExecutionSpace>
concept LinearizableOperator =
    Operator<A, Domain, Range, Exec> && (
    requires(const A& a) {
      { a.kept_size() } -> std::convertible_to<std::size_t>;
    } ||
    requires(const A& a) {
      { a.template kept_size<Domain, Range, Exec>() } -> std::convertible_to<std::size_t>;
    }) &&
    requires(const A& a, const Exec& exec, Vector<const Domain, typename Exec::memory_space> in,
             Vector<Domain, typename Exec::memory_space> out,
             Vector<const Range, typename Exec::memory_space> r,
             Vector<Range, typename Exec::memory_space> y) {
      a.linearize(exec, in, y, out);
      a.apply_jacobian(exec, in, in, y);
      a.add_jacobian_adjoint(exec, in, r, out);
    };

/// A linearizable operator with a second derivative, for real measurements:
/// `add_hessian(exec, kept, w, r, v, g)` adds J(x)^H (w ∘ J(x) v) + Σ_j r_j ∇²A_j(x) v to g, the
/// product of v with the Hessian of a separable d(A(x)) of which w are the second derivatives and r
/// the gradient. Asynchronous.
template <typename A, typename Domain = double, typename Range = Domain,
          typename Exec = Kokkos::DefaultExecutionSpace>
concept TwiceDifferentiableOperator =
    LinearizableOperator<A, Domain, Range, Exec> &&
    requires(const A& a, const Exec& exec, Vector<const Domain, typename Exec::memory_space> in,
             Vector<Domain, typename Exec::memory_space> out,
             Vector<const Range, typename Exec::memory_space> r) {
      a.add_hessian(exec, in, r, r, in, out);
    };

/// A linear operator that says what the diagonal of A^H W A is, for preconditioners:
/// `add_gram_diagonal(exec, w, d)` adds Σ_k w_k |A_kj|² to d_j; w and d are real, of the precision
/// of x. Asynchronous.
template <typename A, typename Real = double, typename Exec = Kokkos::DefaultExecutionSpace>
concept GramDiagonalOperator =
    requires(const A& a, const Exec& exec, Vector<const Real, typename Exec::memory_space> w,
             Vector<Real, typename Exec::memory_space> d) { a.add_gram_diagonal(exec, w, d); };

/// An operator of which entry j of A x depends on entry j of x alone, written as device functions
/// of one entry.
///
/// `apply_at(j, x)` is (A x)_j for x_j = x; `adjoint_at(j, r)`, or `vjp_at(j, x, r)` where A is not
/// linear, is what r_j = r adds to entry j of J(x)^H r. With a separable distance misfit then reads
/// x, the operators and the data in one pass for value and gradient of all operators of a rank.
/// Copied into kernels: it holds Views and numbers only.
template <typename A, typename Domain = double, typename Range = Domain>
concept PointwiseOperator = requires(const A& a, std::size_t j, Domain x, Range r) {
  { a.apply_at(j, x) } -> std::convertible_to<Range>;
}
&&(
    requires(const A& a, std::size_t j, Range r) {
      { a.adjoint_at(j, r) } -> std::convertible_to<Domain>;
    } ||
    requires(const A& a, std::size_t j, Domain x, Range r) {
      { a.vjp_at(j, x, r) } -> std::convertible_to<Domain>;
    });

/// A linear operator that says how large it is, from what it is made of and without iterations, for
/// DistributedOperator::norm_squared_bound().
///
/// Either `norm_squared_bound()`, a number that ‖A‖² is not above; or `add_majorizer(exec, d)`,
/// which adds to d, a View of double of the size of the domain, the diagonal of a matrix D with
/// A^H A ⪯ D, and may block: |m|² for a mask m, and |A|^T |A| 1 for any matrix (H. Erdogan and J.
/// A. Fessler, "Ordered subsets algorithms for transmission tomography", 1999). The largest entry
/// of the sum of diagonals bounds a stack, often far below the sum of numbers.
template <typename A, typename Exec = Kokkos::DefaultExecutionSpace>
concept BoundedOperator = requires(const A& a) {
  { a.norm_squared_bound() } -> std::convertible_to<double>;
} || requires(const A& a, const Exec& exec, Vector<double, typename Exec::memory_space> d) {
  a.add_majorizer(exec, d);
};

/// A linear operator that can be taken a few rows at a time on a CPU, written as host functions
/// that one thread calls for its own rows.
///
/// `apply_rows(begin, end, x, u)` sets u[i − begin] = (A x)_i for begin ≤ i < end;
/// `add_adjoint_rows(begin, end, r, g)` adds to g the adjoint of these rows times r[i − begin];
/// `rows_at_once()` is how many rows stay in cache between the two, or 0 for an object that
/// is faster as a whole. misfit then reads the operator once for value and gradient.
/// Optional: `columns(begin, end)`, a std::pair of the first column of these rows and the one
/// behind their last; `entries()`, how many numbers the operator holds; `apply_rows_alone`, as
/// `apply_rows`, for a value without a gradient; for the first two one argument more, a pointer to
/// the operator whose rows are taken next, or null: those may be fetched meanwhile.
template <typename A, typename T = double>
concept RowwiseOperator = requires(const A& a, std::size_t i, const T* in, T* out) {
  a.apply_rows(i, i, in, out);
  a.add_adjoint_rows(i, i, in, out);
  { a.rows_at_once() } -> std::convertible_to<std::size_t>;
};

/// An operator that can be cut into parts, one for each slab of an image: each of its outputs
/// belongs to one slab, and reads the rows of that slab and of a halo around it.
///
/// `outputs_of(slab)` is which rows of y belong to a slab, `halo_width(dimension)` how many ghost
/// rows of x these read where x is cut along that dimension, or `halo_width(shape, dimension)` for
/// an operator that does not know the shape of x. `on_slab(slab)` is the operator from the rows of
/// a Slab to these outputs, unless they are none. Padding at the ends of the image stays the
/// operator's; between slabs there is none. An operator that reaches over rows takes slabs with
/// more ghost rows than it needs.
template <typename A>
concept SlabOperator = (
    requires(const A& a, std::size_t dimension) {
      { a.halo_width(dimension) } -> std::same_as<HaloWidth>;
    } ||
    requires(const A& a, const Shape& shape, std::size_t dimension) {
      { a.halo_width(shape, dimension) } -> std::same_as<HaloWidth>;
    }) && requires(const A& a, const Slab& slab) {
  { a.outputs_of(slab) } -> std::same_as<MeasurementRows>;
  a.on_slab(slab);
};

/// An operator whose measurement can be dealt out to several ranks, each of which has all of x.
///
/// `measurement_rows()` is how: the shape of y, the dimension whose rows are dealt out, and all of
/// these; it is asked for only where y has entries. `on_rows(rows)` is the operator from x to some
/// of them, at least one.
template <typename A>
concept SplittableOperator = requires(const A& a, const Rows& rows) {
  { a.measurement_rows() } -> std::same_as<MeasurementRows>;
  a.on_rows(rows);
};

/// An operator that says how much its results may be off by rounding, where that is more than the
/// rounding of the result itself: one that goes through a Fourier transform.
///
/// Entries of A x are off by no more than `rounding()` ‖x‖₂, or hardly ever; where ranks of a
/// member of an Ensemble apply an operator together, ‖x‖₂ is that of a rank's own piece. A data
/// fidelity of a BoundedDistance then takes an entry that is off by no more as one inside the
/// domain.
template <typename A>
concept RoundingOperator = requires(const A& a) {
  { a.rounding() } -> std::convertible_to<double>;
};

/// An operator that takes distances of type D itself, in fewer passes than A x, distance and
/// adjoint one after the other.
///
/// `fused_fn(exec, d, x, y, sums)` leaves d(A x, y) as the sum over `sums`, a View of
/// `partial_sums(d)` entries that it sets all; `fused_fn_and_grad(exec, d, x, y, factor, g, sums)`
/// leaves the same, and adds factor J(x)^H ∇d(A x, y) to g. Both asynchronous on `exec`, and
/// constrained to the distances that they are for; `apply` and the adjoint are there for all
/// others.
template <typename A, typename D, typename Domain = double, typename Range = Domain,
          typename Exec = Kokkos::DefaultExecutionSpace>
concept FusedOperator = Operator<A, Domain, Range, Exec> &&
                        requires(const A& a, const D& d, const Exec& exec,
                                 Vector<const Domain, typename Exec::memory_space> x,
                                 Vector<const Range, typename Exec::memory_space> y,
                                 Vector<Domain, typename Exec::memory_space> g,
                                 Vector<PartialSum, typename Exec::memory_space> sums) {
                          { a.partial_sums(d) } -> std::convertible_to<std::size_t>;
                          a.fused_fn(exec, d, x, y, sums);
                          a.fused_fn_and_grad(exec, d, x, y, 1.0, g, sums);
                        };

/// A fused operator that can begin a gradient: `fused_fn_and_set_grad`, with the arguments of
/// `fused_fn_and_grad`, sets g. Then misfit makes no pass of its own over x and g, so that all
/// three calls see to it that no sum is finite where x is not, and this one that g is not.
template <typename A, typename D, typename Domain = double, typename Range = Domain,
          typename Exec = Kokkos::DefaultExecutionSpace>
concept StartingOperator = FusedOperator<A, D, Domain, Range, Exec> &&
                           requires(const A& a, const D& d, const Exec& exec,
                                    Vector<const Domain, typename Exec::memory_space> x,
                                    Vector<const Range, typename Exec::memory_space> y,
                                    Vector<Domain, typename Exec::memory_space> g,
                                    Vector<PartialSum, typename Exec::memory_space> sums) {
                             a.fused_fn_and_set_grad(exec, d, x, y, 1.0, g, sums);
                           };

/// A fused operator whose passes want the data in another form: instead of y they are given
/// `prepared_size()` entries that `prepare(exec, y, prepared)` set, and that do not depend on the
/// distance. On a CPU misfit keeps them, with a copy of y, and prepares again only where y has
/// changed since the last call.
template <typename A, typename Range = double, typename Exec = Kokkos::DefaultExecutionSpace>
concept PreparingOperator =
    requires(const A& a, const Exec& exec, Vector<const Range, typename Exec::memory_space> y,
             Vector<Range, typename Exec::memory_space> prepared) {
      { a.prepared_size() } -> std::convertible_to<std::size_t>;
      a.prepare(exec, y, prepared);
    };

}  // namespace misfit
