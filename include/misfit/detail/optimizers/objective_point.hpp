// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/collectives/collective_calls.hpp>
#include <misfit/detail/solvers/domain_vectors.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/newton_products.hpp>

#include <Kokkos_Core.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace misfit::detail {

/// What an Objective is at an x: its value and gradient by one fn_and_grad(), where no products are
/// wanted; else a Linearization, whose gradient is computed when it is asked for. Keeps a copy of
/// x.
template <typename Objective, Newton kind>
class ObjectivePoint {
  using X = typename Objective::Owned;
  using Exec = typename Objective::execution_space;
  using Point = typename Objective::Point;
  using Gradient = typename Objective::Gradient;
  static constexpr bool linearized = kind != Newton::none;

 public:
  /// Takes memory for vectors of n entries. Inside of agreed work.
  void reserve(std::size_t n) {
    x_ = X("misfit::Objective::x", n);
    if constexpr (!linearized || Objective::has_term)
      gradient_ = X("misfit::Objective::gradient", n);
  }
  void forget() { known_ = false; }
  /// The same where the data, too, may be others.
  void start_anew() {
    forget();
    point_.reset();
  }

  /// Evaluates at `x` unless it is there already: no entry of x differs by more than `tolerance`
  /// times the largest modulus of all. Collective; blocks.
  void move_to(const Objective& objective, const DomainVectors& domain, const Point& x,
               double tolerance) {
    const Exec& exec = objective.exec();
    const CollectiveCalls& calls = objective.operators().calls();
    double moved = 1, largest = 0;
    if (known_) {
      calls.together({"Objective", {}}, [&](ErrorContext&) {
        moved = count_moved(exec, x, x_, tolerance * largest_);
      });
      if (!(domain.largest_of_pieces(moved) > 0)) return;
    }
    known_ = false;
    calls.together({"Objective", {}}, [&](ErrorContext&) {
      Kokkos::deep_copy(exec, x_, x);
      largest = std::sqrt(largest_squared_abs(exec, x_));
    });
    if constexpr (linearized)
      linearize(objective);
    else
      value_ = objective(x_, gradient_);
    largest = domain.largest_of_pieces(largest);
    largest_ = std::isfinite(largest) ? largest : 0;  // else every x would be near
    known_ = true;
  }

  double value() const { return value_; }
  /// Collective where there are products; blocks.
  void gradient(const Objective& objective, const Gradient& gradient) {
    if constexpr (linearized) {
      point_->gradient(gradient);
      if constexpr (Objective::has_term) {
        axpby(objective.exec(), 1, gradient_, 1, gradient);
        fence(objective.exec(), "misfit::Objective: gradient complete");
      }
    } else {
      Kokkos::deep_copy(objective.exec(), gradient, gradient_);
    }
  }
  /// Collective; blocks.
  void product(const Objective& objective, const Point& v, const Gradient& product)
    requires linearized
  {
    if constexpr (kind == Newton::gauss_newton)
      point_->gauss_newton(v, product);
    else
      point_->hessian(v, product);
    if constexpr (Objective::has_term) objective.add_hessian_of_term(x_, v, product);
  }

  /// How many entries differ by more than `bound`; public for nvcc.
  template <typename A, typename B>
  static double count_moved(const Exec& exec, const A& a, const B& b, double bound) {
    std::int64_t count = 0;
    Kokkos::parallel_reduce(
        "misfit::moved", range(exec, a.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j, std::int64_t& moved) {
          if (!(detail::abs(a(j) - b(j)) <= bound)) ++moved;
        },
        count);
    return static_cast<double>(count);
  }

 private:
  // gradient_ is that of the term.
  void linearize(const Objective& objective) {
    if (point_)
      point_->move_to(x_);
    else
      point_.emplace(objective.at(x_));
    value_ = point_->value();
    if constexpr (Objective::has_term) {
      fill(objective.exec(), typename X::value_type(0), gradient_);
      value_ += objective.term(x_, gradient_);
    }
  }

  bool known_ = false;
  double value_ = 0, largest_ = 0;  // the largest modulus of an entry of x
  X x_, gradient_;
  std::optional<typename Objective::template PointOf<kind>> point_;
};

}  // namespace misfit::detail
