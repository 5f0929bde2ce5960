// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What can be had of a data fidelity at a point without another A x: gradient, products with its
// second derivative, and the diagonal of that.

#include <misfit/concepts.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/distances/gauss_newton_distance.hpp>
#include <misfit/detail/evaluation/accumulate.hpp>
#include <misfit/detail/evaluation/distance_stack.hpp>
#include <misfit/detail/evaluation/fidelity_calls.hpp>
#include <misfit/detail/evaluation/gauss_newton_weights.hpp>
#include <misfit/detail/evaluation/linearized_fidelity.hpp>
#include <misfit/detail/evaluation/operator_calls.hpp>
#include <misfit/detail/operators/gram_diagonal.hpp>
#include <misfit/detail/sums/blas1.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/shared_memory.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/distances/evaluate.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::detail {

/// Products of a LinearizedFidelity, and what these keep.
template <typename Exec, typename X, typename Y, typename Op, typename D>
class LinearizedProducts {
  using Point = LinearizedFidelity<Exec, X, Y, Op, D>;
  using T = typename Point::T;
  using U = typename Point::U;
  using Space = typename Point::Space;
  using AtPoint = typename Point::AtPoint;
  static constexpr bool always_quadratic = requires { requires bool(D::is_quadratic); };

 public:
  LinearizedProducts(const Exec& exec, const DistanceStack<D>& distances,
                     const OperatorStack<Op>& operators)
      : point_(exec, distances, operators),
        gauss_newton_({}, distances.reduction(), distances.sum()) {}

  /// The data are those of before where `y` is null.
  void move_to(const X& x, const Y* y) {
    weights_.clear();
    point_.move_to(x, y);
  }
  const Point& point() const { return point_; }

  /// See Linearization, as of the functions below.
  template <typename G>
  void gradient(const G& gradient) {
    const DataOf<U>* data = nullptr;
    accumulate(
        "misfit::gradient", NoSignals{}, "gradient", gradient,
        [&](ErrorContext& context) {
          data = check("gradient", gradient, context);
          take_residual();
          if constexpr (Point::separable) point_.measurements().clear_partial_sums(exec());
        },
        [&](std::size_t k, NoSignals, const auto& sum) { add_gradient(k, data, sum); },
        [&](ErrorContext& context) { point_.throw_if_outside(context); });
  }

  template <typename V, typename H>
  void gauss_newton(const V& v, const H& product) {
    constexpr const char* region = "misfit::gauss_newton";
    if constexpr (AtPoint::linear && always_quadratic) {
      point_.require_point();
      evaluate<Quantity::gradient>(exec(), point_.distances(), region, v, point_.data(),
                                   operators(), product, Scope::global, true,
                                   {.x = "v", .y = "y", .gradient = "product"});
    } else if constexpr (AtPoint::linear) {
      compute_weights("gauss_newton");
      evaluate<Quantity::gradient>(exec(), gauss_newton_, region, v, weights_.all(), operators(),
                                   product, Scope::global, false,
                                   {.x = "v", .y = "the point", .gradient = "product"});
      count_product();
    } else {
      compute_weights("gauss_newton");
      accumulate_product(region, v, product,
                         [&](std::size_t k, const DataOf<U>*, const auto& signals,
                             const auto& sum) { add_gauss_newton(k, signals, sum); });
      count_product();
    }
  }

  template <typename V, typename H>
  void hessian(const V& v, const H& product) {
    if constexpr (AtPoint::linear) {
      if constexpr (is_complex<U> && !always_quadratic)
        operators().calls().together({"hessian", {}}, [&](ErrorContext& context) {
          operators().for_each_local(context, [&](std::size_t k, const Op&) {
            if (!is_quadratic(point_.distances()[k]))
              throw ArgumentError(
                  "hessian: the distance of complex measurements is not quadratic, and has no "
                  "second derivative that is one number an entry; gauss_newton() takes the real "
                  "weights of the distance");
          });
        });
      gauss_newton(v, product);
    } else {
      compute_weights("hessian");
      accumulate_product("misfit::hessian", v, product,
                         [&](std::size_t k, const DataOf<U>* data, const auto& signals,
                             const auto& sum) { add_hessian(k, data, signals, sum); });
      count_product();
    }
  }

