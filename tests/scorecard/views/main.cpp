// SPDX-License-Identifier: BSD-3-Clause

// Types and places of Views × arguments × calls: each gives the bits that contiguous copies give
// and writes nothing beside its Views, or is refused by an ArgumentError.

#include "scorecard/check.hpp"
#include "scorecard/views/views.hpp"

#include <misfit/misfit.hpp>

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  misfit::test::Check check(argc, argv);
  if (!check.canary()) misfit::test::check_edges(check);  // which ignore no stride
  misfit::test::check_vectors(check);
  if (!check.quick()) {
    misfit::test::check_batches(check);
    misfit::test::check_scalars(check);
  }
  return check.finish();
}
