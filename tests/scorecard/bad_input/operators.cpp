// SPDX-License-Identifier: BSD-3-Clause

// What operators are made of: each wrong one in a factory of whole operators, in one of operators
// that are split, and on its own.

#include "scorecard/bad_input/case.hpp"
#include "scorecard/bad_input/problem.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace misfit::test {

namespace {

using Complex = Kokkos::complex<double>;
using Matrix = Kokkos::View<double**, Kokkos::LayoutRight>;
using ComplexMatrix = Kokkos::View<Complex**, Kokkos::LayoutRight>;

/// An operator that cannot be made, and what is said.
struct BadOperator {
  std::string name, words;
  std::function<void()> make;
};
using BadOperators = std::vector<BadOperator>;

constexpr std::size_t huge = std::size_t{1} << 40;
const double bad_numbers[] = {NAN, INFINITY, -INFINITY};

template <typename T>
Kokkos::View<T*> filled(std::vector<T> numbers) {
  const Kokkos::View<T*> view("numbers", numbers.size());
  for (std::size_t j = 0; j < numbers.size(); ++j) view(j) = numbers[j];
  return view;
}

Matrix matrix(std::size_t m, std::size_t n, double first = 1) {
  const Matrix a("a", m, n);
  Kokkos::deep_copy(a, 0.5);
  if (a.size() > 0) a(0, 0) = first;
  return a;
}
ComplexMatrix probe(std::size_t m, std::size_t n, double first = 1) {
  const ComplexMatrix a("a", m, n);
  Kokkos::deep_copy(a, Complex(0.5, 0.5));
  if (a.size() > 0) a(0, 0) = Complex(0, first);
  return a;
}

void add_shapes(BadOperators& all) {
  all.push_back({"Shape with an extent of 0", "shape: ", [] { Shape{4, 0, 3}; }});
  all.push_back({"Shape of 2^120 entries", "too large", [] { Shape{huge, huge, huge}; }});
  all.push_back({"Shape of 2^64 + 2^32", "too large",
                 [] { Shape{(std::size_t{1} << 32) + 1, std::size_t{1} << 32}; }});
  all.push_back({"Shape of 5 dimensions", "shape: has 5 extents", [] { Shape{1, 1, 1, 1, 1}; }});
  all.push_back({"FiniteDifference of more than can be counted", "too large",
                 [] { FiniteDifference(Shape{huge / 4, huge / 16384}); }});
  all.push_back({"FiniteDifference along 3 of 2", "FiniteDifference",
                 [] { FiniteDifference(Shape{3, 3}, 3); }});
  all.push_back({"FiniteDifference along none", "FiniteDifference",
                 [] { FiniteDifference(Shape{3, 3}, 0); }});
  all.push_back({"Downsample by 0", "Downsample: factor", [] { Downsample(Shape{4, 4}, 0); }});
  all.push_back({"Downsample of 3 of 2 dimensions", "Downsample",
                 [] { Downsample(Shape{4, 4}, {2, 2, 2}); }});
}

void add_matrices(BadOperators& all) {
  all.push_back({"Mask without entries", "Mask: diagonal", [] { Mask(Signal("m", 0)); }});
  using Map = Kokkos::View<std::size_t*>;
  const auto sparse = [&all](const char* name, const char* words, std::vector<std::size_t> map,
                             std::vector<int> columns, std::vector<double> values) {
    all.push_back({std::string("Sparse, ") + name, words,
                   [=] { Sparse(Map(filled(map)), filled(columns), filled(values), 3); }});
  };
  sparse("rows that start at 1", "row_map", {1, 2, 3}, {0, 2, 1}, {1, 1, 1});
  sparse("rows that fall", "row_map", {0, 2, 1, 3}, {0, 2, 1}, {1, 1, 1});
  sparse("rows that end late", "row_map", {0, 2, 9}, {0, 2, 1}, {1, 1, 1});
  sparse("a column behind the last", "columns", {0, 2, 3}, {0, 3, 1}, {1, 1, 1});
  sparse("a negative column", "columns", {0, 2, 3}, {0, -1, 1}, {1, 1, 1});
  sparse("too few columns", "columns", {0, 2, 3}, {0, 1}, {1, 1, 1});
  for (const double number : bad_numbers) {
    const std::string text = std::to_string(number);
    sparse(("a value " + text).c_str(), "values", {0, 2, 3}, {0, 2, 1}, {1, number, 1});
    all.push_back({"Dense with " + text, "Dense", [=] { Dense(matrix(2, 3, number)); }});
    all.push_back({"Mask with " + text, "Mask", [=] { Mask(filled<double>({1, number})); }});
    all.push_back({"scale by " + text, "Scale: factor", [=] { scale(number, Identity(3)); }});
  }
}

void add_images(BadOperators& all) {
  const Shape image{6, 5};
  all.push_back({"Blur without a kernel", "kernel", [=] { Blur(image, matrix(0, 3)); }});
  all.push_back(
      {"FourierBlur without a kernel", "kernel", [=] { FourierBlur(image, matrix(0, 3)); }});
  all.push_back({"FourierBlur with too large a kernel", "kernel",
                 [=] { FourierBlur(image, matrix(70, 30)); }});
  all.push_back({"Blur with too large a kernel", "kernel",
                 [=] { Blur(image, matrix(7, 3), Padding::valid); }});
  all.push_back({"Blur of fewer dimensions than its kernel", "kernel",
                 [=] { Blur(Shape{6}, matrix(3, 3)); }});
  for (const double number : bad_numbers) {
    const std::string text = std::to_string(number);
    all.push_back({"Blur with " + text, "kernel", [=] { Blur(image, matrix(3, 3, number)); }});
    all.push_back(
        {"FourierBlur with " + text, "kernel", [=] { FourierBlur(image, matrix(3, 3, number)); }});
    all.push_back({"Radon at angle " + text, "Radon: angle", [=] { Radon(image, {0, number}); }});
    all.push_back({"Radon of spacing " + text, "Radon: spacing",
                   [=] { Radon(image, {0.0, 1.0}, 5, number); }});
    all.push_back({"Radon with offset " + text, "Radon",
                   [=] { Radon(image, {0.0, 1.0}, 5, 1.0, {.detector = {number}}); }});
  }
  all.push_back({"Radon of one dimension", "Radon", [] { Radon(Shape{6}, {0.0}); }});
  all.push_back({"Radon without angles", "Radon: there are no angles", [=] { Radon(image, {}); }});
  all.push_back(
      {"Radon without rays", "Radon: there are no rays", [=] { Radon(image, {0.0}, 0); }});
  all.push_back({"Radon of spacing 0", "Radon: spacing", [=] { Radon(image, {0.0}, 5, 0.0); }});
  all.push_back({"Radon of spacing -1", "Radon: spacing", [=] { Radon(image, {0.0}, 5, -1.0); }});
  all.push_back({"Radon with two offsets for three angles", "Radon: the detector",
                 [=] { Radon(image, {0.0, 1.0, 2.0}, 5, 1.0, {.detector = {0, 0}}); }});
}

void add_fourier(BadOperators& all) {
  const Shape image{6, 5};
  all.push_back({"Fourier with a mask of another size", "Fourier",
                 [=] { Fourier<Complex, Signal>(image, signal(1, 29)); }});
  all.push_back({"CoilFourier with a coil of another size", "CoilFourier",
                 [=] { CoilFourier(image, Kokkos::View<Complex*>("c", 31)); }});
  const auto nonuniform = [](const Shape& shape, std::size_t samples, double first) {
    NonuniformFourier<Complex>(shape, matrix(samples, 2, first));
  };
  all.push_back({"NonuniformFourier of 3 dimensions", "NonuniformFourier",
                 [=] { nonuniform({3, 4, 5}, 3, 0.1); }});
  all.push_back({"NonuniformFourier without samples", "NonuniformFourier",
                 [=] { nonuniform(image, 0, 0.1); }});
  const auto scan = [image](std::size_t rows, std::vector<ScanPosition> positions, double first) {
    Ptychography(image, probe(rows, 2, first), positions);
  };
  all.push_back({"Ptychography without positions", "positions", [=] { scan(2, {}, 1); }});
  all.push_back({"Ptychography without a probe", "probe", [=] { scan(0, {{0, 0}}, 1); }});
  all.push_back(
      {"Ptychography before the object", "position", [=] { scan(2, {{0, 0}, {-1, 0}}, 1); }});
  all.push_back(
      {"Ptychography behind the object", "position", [=] { scan(2, {{0, 0}, {5, 0}}, 1); }});
  all.push_back(
      {"Ptychography at 2^62", "position", [=] { scan(2, {{std::int64_t{1} << 62, 0}}, 1); }});
  for (const double number : bad_numbers) {
    const std::string text = std::to_string(number);
    all.push_back({"NonuniformFourier at " + text, "NonuniformFourier: frequency",
                   [=] { nonuniform(image, 3, number); }});
    all.push_back({"Ptychography with " + text, "probe", [=] { scan(2, {{0, 0}}, number); }});
    all.push_back({"Fourier with a mask of " + text, "Fourier", [=] {
                     const Signal mask = signal(1, 30);
                     mask(7) = number;
                     Fourier<Complex, Signal>(image, mask);
                   }});
  }
}

void add_combinations(BadOperators& all) {
  using Any = AnyOperator<double>;
  all.push_back({"compose of sizes that differ", "Compose: outer takes",
                 [] { compose(Identity(3), Identity(4)); }});
  all.push_back({"stack of domains that differ", "Stack: operator 1",
                 [] { stack(Identity(3), Identity(4)); }});
  all.push_back(
      {"stack of none", "Stack: there are no operators", [] { stack(std::vector<Identity>()); }});
  all.push_back({"slices of none", "SliceBySlice: there are no slices",
                 [] { slice_by_slice(Identity(3), 0); }});
  all.push_back({"slices that differ", "SliceBySlice: operator 1",
                 [] { slice_by_slice(std::vector<Identity>{Identity(3), Identity(4)}); }});
  all.push_back(
      {"2^63 slices", "SliceBySlice", [] { slice_by_slice(Identity(8), std::size_t{1} << 61); }});
  all.push_back({"AnyOperator that was moved from", "AnyOperator: it is empty", [] {
                   Any one = Identity(3);
                   const Any other = std::move(one);
                   one.domain_size();  // NOLINT(bugprone-use-after-move): on purpose
                 }});
}

BadOperators bad_operators() {
  BadOperators all;
  add_shapes(all);
  add_matrices(all);
  add_images(all);
  add_fourier(all);
  add_combinations(all);
  return all;
}

}  // namespace

void add_operators(Cases& cases) {
  const auto problem = problems().front();
  const int n = 2 * world_size();
  for (const auto& bad_one : bad_operators()) {
    const auto make = [make = bad_one.make](bool bad) {
      if (bad) make();
      return AnyOperator<double>(Mask(signal(1, 5)));
    };
    Case one;
    one.words = bad_one.words;
    one.right = [problem] { return problem->right(); };
    one.name = bad_one.name;
    one.call = [problem, make](bool bad) {
      problem->operators->communicator().agree("make", [&] { make(bad); });
    };
    cases.push_back(one);
    one.name = bad_one.name + ", an operator";
    one.call = [make, n](bool bad) {
      DistributedOperator(MPI_COMM_WORLD, n, [&](int) { return make(bad); });
    };
    cases.push_back(one);
    one.name = bad_one.name + ", an operator that is split";
    one.call = [make, n](bool bad) {
      DistributedOperator(MPI_COMM_WORLD, Partition::split(n), [&](int) { return make(bad); });
    };
    cases.push_back(std::move(one));
  }
}

}  // namespace misfit::test
