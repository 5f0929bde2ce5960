// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/base/cloned.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/rounding.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace misfit {

/// Any distance for data of type `T`, its type erased, for stacks of different ones.
///
/// A call is virtual once per operator, never per entry. What the distance does not have (a
/// gradient, a prox) throws an ArgumentError that names its type. A copy holds a copy of the
/// distance. One that was moved from throws ArgumentError.
template <Scalar T, ExecutionSpace Exec = Kokkos::DefaultExecutionSpace>
class AnyDistance {
 public:
  /// A View of u, y or v.
  using In = Vector<const T, typename Exec::memory_space>;
  /// A View of a gradient or of the result of prox.
  using Out = Vector<T, typename Exec::memory_space>;
  /// A View of second derivatives, which are real.
  using Weights = Vector<detail::Real<T>, typename Exec::memory_space>;

  /// Any Distance for data of `T` that can be copied.
  template <typename D>
    requires(!std::is_same_v<std::remove_cvref_t<D>, AnyDistance> &&
             Distance<std::remove_cvref_t<D>, T, Exec>)
  AnyDistance(D&& distance)  // NOLINT: implicit, so that a factory may return either
      : model_(std::unique_ptr<const Model>(
            new const Holder<std::remove_cvref_t<D>>(std::forward<D>(distance)))) {
    static_assert(std::is_copy_constructible_v<std::remove_cvref_t<D>>,
                  "misfit: AnyDistance needs a distance that can be copied");
  }

  /// d(u, y); as misfit::value(). Blocks.
  double value(const Exec& exec, const In& u, const In& y) const {
    return model().value(exec, u, y);
  }
  /// Sets r = factor ∇_u d(u, y) and returns d(u, y); as misfit::value_and_gradient(). Blocks.
  double value_and_gradient(const Exec& exec, const In& u, const In& y, const Out& r,
                            double factor = 1.0) const {
    return model().value_and_gradient(exec, u, y, r, factor);
  }
  /// Sets r = factor ∇_u d(u, y); as misfit::gradient(). Blocks.
  void gradient(const Exec& exec, const In& u, const In& y, const Out& r,
                double factor = 1.0) const {
    model().gradient(exec, u, y, r, factor);
  }
  /// Sets `result` = prox_{γd}(v); as misfit::prox().
  void prox(const Exec& exec, double gamma, const In& v, const In& y, const Out& result) const {
    model().prox(exec, gamma, v, y, result);
  }
  /// Sets w to the second derivatives at u; as misfit::second_derivative().
  void second_derivative(const Exec& exec, const In& u, const In& y, const Weights& w) const {
    model().second_derivative(exec, u, y, w);
  }
  /// Moves entries of u, off by at most `relative` √`*squares`, inside the domain, as
  /// BoundedDistance says; none where the distance is no such. Asynchronous on `exec`.
  void move_inside(const Exec& exec, const Out& u, const In& y, double relative,
                   const double* squares) const {
    model().move_inside(exec, u, y, relative, squares);
  }
  /// What misfit::is_quadratic() says of the distance.
  bool is_quadratic() const { return model().is_quadratic(); }
  /// Throws ArgumentError if the distance has parameters for measurements of another size than m.
  void require_size(std::size_t m) const { model().require_size(m); }

 private:
  struct Model {
    virtual ~Model() = default;
    virtual std::unique_ptr<const Model> clone() const = 0;
    virtual double value(const Exec&, const In&, const In&) const = 0;
    virtual double value_and_gradient(const Exec&, const In&, const In&, const Out&,
                                      double) const = 0;
    virtual void gradient(const Exec&, const In&, const In&, const Out&, double) const = 0;
    virtual void prox(const Exec&, double, const In&, const In&, const Out&) const = 0;
    virtual void second_derivative(const Exec&, const In&, const In&, const Weights&) const = 0;
    virtual void move_inside(const Exec&, const Out&, const In&, double, const double*) const = 0;
    virtual bool is_quadratic() const = 0;
    virtual void require_size(std::size_t) const = 0;
  };

  template <typename D>
  struct Holder final : Model {
    explicit Holder(D d) : distance(std::move(d)) {}

    std::unique_ptr<const Model> clone() const override {
      return std::unique_ptr<const Model>(new const Holder(distance));
    }
    double value(const Exec& exec, const In& u, const In& y) const override {
      return misfit::value(exec, distance, u, y);
    }
    double value_and_gradient(const Exec& exec, const In& u, const In& y, const Out& r,
                              double factor) const override {
      if constexpr (DifferentiableDistance<D, T, Exec>)
        return misfit::value_and_gradient(exec, distance, u, y, r, factor);
      else
        refuse("gradient");
    }
    void gradient(const Exec& exec, const In& u, const In& y, const Out& r,
                  double factor) const override {
      if constexpr (DifferentiableDistance<D, T, Exec>)
        misfit::gradient(exec, distance, u, y, r, factor);
      else
        refuse("gradient");
    }
    void prox(const Exec& exec, double gamma, const In& v, const In& y,
              const Out& result) const override {
      if constexpr (ProximableDistance<D, T, Exec>)
        misfit::prox(exec, distance, gamma, v, y, result);
      else
        refuse("prox");
    }
    void second_derivative(const Exec& exec, const In& u, const In& y,
                           const Weights& w) const override {
      if constexpr (TwiceDifferentiableDistance<D, T, Exec>)
        misfit::second_derivative(exec, distance, u, y, w);
      else
        refuse("second derivative");
    }
    void move_inside(const Exec& exec, const Out& u, const In& y, double relative,
                     const double* squares) const override {
      if constexpr (BoundedDistance<D, T>)
        detail::move_inside(exec, detail::WithRounding<D>{distance, relative, squares}, u, y);
      else if constexpr (requires { distance.move_inside(exec, u, y, relative, squares); })
        distance.move_inside(exec, u, y, relative, squares);
    }
    bool is_quadratic() const override { return misfit::is_quadratic(distance); }
    void require_size(std::size_t m) const override {
      if constexpr (requires { distance.require_size(m); }) distance.require_size(m);
    }

    [[noreturn]] static void refuse(const char* what) {
      throw ArgumentError(std::string("AnyDistance: ") + typeid(D).name() + " has no " + what);
    }

    D distance;
  };

  const Model& model() const { return model_.get("AnyDistance"); }

  detail::Cloned<Model> model_;
};

}  // namespace misfit
