// SPDX-License-Identifier: BSD-3-Clause
#include "support/floors.hpp"
#include "support/problem.hpp"

#include <misfit/operators/dense.hpp>

#include <KokkosBlas2_gemv.hpp>

#include <cmath>
#include <string>

namespace misfit::bench {
namespace {

template <typename T>
using Matrix = Kokkos::View<T**>;
/// The order in which Kokkos Kernels is faster where it has no BLAS of the machine's maker.
template <typename T>
using ByColumns = Kokkos::View<T**, Kokkos::LayoutLeft>;

template <typename T>
struct MatrixList {
  std::vector<Matrix<T>> matrices;
};

template <typename T>
Matrix<T> random_matrix(std::size_t m, std::size_t n, std::uint64_t seed) {
  Matrix<T> a(Kokkos::view_alloc(Kokkos::WithoutInitializing, "matrix"), m, n);
  detail::fill_random(Exec{}, detail::all_signals(a), seed);
  return a;
}

template <typename T>
struct Matrices : MatrixList<T>, Problem<Dense<Matrix<T>>, T> {
  Matrices(int count, std::size_t m, std::size_t n)
      : Problem<Dense<Matrix<T>>, T>(count, n, [this, m, n](int i) {
          this->matrices.push_back(random_matrix<T>(m, n, 10 + static_cast<unsigned>(i)));
          return Dense{this->matrices.back()};
        }) {}
};

/// A product, a reduction, and a product with the adjoint, an operator after the other.
template <typename T, typename A>
double two_gemv(const Matrices<T>& p, const std::vector<A>& matrices, const Numbers<T>& u,
                const Numbers<T>& g) {
  double value = 0;
  Kokkos::deep_copy(g, T(0));
  for (std::size_t k = 0; k < matrices.size(); ++k) {
    const auto y = p.y[k];
    double sum = 0;
    KokkosBlas::gemv("N", T(1), matrices[k], p.x, T(0), u);
    Kokkos::parallel_reduce(
        "distance", Kokkos::RangePolicy<Exec>(p.exec, 0, u.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j, double& partial) {
          const T r = u(j) - y(j);
          partial += detail::squared_abs(r);
          u(j) = static_cast<detail::Real<T>>(4) * r;
        },
        sum);
    KokkosBlas::gemv("C", T(1), matrices[k], u, T(1), g);
    value += 0.5 * Matrices<T>::inverse_variance * sum;
  }
  return value;
}

/// `count` square matrices over all ranks, of about `bytes` each.
template <typename T>
void register_matrices(const Options& options, int count, std::size_t bytes, const char* series) {
  // Odd multiples of 16: a row as long as a power of two would put the entries of a column into few
  // lines of the cache, and slow down the twins that go along columns.
  const auto side = static_cast<std::size_t>(std::sqrt(static_cast<double>(bytes) / sizeof(T)));
  const std::size_t n = ((std::max<std::size_t>(side / 16, 1) - 1) / 2 * 2 + 1) * 16;
  const std::string name = "dense/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" +
                           std::to_string(n) + "x" + std::to_string(n) + "/" + series;
  register_problem<T>(
      options, name, [=] { return std::make_shared<Matrices<T>>(count, n, n); },
      [=](Case& c, const Matrices<T>& p, Call) {
        const double matrix = sizeof(T) * static_cast<double>(n) * static_cast<double>(n);
        std::vector<Bytes> inputs;
        for (const auto& a : p.matrices) inputs.push_back({a.data(), n * n * sizeof(T)});
        c.floor = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                     read_bytes(p.exec, inputs, sink);
                   }};
        c.bytes = count * matrix;
        c.least_memory =
            static_cast<double>(p.matrices.size()) * (matrix + sizeof(T) * static_cast<double>(n)) +
            3.0 * sizeof(T) * static_cast<double>(n);
      },
      [=](const Matrices<T>& p) {
        const Numbers<T> u("u", n);
        std::vector<ByColumns<T>> by_columns;
        for (const auto& a : p.matrices) {
          by_columns.emplace_back("by columns", n, n);
          Kokkos::deep_copy(by_columns.back(), a);
        }
        return std::vector<Twin<T>>{
            {"two_gemv", [=, &p](const Numbers<T>& g) { return two_gemv(p, p.matrices, u, g); }},
            {"two_gemv_by_columns",
             [=, &p](const Numbers<T>& g) { return two_gemv(p, by_columns, u, g); }}};
      });
}

template <typename T>
void register_all(const Options& options) {
  options.for_sizes([&](const Options& here, std::size_t bytes) {
    register_matrices<T>(here, 8, bytes / 8, "strong");
    if (here.with_weak(bytes)) register_matrices<T>(here, 8 * here.ranks, bytes / 8, "weak");
  });
}

}  // namespace

void register_cases(const Options& options) {
  register_all<float>(options);
  register_all<double>(options);
  if (!options.quick) register_all<Kokkos::complex<double>>(options);
}

}  // namespace misfit::bench
