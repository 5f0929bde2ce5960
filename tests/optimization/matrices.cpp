// SPDX-License-Identifier: BSD-3-Clause
#include "pass.hpp"

// Compiled here, with the flags of this program, and not in the library alone.
namespace misfit::detail {
MISFIT_BLAS1(, Kokkos::DefaultExecutionSpace, float)
MISFIT_BLAS1(, Kokkos::DefaultExecutionSpace, Kokkos::complex<float>)
}  // namespace misfit::detail

namespace misfit::test {
namespace {

template <typename T>
auto matrix(std::size_t n, unsigned seed) {
  const Kokkos::View<T**, Kokkos::LayoutRight> a("matrix", n, n);
  detail::fill_random(Exec{}, Kokkos::View<T*>(a.data(), n * n), seed);
  return a;
}

/// `count` entries in each of n rows, of a band three times as wide.
template <typename T>
auto sparse(std::size_t n, std::size_t count, unsigned seed) {
  const Kokkos::View<int*> row_map("row_map", n + 1), columns("columns", n * count);
  const auto starts = Kokkos::create_mirror_view(row_map);
  const auto places = Kokkos::create_mirror_view(columns);
  for (std::size_t i = 0; i <= n; ++i) starts(i) = static_cast<int>(i * count);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < count; ++k)
      places(i * count + k) = static_cast<int>((i + 3 * k + k * k % 3) % n);
  Kokkos::deep_copy(row_map, starts);
  Kokkos::deep_copy(columns, places);
  return Sparse(row_map, columns, numbers<T>(n * count, seed), n);
}

template <typename T>
void add_all(Passes& passes, const std::string& scalar) {
  add_fn_and_grad<T>(
      passes, "dense L2 " + scalar, 2,
      [](int i) { return Dense(matrix<T>(768, static_cast<unsigned>(i))); }, L2{0.5});
  add_fn_and_grad<T>(
      passes, "sparse L2 " + scalar, 2,
      [](int i) { return sparse<T>(1 << 14, 16, static_cast<unsigned>(i)); }, L2{0.5});
  const auto a = numbers<T>(1 << 18, 1), b = numbers<T>(1 << 18, 2);
  passes["dot " + scalar] = [=] { detail::dot(Exec{}, a, b); };
  passes["axpby " + scalar] = [=] { detail::axpby(Exec{}, 0.5, a, 0.5, b); };
}

}  // namespace

void add_matrix_passes(Passes& passes) {
  add_all<float>(passes, "float");
  add_all<Kokkos::complex<float>>(passes, "complex<float>");
}

}  // namespace misfit::test
