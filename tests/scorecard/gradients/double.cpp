// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/gradients/product.hpp"

namespace misfit::test {

void check_double(Check& check) {
  check_product(check, linear_operators<double>(), "double");
  check_product(check, nonlinear_operators(), "double");
}

}  // namespace misfit::test
