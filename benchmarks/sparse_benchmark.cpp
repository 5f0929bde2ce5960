// SPDX-License-Identifier: BSD-3-Clause
#include "support/floors.hpp"
#include "support/problem.hpp"

#include <misfit/detail/compressed_rows.hpp>
#include <misfit/operators/sparse.hpp>

#include <KokkosSparse_CrsMatrix.hpp>
#include <KokkosSparse_spmv.hpp>

#include <algorithm>
#include <string>

namespace misfit::bench {
namespace {

using Device = Exec::device_type;
template <typename T>
using Rows = detail::CompressedRows<T, int, int, Device>;
template <typename T>
using Crs = KokkosSparse::CrsMatrix<T, int, Device, void, int>;

constexpr std::size_t in_a_row = 32;
constexpr std::size_t band = 4096;

/// n rows of 32 entries each, in columns that are random within a band of 4096 around the diagonal.
template <typename T>
Rows<T> banded_random(std::size_t n, std::uint64_t seed) {
  Kokkos::View<int*, Device> starts("row_map", n + 1), columns("columns", n * in_a_row);
  const auto values = random_numbers<T>(n * in_a_row, seed);
  const auto numbers = random_numbers<double>(n * in_a_row, seed + 1);
  const auto host_starts = Kokkos::create_mirror_view(starts);
  const auto host_columns = Kokkos::create_mirror_view(columns);
  const auto uniform = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, numbers);
  const std::size_t width = std::min(n, band);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t first = std::min(i - std::min(i, width / 2), n - width);
    int* const row = host_columns.data() + i * in_a_row;
    for (std::size_t k = 0; k < in_a_row; ++k)
      row[k] = static_cast<int>(first + static_cast<std::size_t>((uniform(i * in_a_row + k) + 1) /
                                                                 2 * static_cast<double>(width)));
    std::sort(row, row + in_a_row);
    host_starts(i + 1) = static_cast<int>((i + 1) * in_a_row);
  }
  Kokkos::deep_copy(starts, host_starts);
  Kokkos::deep_copy(columns, host_columns);
  return {starts, columns, values, n};
}

template <typename T>
Crs<T> crs_of(const Rows<T>& a) {
  // Older Kokkos Kernels take no views of const entries here.
  const auto entries = [](const auto& view) {
    using V = typename std::remove_cvref_t<decltype(view)>::non_const_type;
    return V(const_cast<typename V::value_type*>(view.data()), view.extent(0));
  };
  return Crs<T>("matrix", static_cast<int>(a.n_rows()), static_cast<int>(a.n_columns),
                static_cast<int>(a.values.extent(0)), entries(a.values), entries(a.row_map),
                entries(a.columns));
}

template <typename T>
struct MatrixList {
  std::vector<Rows<T>> matrices;
};

template <typename T>
struct Matrices : MatrixList<T>, Problem<Sparse<T, int, int, Device>, T> {
  Matrices(int count, std::size_t n)
      : Problem<Sparse<T, int, int, Device>, T>(count, n, [this, n](int i) {
          this->matrices.push_back(banded_random<T>(n, 10 + 2 * static_cast<unsigned>(i)));
          const auto& a = this->matrices.back();
          return Sparse(a.row_map, a.columns, a.values, n);
        }) {}
};

/// A product, a reduction, and a product with `transposed`, or without it with A in transpose mode.
template <typename T>
double two_spmv(const Matrices<T>& p, const std::vector<Crs<T>>& matrices,
                const std::vector<Crs<T>>& transposed, const Numbers<T>& u, const Numbers<T>& g) {
  double value = 0;
  Kokkos::deep_copy(g, T(0));
  for (std::size_t k = 0; k < matrices.size(); ++k) {
    const auto y = p.y[k];
    double sum = 0;
    KokkosSparse::spmv("N", T(1), matrices[k], p.x, T(0), u);
    Kokkos::parallel_reduce(
        "distance", Kokkos::RangePolicy<Exec>(p.exec, 0, u.extent(0)),
        KOKKOS_LAMBDA(const std::int64_t j, double& partial) {
          const T r = u(j) - y(j);
          partial += detail::squared_abs(r);
          u(j) = static_cast<detail::Real<T>>(4) * r;
        },
        sum);
    if (transposed.empty())
      KokkosSparse::spmv("T", T(1), matrices[k], u, T(1), g);
    else
      KokkosSparse::spmv("N", T(1), transposed[k], u, T(1), g);
    value += 0.5 * Matrices<T>::inverse_variance * sum;
  }
  return value;
}

template <typename T>
std::vector<Twin<T>> twins_of(const Matrices<T>& p, std::size_t n) {
  std::vector<Crs<T>> matrices, transposed;
  std::vector<Rows<T>> kept;
  for (const auto& a : p.matrices) {
    matrices.push_back(crs_of(a));
    kept.push_back(detail::conjugate_transpose(a));
    transposed.push_back(crs_of(kept.back()));
  }
  const Numbers<T> u("u", n);
  return {{"two_spmv", [=, &p](const Numbers<T>& g) { return two_spmv(p, matrices, {}, u, g); }},
          {"explicit_transpose", [=, &p](const Numbers<T>& g) {
             return kept.empty() ? two_spmv(p, matrices, {}, u, g)
                                 : two_spmv(p, matrices, transposed, u, g);
           }}};
}

/// `count` matrices over all ranks, of about `bytes` each.
template <typename T>
void register_matrices(const Options& options, int count, std::size_t bytes, const char* series) {
  const std::size_t n = std::max<std::size_t>(64, bytes / in_a_row / (sizeof(T) + sizeof(int)));
  const std::string name = "sparse/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" +
                           std::to_string(n) + "_rows/" + series;
  register_problem<T>(
      options, name, [=] { return std::make_shared<Matrices<T>>(count, n); },
      [=](Case& c, const Matrices<T>& p, Call call) {
        std::vector<Bytes> inputs{{p.x.data(), n * sizeof(T)}};
        for (std::size_t k = 0; k < p.matrices.size(); ++k) {
          const auto& a = p.matrices[k];
          inputs.push_back({a.values.data(), a.values.extent(0) * sizeof(T)});
          inputs.push_back({a.columns.data(), a.columns.extent(0) * sizeof(int)});
          inputs.push_back({p.y[k].data(), n * sizeof(T)});
        }
        c.floor = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                     read_bytes(p.exec, inputs, sink);
                     if (call != Call::fn) Kokkos::deep_copy(p.exec, p.gradient, T(0));
                   }};
        // Values and columns; y of each operator; on every rank x and, with a gradient, g.
        const double rows = static_cast<double>(n);
        const double matrix = rows * in_a_row * (sizeof(T) + sizeof(int));
        c.bytes = count * (matrix + rows * sizeof(T)) +
                  (call == Call::fn ? 1.0 : 2.0) * options.ranks * rows * sizeof(T);
        c.least_memory =
            static_cast<double>(p.matrices.size()) * (matrix + rows * (sizeof(int) + sizeof(T))) +
            3.0 * rows * sizeof(T);
      },
      [=](const Matrices<T>& p) { return twins_of(p, n); });
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
}

}  // namespace misfit::bench
