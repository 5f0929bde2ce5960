// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/catalogue/linear.hpp"

namespace misfit::test {

std::vector<NamedOperator<double>> nonlinear_operators() {
  using Seed = std::uint64_t;
  std::vector<NamedOperator<double>> all;
  add<double>(all, "Square", true, [](Seed) { return Square{9}; });
  add<double>(all, "Square of a Dense", true,
              [](Seed s) { return compose(Square{6}, Dense(matrix<double>(s, 6, 8))); });
  add<double>(all, "Dense of a Square", true,
              [](Seed s) { return compose(Dense(matrix<double>(s, 5, 7)), Square{7}); });
  add<double>(all, "scaled Square", true, [](Seed) { return scale(0.4, Square{9}); });
  add<double>(all, "stack of a Square and a Mask", true,
              [](Seed s) { return stack(Square{8}, Mask(numbers<double>(s, 8))); });
  add<double>(all, "slices of a Square", true, [](Seed) { return slice_by_slice(Square{4}, 3); });
  return all;
}

std::vector<NamedOperator<Kokkos::complex<double>, double>> intensity_operators() {
  using Seed = std::uint64_t;
  using T = Kokkos::complex<double>;
  const Shape image{5, 6};
  std::vector<NamedOperator<T, double>> all;
  const auto add_one = [&all](const char* name, auto make) {
    all.push_back({name, [make](Seed s) { return AnyOperator<T, Exec, double>(make(s)); }, true});
  };
  add_one("PhaseRetrieval of a Dense",
          [](Seed s) { return PhaseRetrieval(Dense(matrix<T>(s, 9, 6))); });
  add_one("PhaseRetrieval of a CoilFourier",
          [=](Seed s) { return PhaseRetrieval(CoilFourier(image, numbers<T>(s, 30))); });
  add_one("PhaseRetrieval of a Fourier of a Mask", [=](Seed s) {
    return PhaseRetrieval(compose(Fourier<T>(image), Mask(numbers<T>(s, 30))));
  });
  add_one("Ptychography", [=](Seed s) {
    return Ptychography(image, matrix<T>(s, 3, 3), {{0, 0}, {1, 2}, {2, 3}, {0, 3}});
  });
  add_one("scaled PhaseRetrieval",
          [](Seed s) { return scale(0.5, PhaseRetrieval(Mask(numbers<T>(s, 10)))); });
  return all;
}

}  // namespace misfit::test
