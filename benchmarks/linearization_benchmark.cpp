// SPDX-License-Identifier: BSD-3-Clause

// A linearization, beside the parts that it is made of: value, gradient and one product with the
// second derivative at a point, against A x, distances, A^H r and A^H A v one after the other.

#include "families/dense.hpp"
#include "families/mask.hpp"
#include "support/case.hpp"

#include <misfit/linearization.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace misfit::bench {
namespace {

/// What a linearization of a problem gives, by calls of the operators alone.
template <typename T, typename P>
struct Parts {
  Parts(const P& problem, const Numbers<T>& vector, const Numbers<T>& product_with_it)
      : p(problem), v(vector), product(product_with_it), u(p.operators.measurements([&](int i) {
          return random_numbers<T>(p.operators.range_size(i), 2000 + static_cast<unsigned>(i));
        })) {}

  /// The value is this rank's.
  double run() const {
    p.operators.forward(p.exec, p.x, u, Scope::local);
    double value = 0;
    for (std::size_t k = 0; k < u.size(); ++k) value += distance_and_gradient(p.exec, u[k], p.y[k]);
    p.operators.adjoint(p.exec, u, p.gradient);
    p.operators.normal(p.exec, v, product);
    detail::multiply(p.exec, inverse_variance, product);
    p.exec.fence();
    return value;
  }

  const P& p;
  Numbers<T> v, product;
  Measurements<Numbers<T>> u;
};

/// Operators, y and A x, x, gradient, v, its product and one workspace, with so many numbers of the
/// operator for each measured one [bytes].
template <typename T, typename P>
double least_memory(const P& p, double for_each_measured) {
  double measured = 0;
  for (std::size_t k = 0; k < p.y.size(); ++k) measured += static_cast<double>(p.y[k].size());
  return sizeof(T) * ((for_each_measured + 2) * measured + 5 * static_cast<double>(p.x.extent(0)));
}

template <typename T, typename P, typename Make>
void register_point(const Options& options, const std::string& name, double bytes,
                    double for_each_measured, Make make) {
  const auto run = [=](benchmark::State& state) {
    ViewMemory::forget();
    const P p = make();
    const auto v = random_numbers<T>(p.x.extent(0), 3);
    const auto product = random_numbers<T>(p.x.extent(0), 4);
    auto point = p.fidelity.at(p.exec, p.x, p.y, p.operators);
    Case c;
    c.ours = [&] {
      point.move_to(p.x);
      p.value = point.value();
      point.gradient(p.gradient);
      point.gauss_newton(v, product);
    };
    c.computing = c.ours;  // all calls of a point are of all ranks
    c.others = [&] {
      const auto parts = std::make_shared<const Parts<T, P>>(p, v, product);
      return std::vector<Step>{{"parts_over_point", [=] { parts->run(); }}};
    };
    c.bytes = bytes;
    c.least_memory = least_memory<T>(p, for_each_measured);
    run_case(state, p.exec, c);
  };
  benchmark::RegisterBenchmark(("linearization/" + name + "/value_gradient_product").c_str(), run)
      ->Iterations(options.rounds)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

/// A matrix is read for A x, for A^H r and for A^H A v.
template <typename T>
void register_matrices(const Options& options) {
  constexpr int count = 8;
  const auto side = static_cast<std::size_t>(
      std::sqrt(static_cast<double>(options.out_of_cache()) / count / sizeof(T)));
  const std::size_t n = (side / 32 * 2 + 1) * 16;  // as in the family of dense matrices
  register_point<T, DenseMatrices<T>>(
      options,
      "dense/" + name_of<T>() + "/8_operators/" + std::to_string(n) + "x" + std::to_string(n),
      3.0 * count * sizeof(T) * static_cast<double>(n) * static_cast<double>(n),
      static_cast<double>(n), [=] { return DenseMatrices<T>(count, n); });
}

/// The mask for each of the three, A x written and read, and y.
template <typename T>
void register_masks(const Options& options) {
  constexpr int count = 16;
  const std::size_t n = std::max<std::size_t>(1024, options.out_of_cache() / count / 2 / sizeof(T));
  register_point<T, Masks<T>>(
      options, "mask/" + name_of<T>() + "/16_operators/" + std::to_string(n) + "_entries",
      6.0 * count * sizeof(T) * static_cast<double>(n), 1, [=] { return Masks<T>(count, n); });
}

void register_cases(const Options& options) {
  register_masks<double>(options);
  register_matrices<double>(options);
  if (!options.quick) register_matrices<float>(options);
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
