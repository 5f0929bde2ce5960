// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/matrices/row_plan.hpp>
#include <misfit/detail/operators/linearity.hpp>
#include <misfit/detail/operators/linearized.hpp>
#include <misfit/detail/operators/majorizer.hpp>
#include <misfit/detail/operators/stacked_jacobians.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace misfit {

namespace detail {

/// An operator that can be taken by rows, whatever the type of its entries.
template <typename Op>
concept TakenByRows = requires(const Op& op) { op.rows_at_once(); };

/// What a Stack is: `Parts` is a std::tuple or a std::vector of operators of the types `Ops`.
template <typename Parts, typename... Ops>
class StackedOperators : public StackedJacobians<Parts, Ops...> {
  template <typename V>
  using Entry = typename V::non_const_value_type;

  template <typename X, typename Y, typename Exec>
  static constexpr bool apply_all = (Operator<Ops, Entry<X>, Entry<Y>, Exec> && ...);
  template <typename X, typename Y, typename Exec>
  static constexpr bool all_linear = (LinearOperator<Ops, Entry<X>, Entry<Y>, Exec> && ...);
  template <typename X, typename Y, typename Exec>
  static constexpr bool has_derivative =
      (Linearized<Ops, Entry<X>, Entry<Y>, Exec>::linear_or_has_vjp && ...) &&
      (Linearized<Ops, Entry<X>, Entry<Y>, Exec>::has_vjp || ...);

 public:
  /// There only where the type of a part does not say whether it is linear.
  bool is_linear() const
    requires(LinearAtRunTime<Ops> || ...)
  {
    bool all = true;
    this->for_each([&](const auto& part, std::size_t) { all = all && detail::is_linear(part); });
    return all;
  }

  /// y = A x. Asynchronous on `exec`.
  template <typename Exec, typename X, typename Y>
    requires apply_all<X, Y, Exec>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    this->for_each(
        [&](const auto& part, std::size_t k) { part.apply(exec, x, this->measurement(y, k)); });
  }

  /// x += A^H y. Asynchronous on `exec`.
  template <typename Exec, typename Y, typename X>
    requires all_linear<X, Y, Exec>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    this->for_each([&](const auto& part, std::size_t k) {
      part.add_adjoint(exec, this->measurement(y, k), x);
    });
  }

  /// g += J(x)^H r. Asynchronous on `exec`.
  template <typename Exec, typename X, typename R, typename G>
    requires has_derivative<X, R, Exec>
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    this->for_each([&](const auto& part, std::size_t k) {
      using Part = std::remove_cvref_t<decltype(part)>;
      Linearized<Part, Entry<X>, Entry<R>, Exec>::add_vjp(exec, part, x, this->measurement(r, k),
                                                          g);
    });
  }

  /// Adds to d the diagonals of the parts (see BoundedOperator). Blocks. Throws ArgumentError if a
  /// part is not linear, or is an AnyOperator without a bound.
  template <typename Exec, typename D>
    requires(HasMajorizer<Ops, double, Exec> && ...)
  void add_majorizer(const Exec& exec, const D& d) const {
    this->for_each(
        [&](const auto& part, std::size_t) { detail::add_majorizer<double>(exec, part, d); });
  }

  /// The largest of the parts (see RoundingOperator).
  double rounding() const
    requires(RoundingOperator<Ops> || ...)
  {
    double largest = 0;
    this->for_each([&](const auto& part, std::size_t) {
      if constexpr (RoundingOperator<std::remove_cvref_t<decltype(part)>>)
        largest = std::max<double>(largest, part.rounding());
    });
    return largest;
  }

  /// By rows (see RowwiseOperator), where all parts are.
  std::size_t rows_at_once() const
    requires(TakenByRows<Ops> && ...)
  {
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    this->for_each([&](const auto& part, std::size_t) {
      fewest = std::min<std::size_t>(fewest, part.rows_at_once());
    });
    return fewest;
  }
  template <typename T>
    requires(RowwiseOperator<Ops, T> && ...)
  void apply_rows(std::size_t begin, std::size_t end, const T* x, T* u) const {
    this->for_rows(begin, end,
                   [&](const auto& part, std::size_t first, std::size_t last, std::size_t at) {
                     part.apply_rows(first, last, x, u + at);
                   });
  }
  template <typename T>
    requires(RowwiseOperator<Ops, T> && ...)
  void add_adjoint_rows(std::size_t begin, std::size_t end, const T* r, T* g) const {
    this->for_rows(begin, end,
                   [&](const auto& part, std::size_t first, std::size_t last, std::size_t at) {
                     part.add_adjoint_rows(first, last, r + at, g);
                   });
  }
  std::pair<std::size_t, std::size_t> columns(std::size_t begin, std::size_t end) const
    requires(TakenByRows<Ops> && ...)
  {
    std::pair<std::size_t, std::size_t> all{0, 0};
    this->for_rows(
        begin, end, [&](const auto& part, std::size_t first, std::size_t last, std::size_t) {
          const auto own = columns_of(part, first, last);
          if (own.first == own.second) return;
          all = all.first == all.second
                    ? own
                    : std::pair(std::min(all.first, own.first), std::max(all.second, own.second));
        });
    return all;
  }
  std::size_t entries() const
    requires(TakenByRows<Ops> && ...)
  {
    std::size_t sum = 0;
    this->for_each([&](const auto& part, std::size_t) { sum += numbers_held_by(part); });
    return sum;
  }

 protected:
  using StackedJacobians<Parts, Ops...>::StackedJacobians;
};

}  // namespace detail

