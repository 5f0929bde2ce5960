// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What can be had of a data fidelity at a point without another A x: gradient, products with its
// second derivative, and the diagonal of that.

#include <misfit/concepts.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/distances/gauss_newton_distance.hpp>
#include <misfit/detail/evaluation/accumulate.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/fidelity_calls.hpp>
#include <misfit/detail/evaluation/linearized_fidelity.hpp>
#include <misfit/detail/evaluation/linearized_terms.hpp>
#include <misfit/detail/evaluation/local_problem.hpp>
#include <misfit/detail/evaluation/operator_stack.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>

#include <cstddef>
#include <optional>

namespace misfit::detail {

/// Products of a LinearizedFidelity, and what these keep.
template <typename Exec, typename X, typename Y, typename Op, typename D>
class LinearizedProducts {
  using Point = LinearizedFidelity<Exec, X, Y, Op, D>;
  using U = typename Point::U;
  using AtPoint = typename Point::AtPoint;

 public:
  LinearizedProducts(const Exec& exec, const DistanceStack<D>& distances,
                     const OperatorStack<Op>& operators)
      : terms_(Point(exec, distances, operators)) {}

  /// The data are those of before where `y` is null.
  void move_to(const X& x, const Y* y) { terms_.move_to(x, y); }
  const Point& point() const { return terms_.point(); }

  /// See Linearization, as of the functions below.
  template <typename G>
  void gradient(const G& gradient) {
    const DataOf<U>* data = nullptr;
    accumulate(
        "misfit::gradient", NoSignals{}, "gradient", gradient,
        [&](ErrorContext& context) {
          data = terms_.check("gradient", gradient, context);
          terms_.take_memory();
          terms_.start_gradient();
        },
        [&](std::size_t k, NoSignals, const auto& sum) { terms_.add_gradient(k, data, sum); },
        [&](ErrorContext& context) { terms_.end_gradient(context); });
  }

  template <typename V, typename H>
  void gauss_newton(const V& v, const H& product) {
    constexpr const char* region = "misfit::gauss_newton";
    if constexpr (AtPoint::linear && always_quadratic<D>) {
      point().require_point();
      evaluate<Quantity::gradient>(
          exec(), point().distances(), region, v, point().data(), operators(), product,
          Scope::global, true,
          {.x = "v", .y = "y", .gradient = "product", .signals_of_point = point().batch()});
    } else if constexpr (AtPoint::linear) {
      compute_weights("gauss_newton");
      evaluate<Quantity::gradient>(
          exec(), *gauss_newton_, region, v, terms_.weights().all(), operators(), product,
          Scope::global, false,
          {.x = "v", .y = "the point", .gradient = "product", .signals_of_point = point().batch()});
      count_product();
    } else {
      compute_weights("gauss_newton");
      accumulate_product(region, v, product,
                         [&](std::size_t k, const DataOf<U>*, const auto& signals,
                             const auto& sum) { terms_.add_gauss_newton(k, signals, sum); });
      count_product();
    }
  }

  template <typename V, typename H>
  void hessian(const V& v, const H& product) {
    if constexpr (is_complex<U> && !always_quadratic<D>) require_quadratic();
    if constexpr (AtPoint::linear) {
      gauss_newton(v, product);
    } else {
      compute_weights("hessian");
      accumulate_product("misfit::hessian", v, product,
                         [&](std::size_t k, const DataOf<U>* data, const auto& signals,
                             const auto& sum) { terms_.add_hessian(k, data, signals, sum); });
      count_product();
    }
  }

  template <typename Diagonal>
  void gauss_newton_diagonal(const Diagonal& diagonal) {
    compute_weights("gauss_newton_diagonal");
    accumulate(
        "misfit::gauss_newton_diagonal", NoSignals{}, "diagonal", diagonal,
        [&](ErrorContext& context) {
          terms_.check("diagonal", diagonal, context);
          terms_.take_memory();
        },
        [&](std::size_t k, NoSignals, const auto& sum) { terms_.add_diagonal(k, sum); },
        [](ErrorContext&) {});
  }

 private:
  const Exec& exec() const { return point().exec(); }
  const OperatorStack<Op>& operators() const { return point().operators(); }
  void count_product() const {
    point().distances().count_pass(operators().size(), operators().size());
  }

  // Throws ArgumentError unless all distances are quadratic. Collective.
  void require_quadratic() const {
    operators().calls().together({"hessian", {}}, [&](ErrorContext& context) {
      operators().for_each_local(context, [&](std::size_t k, const Op&) {
        if (!is_quadratic(point().distances()[k]))
          throw ArgumentError(
              "hessian: the distance of complex measurements is not quadratic, and has no second "
              "derivative that is one number an entry; gauss_newton() takes the real weights of "
              "the distance");
      });
    });
  }

  // Once for a point. Collective.
  void compute_weights(const char* name) {
    terms_.compute_weights(name, [&] {
      if (gauss_newton_) return;
      const auto& distances = point().distances();
      gauss_newton_.emplace(GaussNewtonDistance{}, distances.reduction(), distances.sum());
    });
  }

  // product = 0 · v + what `term(k, data, v, sum)` adds for each operator.
  template <typename V, typename H, typename Term>
  void accumulate_product(const char* region, const V& v, const H& product, const Term& term) {
    const DataOf<U>* data = nullptr;
    accumulate(
        region, v, "product", product,
        [&](ErrorContext& context) {
          data = terms_.check("product", product, context);
          terms_.take_memory();
        },
        [&](std::size_t k, const auto& signals, const auto& sum) { term(k, data, signals, sum); },
        [](ErrorContext&) {});
  }

  // The same from v or none: after `prepare(context)`, `term(k, v, sum)` for each operator, and
  // `end(context)`, which throws where a term cannot be had.
  template <typename V, typename Out, typename Prepare, typename Term, typename End>
  void accumulate(const char* region, const V& v, const char* name, const Out& out,
                  const Prepare& prepare, const Term& term, const End& end) {
    Accumulation<Exec, V, Out, Op>{exec(), operators(), region, v, name, out, Scope::global, "v"}
        .run_by_operators(
            point().tree_memory(), prepare,
            [&](const auto& signals, const auto& sum) { terms_.start(signals, sum); }, term, end);
  }

  LinearizedTerms<Exec, X, Y, Op, D> terms_;
  // Made when ranks agree that all can.
  std::optional<DistanceStack<GaussNewtonDistance>> gauss_newton_;
};

}  // namespace misfit::detail
