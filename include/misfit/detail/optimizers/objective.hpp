// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/base/internals.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/linearization.hpp>
#include <misfit/newton_products.hpp>
#include <misfit/testing/check_replicated.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace misfit::detail {

/// What an objective has beside the data fidelity where it has nothing.
struct NoTerm {};

/// What optimisers of other libraries minimise: a data fidelity of x, and a term of the user's. To
/// them x is real: a complex entry is two numbers, its real and its imaginary part.
template <typename Exec, typename D, typename X, typename Y, typename Op, typename Term>
class Objective {
 public:
  using execution_space = Exec;
  using view_type = X;
  using value_type = typename X::non_const_value_type;
  using memory_space = typename X::memory_space;
  static_assert(VectorOn<X, Exec>, "misfit: x is a contiguous View of rank 1 that Exec can reach");
  static_assert(Writable<X>, "misfit: x holds the solution in the end: it is a View of non-const");
  static_assert(std::same_as<value_type, double> ||
                    std::same_as<value_type, Kokkos::complex<double>>,
                "misfit: these optimisers compute in double: x is real or complex double");
  static constexpr std::size_t reals = sizeof(value_type) / sizeof(double);

  /// An x of the objective's own, whatever x of the user's is a View of.
  using Owned = Kokkos::View<value_type*, memory_space>;
  using Unmanaged = Kokkos::MemoryTraits<Kokkos::Unmanaged>;
  using Point = Kokkos::View<const value_type*, memory_space, Unmanaged>;
  using Gradient = Kokkos::View<value_type*, memory_space, Unmanaged>;
  static constexpr bool has_term = !std::same_as<Term, NoTerm>;
  static_assert(!has_term ||
                    std::is_invocable_r_v<double, const Term&, const Point&, const Gradient&>,
                "misfit: a term is called as term(x, gradient); it adds its gradient, and returns "
                "its value");

  /// Collective. Throws ArgumentError on all ranks if `x` has another size than the domain.
  Objective(const char* name, const Exec& exec, const DistributedDataFidelity<D>& fidelity,
            const X& x, const Y& y, const DistributedOperator<Op>& operators, Term term)
      : exec_(exec),
        fidelity_(&fidelity),
        x_(x),
        y_(&y),
        operators_(&operators),
        term_(std::move(term)) {
    operators.communicator().agree(name, [&] {
      const std::size_t n = Internals::of(operators).unknowns_for(x);
      if (x.extent(0) != n)
        throw ArgumentError("x: has " + std::to_string(x.extent(0)) + " entries, the domain has " +
                            std::to_string(n));
    });
  }

  const Exec& exec() const { return exec_; }
  const X& x() const { return x_; }
  const auto& operators() const { return Internals::of(*operators_); }
  /// The numbers of `x`, of which there are size().
  double* data() const { return reinterpret_cast<double*>(x_.data()); }
  std::size_t size() const { return reals * x_.extent(0); }

  /// The value at `x`; sets `gradient`. Collective; blocks.
  double operator()(const Point& x, const Gradient& gradient) const {
    double value = fidelity_->fn_and_grad(exec_, x, *y_, *operators_, gradient);
    if constexpr (has_term) value += term(x, gradient);
    return value;
  }
  /// The value of the term at `x`, of all pieces of it; adds its gradient. Collective; blocks.
  double term(const Point& x, const Gradient& gradient) const {
    double value = 0;
    operators().calls().together({"the term", {}}, [&](ErrorContext&) {
      value = term_(x, gradient);
      fence(exec_, "misfit::Objective: gradient of the term complete");
    });
    return operators().domain_vectors(x_).sum_of_pieces(value);
  }
  /// Adds the product of `v` with the Hessian of the term at `x`. Collective; blocks.
  void add_hessian_of_term(const Point& x, const Point& v, const Gradient& product) const {
    constexpr bool has_hessian = requires { term_.add_hessian(x, v, product); };
    static_assert(has_hessian,
                  "misfit: for Newton methods a term also has add_hessian(x, v, product), which "
                  "adds the product of its Hessian with v");
    if constexpr (has_hessian)
      operators().calls().together({"the term", {}}, [&](ErrorContext&) {
        term_.add_hessian(x, v, product);
        fence(exec_, "misfit::Objective: product of the term complete");
      });
  }
  /// The data fidelity at `x`. Collective; blocks.
  auto at(const Owned& x) const { return fidelity_->at(exec_, x, *y_, *operators_); }
  template <Newton kind>
  using PointOf =
      std::conditional_t<kind == Newton::none, NoTerm, Linearization<D, Op, Exec, Owned, Y>>;

  /// The same where both are `n` numbers.
  double operator()(const double* x, double* gradient, std::size_t n) const {
    return (*this)(Point(reinterpret_cast<const value_type*>(x), n / reals),
                   Gradient(reinterpret_cast<value_type*>(gradient), n / reals));
  }

  /// Throws on all ranks unless those that have the same of x found the same solution. Collective.
  void require_same_solution() const {
    const Communicator* const ranks = operators().ranks_of_same_x();
    if (ranks == nullptr) return;
    const ReplicatedResult result = check_replicated(exec_, *ranks, x_);
    operators_->communicator().agree("the solution", [&] {
      if (!result.passed())
        throw Error("ranks computed steps with other roundings: " + result.text());
    });
  }

 private:
  Exec exec_;
  const DistributedDataFidelity<D>* fidelity_;
  X x_;
  const Y* y_;
  const DistributedOperator<Op>* operators_;
  Term term_;
};

}  // namespace misfit::detail
