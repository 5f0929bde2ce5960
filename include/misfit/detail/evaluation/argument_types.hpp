// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the calls of DistributedOperator and DistributedDataFidelity demand of the types of their
// arguments, each with the sentence that a compiler prints where it is not so.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/operators/measurement_of.hpp>
#include <misfit/measurements.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// Names of arguments, for what compilers print of the templates below.
namespace argument {
struct x;
struct y;
struct gradient;
struct v;
struct result;
struct product;
struct diagonal;
struct r;
struct g;
}  // namespace argument

// Each of these is `valid` or does not compile; a call goes on only where all of them are valid, so
// that nothing else is printed.

/// The argument `Name`, a View of type V, is what kernels of Exec can take for signals.
template <typename Name, typename V, typename Exec>
struct SignalsArgument {
  static constexpr bool valid = SignalsOn<V, Exec>;
  static_assert(KokkosView<V>,
                "misfit: not a Kokkos::View; other memory is wrapped in one, unmanaged: "
                "Kokkos::View<double*, Kokkos::HostSpace>(pointer, n)");
  static_assert(!KokkosView<V> || HasRank<V, 1, 2>,
                "misfit: a signal is a View of rank 1, and a batch of signals one of rank 2; "
                "misfit::flatten(view) gives any contiguous View rank 1");
  static_assert(!KokkosView<V> ||
                    HasLayout<V, Kokkos::LayoutRight, Kokkos::LayoutLeft, Kokkos::LayoutStride>,
                "misfit: signals are in LayoutRight, LayoutLeft or LayoutStride; copy this View to "
                "one with Kokkos::deep_copy");
  static_assert(!KokkosView<V> || HoldsScalars<V>,
                "misfit: signals are of float, double, Kokkos::complex<float> or "
                "Kokkos::complex<double>; copy this View to one of these");
  static_assert(!KokkosView<V> || AccessibleFrom<V, Exec>,
                "misfit: kernels of exec cannot reach the memory of this View; copy it: "
                "Kokkos::create_mirror_view_and_copy(exec, view)");
};

/// The same of one that the call writes to.
template <typename Name, typename V, typename Exec>
struct OutputArgument : SignalsArgument<Name, V, Exec> {
  static constexpr bool valid = OutputOn<V, Exec>;
  static_assert(!KokkosView<V> || Writable<V>,
                "misfit: the call writes to this View, whose entries are const; give it a View of "
                "entries that are not");
};

struct NoView {};

/// The View type in a list of measurements.
template <typename Y>
struct ViewIn {
  static_assert(MeasurementList<Y>,
                "misfit: measurements are a list of Kokkos::Views, one for each operator: a "
                "std::vector of them, or what DistributedOperator::measurements() returns");
  using type = NoView;
};
template <MeasurementList Y>
struct ViewIn<Y> {
  using type = MeasurementView<Y>;
};

// Of what is no list, this is the only message.
template <typename Name, typename Exec>
struct SignalsArgument<Name, NoView, Exec> {
  static constexpr bool valid = false;
};
template <typename Name, typename Exec>
struct OutputArgument<Name, NoView, Exec> {
  static constexpr bool valid = false;
};

/// The argument `Name`, a list of type Y, holds Views that kernels of Exec can take.
template <typename Name, typename Y, typename Exec>
using MeasurementsArgument = SignalsArgument<Name, typename ViewIn<Y>::type, Exec>;

/// The same of one that the call writes to.
template <typename Name, typename Y, typename Exec>
using MeasurementsOutput = OutputArgument<Name, typename ViewIn<Y>::type, Exec>;

/// An output has the scalar type of x.
template <typename X, typename Output>
struct SameScalar {
  static constexpr bool valid = false;
};
template <KokkosView X, KokkosView Output>
struct SameScalar<X, Output> {
  static constexpr bool valid =
      std::same_as<typename X::non_const_value_type, typename Output::non_const_value_type>;
  static_assert(valid, "misfit: the output has another scalar type than x; give it the same");
};

/// Whether kernels of Exec reach the memory that an operator or a distance says it has.
template <typename Owner, typename Exec>
inline constexpr bool reaches = true;
template <typename Owner, typename Exec>
  requires requires { typename Owner::memory_space; }
inline constexpr bool reaches<Owner, Exec> =
    bool(Kokkos::SpaceAccessibility<Exec, typename Owner::memory_space>::accessible);

/// Operators of type Op take signals X to measurements Y, both of one precision.
template <typename Op, typename X, typename Y, typename Exec>
struct Applied {
  static constexpr bool valid = false;
};
template <typename Op, typename X, typename Y, typename Exec>
  requires SignalsOn<X, Exec> && MeasurementsOn<Y, Exec>
struct Applied<Op, X, Y, Exec> {
  using T = typename X::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;
  static constexpr bool one_precision = std::same_as<Real<T>, Real<U>>;
  static constexpr bool fits = Operator<Op, T, U, Exec> || PointwiseOperator<Op, T, U>;
  static constexpr bool valid = one_precision && fits && reaches<Op, Exec>;
  static_assert(one_precision,
                "misfit: signals and measurements differ in precision, float and double; convert "
                "one of them");
  static_assert(reaches<Op, Exec>,
                "misfit: kernels of exec cannot reach the memory of these operators; make them of "
                "Views in memory that these kernels can reach");
  static_assert(!one_precision || fits,
                "misfit: these operators do not take signals of this scalar type to measurements "
                "of that one: see the concept Operator");
};

/// The same, and they have an adjoint or a derivative.
template <typename Op, typename X, typename Y, typename Exec>
struct Differentiated : Applied<Op, X, Y, Exec> {
  static constexpr bool valid = false;
};
template <typename Op, typename X, typename Y, typename Exec>
  requires Applied<Op, X, Y, Exec>::valid