  template <typename Diagonal>
  void gauss_newton_diagonal(const Diagonal& diagonal) {
    using R = Real<T>;
    compute_weights("gauss_newton_diagonal");
    Vector<R, Space> real;
    accumulate(
        "misfit::gauss_newton_diagonal", NoSignals{}, "diagonal", diagonal,
        [&](ErrorContext& context) {
          check("diagonal", diagonal, context);
          real =
              residual_memory_.template get<R, Space>(largest(), "misfit::Linearization::weights");
        },
        [&](std::size_t k, NoSignals, const auto& sum) {
          for (std::size_t b = 0; b < point_.batch(); ++b) {
            const auto w = weights_of(k, b);
            const Vector<R, Space> scaled(real.data(), w.extent(0));
            real_parts(w, factor(), scaled);
            add_gram_diagonal<T, U>(exec(), operators().local_operators()[k], as_const_view(scaled),
                                    signal(sum, b));
          }
        },
        [](ErrorContext&) {});
  }

  /// real = `by` Re(w); public for nvcc, as what follows.
  template <typename W, typename R>
  void real_parts(const W& w, double by, const R& real) const {
    for_entries(
        exec(), "misfit::Linearization::real_parts", real.extent(0),
        KOKKOS_LAMBDA(const std::int64_t j) {
          real(j) = static_cast<Real<U>>(by * real_part(w(j)));
        });
  }

 private:
  const Exec& exec() const { return point_.exec(); }
  const OperatorStack<Op>& operators() const { return point_.operators(); }
  void count_product() const {
    point_.distances().count_pass(operators().size(), operators().size());
  }
  double factor() const { return point_.distances().factor(operators().size()); }
  std::size_t largest() const { return operators().max_local_range_size(); }

  // Throws ArgumentError unless `out` fits the point. Returns where the data lie.
  template <typename Out>
  const DataOf<U>* check(const char* name, const Out& out, ErrorContext& context) const {
    point_.require_point();
    if (batch_size(out) != point_.batch())
      throw ArgumentError(std::string(name) + ": has " + std::to_string(batch_size(out)) +
                          " signals, the point has " + std::to_string(point_.batch()));
    for (std::size_t k = 0; k < operators().local_indices().size(); ++k)
      require_apart("y", operators().local_measurement(point_.data(), k), name, out);
    return point_.check_data(context);
  }

  // 0 · v, or 0 where there is no v, and NaN where the point is not finite.
  template <typename V, typename Sum>
  void start(const V& v, const Sum& sum) const {
    if constexpr (std::is_same_v<V, NoSignals>) {
      for (std::size_t b = 0; b < point_.batch(); ++b) {
        using Entry = typename Sum::non_const_value_type;
        fill(exec(), Entry(static_cast<Real<Entry>>(point_.not_finite(b))), signal(sum, b));
      }
    } else {
      zero_times_signals(exec(), v, sum);
    }
  }

  // Memory for two measurements, of which most calls use one.
  void take_residual() {
    residual_ =
        residual_memory_.template get<U, Space>(2 * largest(), "misfit::Linearization::residual")
            .data();
  }
  Vector<U, Space> residual_of(std::size_t k) const {
    return Vector<U, Space>(residual_, operators().range_size(operators().local_indices()[k]));
  }

