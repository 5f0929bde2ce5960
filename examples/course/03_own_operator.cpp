// SPDX-License-Identifier: BSD-3-Clause

// Step 3: an operator of one's own, smear.hpp, and what misfit checks of it.

#include "smear.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

/// The same with a mistake that is soon made: the adjoint sets x instead of adding to it.
struct Forgetful : Smear {
  void add_adjoint(const Exec& exec, const In& y, const Out& x) const {
    Kokkos::deep_copy(exec, x, 0.0);
    Smear::add_adjoint(exec, y, x);
  }
};

static_assert(misfit::LinearOperator<Smear>);

const char* verdict(const misfit::CheckResult& result) {
  return result.passed() ? "passed" : "failed";
}

void check() {
  const Kokkos::DefaultExecutionSpace exec;
  const Smear smear(12, 0.2, 0.1);

  // Six of them over the ranks, as the masks of step 2: each alone, and the sum over ranks.
  const misfit::DistributedOperator instruments(MPI_COMM_WORLD, 6,
                                                [&](int i) { return Smear(12, 0.05 * i, 0.1); });
  const auto of_all = misfit::check_adjoint(exec, instruments);
  if (instruments.communicator().rank() > 0) return;

  std::printf("Smear        %s\n", verdict(misfit::check_adjoint(exec, smear)));
  std::printf("six of them  %s\n", verdict(of_all));
  const auto result = misfit::check_adjoint(exec, Forgetful{smear});
  std::printf("Forgetful    %s\n%s\n", verdict(result), result.text().c_str());
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, check); }