/// A x = (A_0 x, A_1 x, …): operators with one domain as one operator, whose measurement is theirs
/// one behind the other. So the coils that see one frame count as one operator in a mean over
/// frames.
///
/// `Parts` are the types of the operators, or one std::vector of operators of one type, whose
/// number is known at run time. Linear if all parts are; else with the derivative of each. The
/// measurement of part k is at the entries range_of(k), so that for a measurement y, or a batch,
///
///     const auto of_part = Kokkos::subview(y, stack.range_of(k));
///     const auto of_batch = Kokkos::subview(y, Kokkos::ALL, stack.range_of(k));
///
/// With a separable distance misfit takes a stack by rows (see RowwiseOperator) or in passes of the
/// parts' own (see FusedOperator) where all parts allow that. A copy copies the parts; one object
/// is not used from two threads, or on two instances, at once if a part is not, nor for second
/// derivatives. What was moved from throws ArgumentError.
///
/// Members: domain_size(), range_size(), parts(), size() and range_of(k), apply(exec, x, y), and
/// add_adjoint(exec, y, x) or add_vjp(exec, x, r, g), asynchronous on `exec` as those of the parts;
/// add_majorizer(exec, d) and rounding() where the parts have them. Where not all are linear, but
/// all have J v, those of a LinearizableOperator, and of a TwiceDifferentiableOperator where
/// measurements are real and those that are not linear have a second derivative.
///
/// For an Identity, a Mask m = (1, 3) and x = (1, 2): A x = (1, 2, 1, 6), A^H A x = (2, 20).
template <typename... Parts>
class Stack : public detail::StackedOperators<std::tuple<Parts...>, Parts...> {
 public:
  /// A_0, A_1, … Throws ArgumentError if the parts differ in domain size, or their measurements
  /// have 2^63 entries or more.
  explicit Stack(Parts... parts)
      : detail::StackedOperators<std::tuple<Parts...>, Parts...>(
            std::tuple<Parts...>(std::move(parts)...)) {}
};

/// The same of any number of parts of one type.
template <typename Op>
class Stack<std::vector<Op>> : public detail::StackedOperators<std::vector<Op>, Op> {
 public:
  /// A_k = `parts`[k]. Throws ArgumentError as above, and if there are no parts.
  explicit Stack(std::vector<Op> parts)
      : detail::StackedOperators<std::vector<Op>, Op>(std::move(parts)) {}
};

/// A x = (A_0 x, A_1 x, …). Throws ArgumentError as the constructor of Stack.
template <typename First, typename... Others>
Stack<First, Others...> stack(First first, Others... others) {
  return Stack<First, Others...>(std::move(first), std::move(others)...);
}
/// The same of any number of parts of one type.
template <typename Op>
Stack<std::vector<Op>> stack(std::vector<Op> parts) {
  return Stack<std::vector<Op>>(std::move(parts));
}

}  // namespace misfit