  // sum += of the k-th operator of this rank: its part of the gradient, as of products below. All
  // operators are applied, and then those that are outside are told: ranks may apply them together.
  template <typename Sum>
  void add_gradient(std::size_t k, const DataOf<U>* data, const Sum& sum) {
    point_.for_measurements_of(
        k, data,
        [&](std::size_t, std::size_t b, const auto& distance, const auto& u, const auto& y) {
          const auto r = residual_of(k);
          set_gradient(distance, u, y, k, b, r);
          AtPoint::add_jacobian_adjoint(exec(), operators().local_operators()[k],
                                        point_.measurements().kept(k, b), as_const_view(r),
                                        signal(sum, b));
        });
  }
  template <typename Signals, typename Sum>
  void add_gauss_newton(std::size_t k, const Signals& v, const Sum& sum) {
    const Op& op = operators().local_operators()[k];
    for (std::size_t b = 0; b < point_.batch(); ++b) {
      const auto r = residual_of(k);
      AtPoint::apply_jacobian(exec(), op, point_.measurements().kept(k, b), signal(v, b), r);
      weight_entries(exec(), factor(), weights_of(k, b), r);
      AtPoint::add_jacobian_adjoint(exec(), op, point_.measurements().kept(k, b), as_const_view(r),
                                    signal(sum, b));
    }
  }
  template <typename Signals, typename Sum>
  void add_hessian(std::size_t k, const DataOf<U>* data, const Signals& v, const Sum& sum) {
    point_.for_measurements_of(
        k, data,
        [&](std::size_t, std::size_t b, const auto& distance, const auto& u, const auto& y) {
          const Vector<U, Space> r = residual_of(k), w(r.data() + largest(), r.extent(0));
          set_gradient(distance, u, y, k, b, r);
          copy(exec(), weights_of(k, b), w);
          multiply(exec(), factor(), w);
          operators().local_operators()[k].add_hessian(exec(), point_.measurements().kept(k, b),
                                                       as_const_view(w), as_const_view(r),
                                                       signal(v, b), signal(sum, b));
        });
  }

  // r = factor ∇d.
  template <typename Distance, typename V>
  void set_gradient(const Distance& distance, const V& u, const V& y, std::size_t k, std::size_t b,
                    const Vector<U, Space>& r) {
    if constexpr (Point::separable) {
      using Entry = DistanceEntry<Quantity::gradient, Distance, V, V, Vector<U, Space>>;
      sum_tiles(exec(), "misfit::Linearization::gradient", Tiles(u.extent(0)),
                Entry{distance, u, y, r, static_cast<Real<U>>(factor())},
                point_.measurements().partial_sums(k, b));
    } else {
      misfit::gradient(exec(), distance, u, y, r, factor());
    }
  }

  // Once for a point. Collective.
  void compute_weights(const char* name) {
    if (weights_.ready()) return;
    operators().calls().together({name, {}}, [&](ErrorContext& context) {
      point_.require_point();
      weights_.compute(point_, context);
    });
    weights_.set_ready();
  }
  Vector<const U, Space> weights_of(std::size_t k, std::size_t b) const {
    return weights_.of(point_, k, b);
  }

  // product = 0 · v + what `term(k, data, v, sum)` adds for each operator.
  template <typename V, typename H, typename Term>
  void accumulate_product(const char* region, const V& v, const H& product, const Term& term) {
    const DataOf<U>* data = nullptr;
    accumulate(
        region, v, "product", product,
        [&](ErrorContext& context) {
          data = check("product", product, context);
          take_residual();
        },
        [&](std::size_t k, const auto& signals, const auto& sum) { term(k, data, signals, sum); },
        [](ErrorContext&) {});
  }

  // The same from v or none: after `prepare(context)`, `term(k, v, sum)` for each operator, and
  // `end(context)`, which throws where a term cannot be had.
  template <typename V, typename Out, typename Prepare, typename Term, typename End>
  void accumulate(const char* region, const V& v, const char* name, const Out& out,
                  const Prepare& prepare, const Term& term, const End& end) {
    const Accumulation<Exec, V, Out, Op> call{exec(), operators(), region,       v,
                                              name,   out,         Scope::global};
    if (point_.in_tree_order())
      call.run_in_tree_order(
          point_.distances().memory().tree, prepare,
          [&](std::size_t k, const auto& signals, const auto& sum) {
            start(signals, sum);
            term(k, signals, sum);
          },
          end);
    else
      call.run(prepare, [&](ErrorContext& context, const auto& signals, const auto& sum) {
        start(signals, sum);
        operators().for_each_local(context,
                                   [&](std::size_t k, const Op&) { term(k, signals, sum); });
        end(context);
      });
  }

  Point point_;
  GaussNewtonWeights<Point, X> weights_;
  DistanceStack<GaussNewtonDistance> gauss_newton_;
  U* residual_ = nullptr;
  Workspace residual_memory_;
};

}  // namespace misfit::detail
