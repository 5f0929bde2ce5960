// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/cloned.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/owned_rows.hpp>
#include <misfit/detail/operators/slab_part.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace misfit {

/// Any operator from vectors of `T` to vectors of `Range`, behind one type: for stacks of operators
/// of different types. One virtual call per operator and call.
///
/// The operator within can be copied, and a copy holds a copy of it: with memory of its own where
/// it is one of misfit's, so that two copies may be used from two threads at once. One that was
/// moved from throws ArgumentError.
template <Scalar T, ExecutionSpace Exec = Kokkos::DefaultExecutionSpace, Scalar Range = T>
class AnyOperator {
  template <typename U>
  using In = Vector<const U, typename Exec::memory_space>;
  template <typename U>
  using Out = Vector<U, typename Exec::memory_space>;

 public:
  /// Any Operator from `T` to `Range` that can be copied.
  template <typename Op>
    requires(!std::same_as<std::remove_cvref_t<Op>, AnyOperator> && Operator<Op, T, Range, Exec>)
  AnyOperator(Op op)  // NOLINT(google-explicit-constructor): an AnyOperator is a stand-in
      : model_(model_of(std::move(op))) {
    // Without a constraint, which would depend on itself where Op holds an AnyOperator.
    static_assert(std::is_copy_constructible_v<Op>,
                  "misfit: AnyOperator needs an operator that can be copied");
  }

  /// The number of entries of x.
  std::size_t domain_size() const { return model().domain_size(); }
  /// The number of entries of A x.
  std::size_t range_size() const { return model().range_size(); }

  /// Whether the operator within is linear.
  bool is_linear() const { return model().is_linear(); }

  /// As the operator within is cut (see SplittableOperator, SlabOperator). Parts are AnyOperators.
  /// All throw ArgumentError where it cannot be.
  MeasurementRows measurement_rows() const { return model().measurement_rows(); }
  /// Some of its rows.
  AnyOperator on_rows(const Rows& rows) const { return AnyOperator(model().on_rows(rows)); }
  /// The ghost rows that it reads.
  HaloWidth halo_width(const Shape& shape, std::size_t dimension) const {
    return model().halo_width(shape, dimension);
  }
  /// The rows of y that belong to a slab.
  MeasurementRows outputs_of(const Slab& slab) const { return model().outputs_of(slab); }
  /// Its part for a slab.
  AnyOperator on_slab(const Slab& slab) const { return AnyOperator(model().on_slab(slab)); }

  /// Adds to d the diagonal of a D with A^H A ⪯ D (see BoundedOperator). Blocks. Throws
  /// ArgumentError if A is not linear or has no bound.
  void add_majorizer(const Exec& exec, const Vector<double, typename Exec::memory_space>& d) const {
    model().add_majorizer(exec, d);
  }

  /// That of the operator (see RoundingOperator), or 0.
  double rounding() const { return model().rounding(); }

  /// y = A x. Asynchronous on `exec`.
  void apply(const Exec& exec, const In<T>& x, const Out<Range>& y) const {
    model().apply(exec, x, y);
  }

  /// x += A^H y. Asynchronous on `exec`. Throws ArgumentError unless A is linear.
  void add_adjoint(const Exec& exec, const In<Range>& y, const Out<T>& x) const {
    model().add_adjoint(exec, y, x);
  }

  /// g += J(x)^H r. Asynchronous on `exec`. Throws ArgumentError if A has no derivative.
  void add_vjp(const Exec& exec, const In<T>& x, const In<Range>& r, const Out<T>& g) const {
    model().add_vjp(exec, x, r, g);
  }

