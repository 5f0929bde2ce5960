// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "scorecard/random_calls/operators.hpp"

namespace misfit::test::random_calls {

/// An AnyOperator that a user watches: of any kind, in which errors are planted.
template <typename T>
struct Watched {
  AnyOperator<T> op;
  int index;

  std::size_t domain_size() const { return op.domain_size(); }
  std::size_t range_size() const { return op.range_size(); }
  bool is_linear() const { return op.is_linear(); }
  double rounding() const { return op.rounding(); }
  MeasurementRows measurement_rows() const { return op.measurement_rows(); }
  Watched on_rows(const Rows& rows) const { return {op.on_rows(rows), index}; }
  HaloWidth halo_width(const Shape& shape, std::size_t dimension) const {
    return op.halo_width(shape, dimension);
  }
  MeasurementRows outputs_of(const Slab& slab) const { return op.outputs_of(slab); }
  Watched on_slab(const Slab& slab) const { return {op.on_slab(slab), index}; }

  void add_majorizer(const Exec& exec, const Vector<double>& d) const { op.add_majorizer(exec, d); }
  void apply(const Exec& exec, const Vector<const T>& x, const Vector<T>& y) const {
    throw_where_planted(Fault::in_apply, index);
    op.apply(exec, x, y);
  }
  void add_adjoint(const Exec& exec, const Vector<const T>& y, const Vector<T>& x) const {
    throw_where_planted(Fault::in_adjoint, index);
    op.add_adjoint(exec, y, x);
  }
  void add_vjp(const Exec& exec, const Vector<const T>& x, const Vector<const T>& r,
               const Vector<T>& g) const {
    throw_where_planted(Fault::in_adjoint, index);
    op.add_vjp(exec, x, r, g);
  }

  std::size_t kept_size() const { return op.kept_size(); }
  void linearize(const Exec& exec, const Vector<const T>& x, const Vector<T>& y,
                 const Vector<T>& kept) const {
    throw_where_planted(Fault::in_apply, index);
    op.linearize(exec, x, y, kept);
  }
  void apply_jacobian(const Exec& exec, const Vector<const T>& kept, const Vector<const T>& v,
                      const Vector<T>& w) const {
    throw_where_planted(Fault::in_apply, index);
    op.apply_jacobian(exec, kept, v, w);
  }
  void add_jacobian_adjoint(const Exec& exec, const Vector<const T>& kept, const Vector<const T>& r,
                            const Vector<T>& g) const {
    throw_where_planted(Fault::in_adjoint, index);
    op.add_jacobian_adjoint(exec, kept, r, g);
  }
  void add_hessian(const Exec& exec, const Vector<const T>& kept, const Vector<const T>& w,
                   const Vector<const T>& r, const Vector<const T>& v, const Vector<T>& g) const {
    throw_where_planted(Fault::in_adjoint, index);
    op.add_hessian(exec, kept, w, r, v, g);
  }
};
template <typename T>
AnyOperator<T> make_any(const Case& c, int i, std::size_t n);  // any_operators.hpp
template <typename T>
struct Make<Watched<T>> {
  static auto of(const Case& c, int i, std::size_t n) {
    return Watched<T>{make_any<T>(c, i, n), i};
  }
};

}  // namespace misfit::test::random_calls