struct Differentiated<Op, X, Y, Exec> {
  using T = typename X::non_const_value_type;
  using U = typename MeasurementView<Y>::non_const_value_type;
  static constexpr bool valid = LinearOperator<Op, T, U, Exec> ||
                                DifferentiableOperator<Op, T, U, Exec> ||
                                PointwiseOperator<Op, T, U>;
  static_assert(valid,
                "misfit: these operators have no adjoint: they need add_adjoint(exec, y, x), "
                "which adds A^H y to x, or, where they are not linear, add_vjp(exec, x, r, g)");
};

/// The same, and they are linear.
template <typename Op, typename X, typename Y, typename Exec>
struct Linear : Applied<Op, X, Y, Exec> {
  static constexpr bool valid = false;
};
template <typename Op, typename X, typename Y, typename Exec>
  requires Applied<Op, X, Y, Exec>::valid
struct Linear<Op, X, Y, Exec> {
  static constexpr bool valid =
      LinearOperator<Op, typename X::non_const_value_type,
                     typename MeasurementView<Y>::non_const_value_type, Exec>;
  static_assert(valid,
                "misfit: this call needs linear operators, with add_adjoint(exec, y, x), which "
                "adds A^H y to x; for others there is vjp()");
};

/// The same of a call that takes no measurements: of what type they would be the operators say.
template <typename Op, typename X, typename Exec>
struct LinearAlone {
  static constexpr bool valid = false;
};
template <typename Op, typename X, typename Exec>
  requires SignalsOn<X, Exec>
struct LinearAlone<Op, X, Exec>
    : Linear<Op, X,
             std::vector<Vector<MeasurementOf<Op, typename X::non_const_value_type, Exec>,
                                typename Exec::memory_space>>,
             Exec> {};

/// Kernels of Exec reach the parameters of a distance of type D.
template <typename D, typename Exec>
struct Compared {
  static constexpr bool valid = reaches<D, Exec>;
  static_assert(
      valid,
      "misfit: kernels of exec cannot reach the memory of this distance; make it of Views "
      "in memory that these kernels can reach");
};

/// A distance of type D has a gradient for measurements Y.
template <typename D, typename Y, typename Exec>
struct HasGradient {
  static constexpr bool valid = false;
};
template <typename D, typename Y, typename Exec>
  requires MeasurementsOn<Y, Exec>
struct HasGradient<D, Y, Exec> {
  static constexpr bool valid =
      DifferentiableDistance<D, typename MeasurementView<Y>::non_const_value_type, Exec>;
  static_assert(valid, "misfit: this distance has no gradient for measurements of this type");
};

/// The same of a second derivative.
template <typename D, typename Y, typename Exec>
struct HasSecondDerivative {
  static constexpr bool valid = false;
};
template <typename D, typename Y, typename Exec>
  requires MeasurementsOn<Y, Exec>
struct HasSecondDerivative<D, Y, Exec> {
  static constexpr bool valid =
      TwiceDifferentiableDistance<D, typename MeasurementView<Y>::non_const_value_type, Exec>;
  static_assert(valid,
                "misfit: this distance has no second derivative for measurements of this type");
};

/// A distance of type D has a proximal operator over operators for measurements Y: by a linear
/// system where it is quadratic, by its own prox where it has one.
template <typename D, typename Y, typename Exec>
struct ProxOfDistance {
  static constexpr bool valid = false;
};
template <typename D, typename Y, typename Exec>
  requires MeasurementsOn<Y, Exec>
struct ProxOfDistance<D, Y, Exec> {
  using U = typename MeasurementView<Y>::non_const_value_type;
  static constexpr bool maybe_quadratic =
      DifferentiableDistance<D, U, Exec> && requires(const D& d) {
        { d.is_quadratic() } -> std::convertible_to<bool>;
      };
  static constexpr bool proximable = ProximableDistance<D, U, Exec>;
  static constexpr bool valid = always_quadratic<D> || maybe_quadratic || proximable;
  static_assert(valid,
                "misfit: this distance has no prox for measurements of this type: it is not "
                "quadratic, and has no prox_at(j, gamma, v, y); see the concept "
                "ProximableDistance");
};

/// An operator for signals of some scalar type, in some space of this build.
template <typename Op, typename Exec, typename T>
concept OperatorFor = Operator<Op, T, T, Exec> || Operator<Op, T, Real<T>, Exec> ||
                      Operator<Op, T, Kokkos::complex<Real<T>>, Exec>;
template <typename Op, typename Exec>
concept OperatorIn =
    OperatorFor<Op, Exec, double> || OperatorFor<Op, Exec, float> ||
    OperatorFor<Op, Exec, Kokkos::complex<double>> || OperatorFor<Op, Exec, Kokkos::complex<float>>;

/// What a factory of operators may return.
template <typename Op>
struct OperatorArgument {
  static constexpr bool sized = requires(const Op& op) {
    { op.domain_size() } -> std::convertible_to<std::size_t>;
    { op.range_size() } -> std::convertible_to<std::size_t>;
  };
  static constexpr bool valid = sized && (OperatorIn<Op, Kokkos::DefaultExecutionSpace> ||
                                          OperatorIn<Op, Kokkos::DefaultHostExecutionSpace>);
  static_assert(
      sized,
      "misfit: what the factory returns is no operator: it needs domain_size() and range_size(), "
      "both const, and apply(exec, x, y)");
  static_assert(!sized || valid,
                "misfit: what the factory returns is no operator: it needs apply(exec, x, y), a "
                "const function that takes an x of const entries, Kokkos::View<const double*>, and "
                "a y of others");
};

}  // namespace misfit::detail
