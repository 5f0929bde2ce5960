// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/reproducible/evaluate.hpp"

namespace misfit::test {

void add_complex_cases(std::vector<Case>& cases) {
  add_scalar<Kokkos::complex<float>>(cases);
  add_scalar<Kokkos::complex<double>>(cases);
#if defined(MISFIT_FOURIER)
  using T = Kokkos::complex<double>;
  add_case<T>(cases, "Fourier transforms", 13, 40 * 33, Launch::full, [](int i) {
    return Fourier(Shape{40, 33}, vector_of<T>(static_cast<std::size_t>(60 + i), 40 * 33));
  });
  add_case<T>(cases, "Fourier transforms with coils", 13, 270, Launch::full, [](int i) {
    return CoilFourier(Shape{15, 18}, vector_of<T>(static_cast<std::size_t>(60 + i), 270),
                       vector_of<double>(static_cast<std::size_t>(80 + i), 270));
  });
#endif
}

}  // namespace misfit::test
