// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/gradients/product.hpp"

namespace misfit::test {

void check_complex_double(Check& check) {
  check_product(check, linear_operators<Kokkos::complex<double>>(), "complex<double>");
}

void check_complex_float(Check& check) {
  check_product(check, linear_operators<Kokkos::complex<float>>(), "complex<float>");
}

void check_intensities(Check& check) {
  check_product(check, intensity_operators(), "complex<double>");
}

}  // namespace misfit::test
