// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// linear_operators<T>(), which a file for each T instantiates.

#include "scorecard/catalogue/catalogue.hpp"

#include <misfit/detail/base/scalar.hpp>

#include <initializer_list>
#include <numbers>
#include <utility>

namespace misfit::test {

template <typename T>
Kokkos::View<T*> numbers(std::uint64_t seed, std::size_t n, double low) {
  const Kokkos::View<T*> view("numbers", n);
  const auto next = [&seed] {  // splitmix64
    seed += 0x9e3779b97f4a7c15;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  };
  for (std::size_t j = 0; j < n; ++j) {
    const double real = low + next(), imaginary = low + next();
    view(j) = detail::make_scalar<T>(real, imaginary);
  }
  return view;
}

template <typename T, typename Layout = Kokkos::LayoutRight>
auto matrix(std::uint64_t seed, std::size_t m, std::size_t n) {
  const Kokkos::View<T**, Layout> a("a", m, n);
  const auto entries = numbers<T>(seed, m * n);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) a(i, j) = entries(i * n + j);
  return a;
}

/// Three entries in each of `m` rows.
template <typename T>
auto sparse(std::uint64_t seed, std::size_t m, std::size_t n) {
  const Kokkos::View<std::size_t*> map("map", m + 1);
  const Kokkos::View<int*> columns("columns", 3 * m);
  for (std::size_t i = 0; i < m; ++i) {
    map(i + 1) = 3 * (i + 1);
    for (std::size_t k = 0; k < 3; ++k)
      columns(3 * i + k) = static_cast<int>((5 * i + 7 * k + i * k) % n);
  }
  return Sparse(map, columns, numbers<T>(seed, 3 * m), n);
}

/// Two factors, so that the blur is one along rows and one along columns.
template <typename T>
auto separable_kernel(std::uint64_t seed) {
  const Kokkos::View<T**, Kokkos::LayoutRight> kernel("kernel", 3, 3);
  const auto f = numbers<T>(seed, 6);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) kernel(i, j) = f(i) * f(3 + j);
  return kernel;
}

template <typename T, typename Make>
void add(std::vector<NamedOperator<T>>& all, const char* name, bool keeps_positive, Make make) {
  all.push_back(
      {name, [make](std::uint64_t seed) { return AnyOperator<T>(make(seed)); }, keeps_positive});
}

template <typename T>
void add_matrices(std::vector<NamedOperator<T>>& all) {
  using Seed = std::uint64_t;
  add<T>(all, "Identity", true, [](Seed) { return Identity(12); });
  add<T>(all, "Mask", true, [](Seed s) { return Mask(numbers<T>(s, 12)); });
  add<T>(all, "Mask of booleans", false, [](Seed s) {
    const Kokkos::View<bool*> bits("bits", 40);
    for (std::size_t j = 0; j < 40; ++j) bits(j) = (j * (s % 7 + 3)) % 5 < 3;
    return Mask(bits);
  });
  add<T>(all, "Dense", true, [](Seed s) { return Dense(matrix<T>(s, 9, 7)); });
  add<T>(all, "Dense, by columns", true,
         [](Seed s) { return Dense(matrix<T, Kokkos::LayoutLeft>(s, 5, 8)); });
  add<T>(all, "Sparse", true, [](Seed s) { return sparse<T>(s, 11, 8); });
  add<T>(all, "scale", true, [](Seed s) { return scale(0.3, Dense(matrix<T>(s, 6, 7))); });
  add<T>(all, "compose", true,
         [](Seed s) { return compose(Dense(matrix<T>(s, 6, 12)), Mask(numbers<T>(s + 1, 12))); });
  add<T>(all, "stack", true,
         [](Seed s) { return stack(Mask(numbers<T>(s, 10)), Dense(matrix<T>(s + 1, 4, 10))); });
  add<T>(all, "stack of one type", true, [](Seed s) {
    return stack(std::vector{Mask(numbers<T>(s, 10)), Mask(numbers<T>(s + 1, 10))});
  });
  add<T>(all, "slice_by_slice", true,
         [](Seed s) { return slice_by_slice(Dense(matrix<T>(s, 3, 4)), 3); });
}

