// SPDX-License-Identifier: BSD-3-Clause

// Distances × operators × types: |f(x + h d) − f(x) − h Re⟨∇f, d⟩| falls with the square of h. The
// figure is the largest |slope − 2| in double; central differences are held to 1e-9, in float to
// 1e-3. Where f is linear along d (L1 of real data) the remainder is rounding, and has no slope.

#include "scorecard/check.hpp"
#include "scorecard/gradients/product.hpp"

#include <misfit/misfit.hpp>

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  misfit::test::Check check(argc, argv);
  for (const auto run : {misfit::test::check_double, misfit::test::check_float,
                         misfit::test::check_complex_double, misfit::test::check_complex_float,
                         misfit::test::check_intensities, misfit::test::check_fused})
    run(check);
  return check.finish();
}
