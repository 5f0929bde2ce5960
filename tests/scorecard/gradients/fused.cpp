// SPDX-License-Identifier: BSD-3-Clause

// Operators and distances of their own types, which misfit takes in fewer passes.

#include "scorecard/catalogue/linear.hpp"
#include "scorecard/gradients/product.hpp"

namespace misfit::test {

namespace {

template <typename D, typename T>
auto faulty(const D& distance, bool canary) {
  if (canary) return AnyDistance<T>(LongGradient<T>{distance});
  return AnyDistance<T>(distance);
}

template <typename T, typename Make, typename D>
void check_types(Check& check, const std::string& name, Make&& make, const D& distance) {
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const DistributedOperator operators(MPI_COMM_WORLD, 2 * ranks, [&](int i) {
    return make(check.seed() + 100 * static_cast<std::uint64_t>(i));
  });
  const auto x = numbers<T>(check.seed() + 5, operators.domain_size());
  auto y = operators.template allocate_measurements<T>();
  operators.forward(Exec{}, x, y, Scope::local);
  for (const auto& one : y)
    for (std::size_t j = 0; j < one.extent(0); ++j) one(j) = away_from_kinks(one(j), j);
  if (check.canary()) {
    const DistributedDataFidelity fidelity(faulty<D, T>(distance, true));
    check_instance(check, name, fidelity, operators, y, x);
  } else {
    const DistributedDataFidelity fidelity(distance);
    check_instance(check, name, fidelity, operators, y, x);
  }
}

}  // namespace

void check_fused(Check& check) {
  using T = Kokkos::complex<double>;
  const Shape image{5, 6};
  const auto mask = [](std::uint64_t s) { return Mask(numbers<double>(s, 12)); };
  const auto dense = [](std::uint64_t s) { return Dense(matrix<double>(s, 9, 7)); };
  const auto blur = [=](std::uint64_t s) { return Blur(image, matrix<double>(s, 3, 3)); };
  check_types<double>(check, "L2 of masks in one sweep", mask, L2{0.7});
  check_types<double>(check, "Huber of masks in one sweep", mask, Huber{0.6});
  check_types<double>(check, "L2 of matrices by rows", dense, L2{0.7});
  check_types<double>(check, "LogPoisson of matrices by rows", dense, LogPoisson{100, 0.05});
  check_types<double>(check, "L2 of blurs in their own passes", blur, L2{0.7});
  check_types<T>(
      check, "L2 of coils in their own passes",
      [=](std::uint64_t s) { return CoilFourier(image, numbers<T>(s, 30)); }, L2{0.7});
  check_types<double>(
      check, "L2 of Fourier blurs in their own passes",
      [=](std::uint64_t s) { return FourierBlur<double>(image, matrix<double>(s, 3, 3)); },
      L2{0.7});
}

}  // namespace misfit::test