template <typename T>
void add_images(std::vector<NamedOperator<T>>& all) {
  using Seed = std::uint64_t;
  using R = detail::Real<T>;
  const Shape image{5, 6};
  for (const auto& [name, padding] : std::initializer_list<std::pair<const char*, Padding>>{
           {"Blur, circular", Padding::circular},
           {"Blur, valid", Padding::valid},
           {"Blur, reflect", Padding::reflect},
           {"Blur, replicate", Padding::replicate}})
    add<T>(all, name, true, [=](Seed s) { return Blur(image, matrix<R>(s, 3, 4), padding); });
  add<T>(all, "Blur, separable", true, [=](Seed s) { return Blur(image, separable_kernel<R>(s)); });
  add<T>(all, "Blur of one dimension", true,
         [](Seed s) { return Blur(Shape{17}, numbers<R>(s, 5)); });
  add<T>(all, "Downsample", true, [=](Seed) { return Downsample(image, {2, 3}); });
  add<T>(all, "Downsample of a Blur", true,
         [=](Seed s) { return compose(Downsample(image, 2), Blur(image, matrix<R>(s, 3, 3))); });
  add<T>(all, "FiniteDifference", false, [=](Seed) { return FiniteDifference(image); });
  add<T>(all, "FiniteDifference of a volume", false,
         [](Seed) { return FiniteDifference(Shape{3, 3, 4}, 2); });
  add<T>(all, "Radon", true,
         [=](Seed) { return Radon(image, {0.0, 0.4, std::numbers::pi / 2, 2.5}, 7); });
  add<T>(all, "Radon of a volume", true,
         [](Seed) { return Radon(Shape{2, 4, 4}, {0.1, 1.9}, 5, 0.9); });
  add<T>(all, "FourierBlur", true,
         [=](Seed s) { return FourierBlur<T>(image, matrix<R>(s, 3, 4)); });
}

template <typename T>
void add_transforms(std::vector<NamedOperator<T>>& all) {
  using Seed = std::uint64_t;
  using R = detail::Real<T>;
  const Shape image{5, 6};
  add<T>(all, "Fourier", false, [=](Seed) { return Fourier<T>(image); });
  add<T>(all, "Fourier from the corner", false,
         [=](Seed) { return Fourier<T>(image, Origin::corner); });
  add<T>(all, "Fourier with a mask", false,
         [=](Seed s) { return Fourier<T, Kokkos::View<R*>>(image, numbers<R>(s, 30)); });
  add<T>(all, "CoilFourier", false, [=](Seed s) { return CoilFourier(image, numbers<T>(s, 30)); });
  add<T>(all, "CoilFourier with a mask", false,
         [=](Seed s) { return CoilFourier(image, numbers<T>(s, 30), numbers<R>(s + 1, 30)); });
  add<T>(all, "NonuniformFourier", false,
         [=](Seed s) { return NonuniformFourier<T>(image, matrix<R>(s, 13, 2)); });
  add<T>(all, "ScannedProbe", false, [=](Seed s) {
    return ScannedProbe(image, matrix<T>(s, 3, 3), {{0, 0}, {1, 2}, {2, 3}, {0, 3}});
  });
  add<T>(all, "Blur with a complex kernel", false,
         [=](Seed s) { return Blur(image, matrix<T>(s, 3, 4)); });
  add<T>(all, "FourierBlur with a complex kernel", false,
         [=](Seed s) { return FourierBlur<T>(image, matrix<T>(s, 3, 4)); });
  add<T>(all, "scale by a complex number", false,
         [](Seed s) { return scale(Kokkos::complex<double>(0.3, -0.8), Mask(numbers<T>(s, 11))); });
  add<T>(all, "Fourier of a Mask", false,
         [=](Seed s) { return compose(Fourier<T>(image), Mask(numbers<T>(s, 30))); });
}

template <typename T>
std::vector<NamedOperator<T>> linear_operators() {
  std::vector<NamedOperator<T>> all;
  add_matrices(all);
  add_images(all);
  if constexpr (detail::is_complex<T>) add_transforms(all);
  return all;
}

}  // namespace misfit::test