  /// What the derivative at x needs of it (see LinearizableOperator).
  std::size_t kept_size() const { return model().kept_size(); }
  /// y = A(x), and `kept`. Asynchronous on `exec`, as what follows.
  void linearize(const Exec& exec, const In<T>& x, const Out<Range>& y, const Out<T>& kept) const {
    model().linearize(exec, x, y, kept);
  }
  /// w = J v. Throws ArgumentError if A is neither linear nor a LinearizableOperator.
  void apply_jacobian(const Exec& exec, const In<T>& kept, const In<T>& v,
                      const Out<Range>& w) const {
    model().apply_jacobian(exec, kept, v, w);
  }
  /// g += J^H r. Throws ArgumentError if A has no derivative.
  void add_jacobian_adjoint(const Exec& exec, const In<T>& kept, const In<Range>& r,
                            const Out<T>& g) const {
    model().add_jacobian_adjoint(exec, kept, r, g);
  }
  /// See TwiceDifferentiableOperator. Throws ArgumentError if A is neither linear nor such.
  void add_hessian(const Exec& exec, const In<T>& kept, const In<Range>& w, const In<Range>& r,
                   const In<T>& v, const Out<T>& g) const {
    model().add_hessian(exec, kept, w, r, v, g);
  }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual std::unique_ptr<const Interface> clone() const = 0;
    virtual std::size_t domain_size() const = 0;
    virtual std::size_t range_size() const = 0;
    virtual bool is_linear() const = 0;
    virtual double rounding() const = 0;
    virtual MeasurementRows measurement_rows() const = 0;
    virtual std::unique_ptr<const Interface> on_rows(const Rows& rows) const = 0;
    virtual HaloWidth halo_width(const Shape& shape, std::size_t dimension) const = 0;
    virtual MeasurementRows outputs_of(const Slab& slab) const = 0;
    virtual std::unique_ptr<const Interface> on_slab(const Slab& slab) const = 0;
    virtual void apply(const Exec& exec, const In<T>& x, const Out<Range>& y) const = 0;
    virtual void add_adjoint(const Exec& exec, const In<Range>& y, const Out<T>& x) const = 0;
    virtual void add_vjp(const Exec& exec, const In<T>& x, const In<Range>& r,
                         const Out<T>& g) const = 0;
    virtual void add_majorizer(const Exec& exec, const Out<double>& d) const = 0;
    virtual std::size_t kept_size() const = 0;
    virtual void linearize(const Exec& exec, const In<T>& x, const Out<Range>& y,
                           const Out<T>& kept) const = 0;
    virtual void apply_jacobian(const Exec& exec, const In<T>& kept, const In<T>& v,
                                const Out<Range>& w) const = 0;
    virtual void add_jacobian_adjoint(const Exec& exec, const In<T>& kept, const In<Range>& r,
                                      const Out<T>& g) const = 0;
    virtual void add_hessian(const Exec& exec, const In<T>& kept, const In<Range>& w,
                             const In<Range>& r, const In<T>& v, const Out<T>& g) const = 0;
  };

  template <typename Op>
  struct Model final : Interface {
    static constexpr bool maybe_linear = LinearOperator<Op, T, Range, Exec>;
    static constexpr bool fits_slabs = SlabOperator<Op> || SplittableOperator<Op>;
    using AtPoint = detail::Linearized<Op, T, Range, Exec>;

    explicit Model(Op wrapped) : op(std::move(wrapped)) {}

    std::unique_ptr<const Interface> clone() const override { return model_of(op); }
    std::size_t domain_size() const override { return op.domain_size(); }
    std::size_t range_size() const override { return op.range_size(); }
    bool is_linear() const override { return maybe_linear && detail::is_linear(op); }
    double rounding() const override {
      if constexpr (RoundingOperator<Op>)
        return op.rounding();
      else
        return 0;
    }
    MeasurementRows measurement_rows() const override {
      if constexpr (SplittableOperator<Op>)
        return op.measurement_rows();
      else
        cannot_be_split();
    }
    std::unique_ptr<const Interface> on_rows(const Rows& rows) const override {
      if constexpr (SplittableOperator<Op>)
        return model_of(op.on_rows(rows));
      else
        cannot_be_split();
    }
    HaloWidth halo_width(const Shape& shape, std::size_t dimension) const override {
      if constexpr (fits_slabs)
        return detail::halo_width_of(op, shape, dimension);
      else
        no_slabs();
    }
    MeasurementRows outputs_of(const Slab& slab) const override {
      if constexpr (fits_slabs)
        return detail::outputs_in(op, slab);
      else
        no_slabs();
    }
    std::unique_ptr<const Interface> on_slab(const Slab& slab) const override {
      if constexpr (!fits_slabs) {
        no_slabs();
      } else {
        // Ghost rows that others of the stack need, where this one reads none.
        if (slab.before + slab.after > 0 && halo_width(slab.shape, slab.dimension) == HaloWidth{})
          return model_of(detail::OwnedRows(detail::part_in(op, slab.without_ghosts()), slab));
        return model_of(detail::part_in(op, slab));
      }
    }
    void apply(const Exec& exec, const In<T>& x, const Out<Range>& y) const override {
      op.apply(exec, x, y);
    }
    void add_adjoint(const Exec& exec, const In<Range>& y, const Out<T>& x) const override {
      if (!is_linear())
        throw ArgumentError("AnyOperator: the operator is not linear and has no adjoint");
      if constexpr (maybe_linear) op.add_adjoint(exec, y, x);
    }
    void add_vjp(const Exec& exec, const In<T>& x, const In<Range>& r,
                 const Out<T>& g) const override {
      if constexpr (AtPoint::linear_or_has_vjp)
        AtPoint::add_vjp(exec, op, x, r, g);
      else
        throw ArgumentError("AnyOperator: the operator has no derivative");
    }
    void add_majorizer(const Exec& exec, const Out<double>& d) const override {
      if (!is_linear()) throw ArgumentError("AnyOperator: the operator is not linear");
      if constexpr (detail::HasMajorizer<Op, T, Exec>)
        detail::add_majorizer<T>(exec, op, d);
      else
        throw ArgumentError(
            "AnyOperator: the operator has no `double norm_squared_bound() const`, nor "
            "`add_majorizer(exec, d)`");
    }
    std::size_t kept_size() const override { return AtPoint::kept_size(op); }
    void linearize(const Exec& exec, const In<T>& x, const Out<Range>& y,
                   const Out<T>& kept) const override {
      AtPoint::linearize(exec, op, x, y, kept);
    }
    void apply_jacobian(const Exec& exec, const In<T>& kept, const In<T>& v,
                        const Out<Range>& w) const override {
      if constexpr (AtPoint::has_jacobian)
        AtPoint::apply_jacobian(exec, op, kept, v, w);
      else
        throw ArgumentError("AnyOperator: the operator has no apply_jacobian(exec, kept, v, w)");
    }
    void add_jacobian_adjoint(const Exec& exec, const In<T>& kept, const In<Range>& r,
                              const Out<T>& g) const override {
      if constexpr (AtPoint::linear_or_has_vjp || AtPoint::keeps)
        AtPoint::add_jacobian_adjoint(exec, op, kept, r, g);
      else
        throw ArgumentError("AnyOperator: the operator has no derivative");
    }
    void add_hessian(const Exec& exec, const In<T>& kept, const In<Range>& w, const In<Range>& r,
                     const In<T>& v, const Out<T>& g) const override {
      if constexpr (AtPoint::keeps && AtPoint::has_hessian) {
        op.add_hessian(exec, kept, w, r, v, g);
      } else {
        if (!is_linear()) throw ArgumentError("AnyOperator: the operator has no second derivative");
        if constexpr (maybe_linear) {
          const auto u = memory.template get<Range, typename Exec::memory_space>(
              range_size(), "misfit::AnyOperator");
          op.apply(exec, v, u);
          detail::weight_entries(exec, 1, w, u);
          op.add_adjoint(exec, u, g);
        }
      }
    }

    Op op;
    mutable detail::Workspace memory;
  };

  // Without a std::unique_ptr of each Model, which is thirty functions to compile.
  template <typename Op>
  static std::unique_ptr<const Interface> model_of(Op op) {
    return std::unique_ptr<const Interface>(new const Model<Op>(std::move(op)));
  }
  [[noreturn]] static void cannot_be_split() {
    throw ArgumentError(
        "AnyOperator: the operator cannot be split: it has no measurement_rows() and "
        "on_rows(rows)");
  }
  [[noreturn]] static void no_slabs() {
    throw ArgumentError(
        "AnyOperator: the operator cannot be cut into slabs: it has no halo_width(dimension), "
        "outputs_of(slab) and on_slab(slab), nor measurement_rows() and on_rows(rows)");
  }
  explicit AnyOperator(std::unique_ptr<const Interface> model) : model_(std::move(model)) {}

  const Interface& model() const { return model_.get("AnyOperator"); }

  detail::Cloned<Interface> model_;
};

}  // namespace misfit
