// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/gradients/product.hpp"

namespace misfit::test {

void check_float(Check& check) { check_product(check, linear_operators<float>(), "float"); }

}  // namespace misfit::test
