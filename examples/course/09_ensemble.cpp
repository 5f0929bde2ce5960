// SPDX-License-Identifier: BSD-3-Clause

// Step 9: operators that are parallel programs, each run by the ranks of a member of an ensemble.

#include "smear.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

using Vector = Kokkos::View<double*>;
constexpr std::size_t n = 60;

/// A profile that is smeared `steps` times over, in slabs: before each time neighbours exchange the
/// entries at their edges.
class Spread {
 public:
  /// Collective over the ranks of the member.
  Spread(const misfit::Slabs& slabs, const misfit::Halo& halo, int steps)
      : halo_(&halo), smear_(Smear(n, 0.2, 0.2).on_slab(halo.slab())), steps_(steps) {
    slabs.space().agree("Spread", [&] {
      now_ = Vector("now", smear_.range_size()), ghosted_ = Vector("ghosted", halo.extended_size());
    });
  }

  // Those of this rank's piece.
  std::size_t domain_size() const { return smear_.range_size(); }
  std::size_t range_size() const { return smear_.range_size(); }

  void apply(const Smear::Exec& exec, const Smear::In& x, const Smear::Out& y) const {
    Kokkos::deep_copy(exec, y, x);
    for (int step = 0; step < steps_; ++step) {
      halo_->exchange(exec, y, ghosted_);
      smear_.apply(exec, ghosted_, y);
    }
  }

  /// x += A^T y: the adjoints of the same steps, from the last to the first.
  void add_adjoint(const Smear::Exec& exec, const Smear::In& y, const Smear::Out& x) const {
    Kokkos::deep_copy(exec, now_, y);
    for (int step = 0; step < steps_; ++step) {
      Kokkos::deep_copy(exec, ghosted_, 0.0);
      smear_.add_adjoint(exec, now_, ghosted_);
      halo_->accumulate(exec, ghosted_, now_);
    }
    const Vector now = now_;
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Smear::Exec>(exec, 0, x.extent(0)),
        KOKKOS_LAMBDA(const long j) { x(j) += now(j); });
  }

 private:
  const misfit::Halo* halo_;
  Smear smear_;
  int steps_;
  Vector now_, ghosted_;
};

void evaluate() {
  const Smear::Exec exec;
  const misfit::Ensemble ensemble(MPI_COMM_WORLD, {.ranks_per_member = 2});
  const misfit::Slabs slabs(ensemble, {n});
  const misfit::Halo halo(slabs, {.before = 1, .after = 1});

  // Four operators: members 0 and 1 have two each.
  const misfit::DistributedOperator spreads(ensemble, 4,
                                            [&](int i) { return Spread(slabs, halo, 10 * i); });
  const auto check = misfit::check_adjoint(exec, spreads);

  const Vector x("x", slabs.owned_size()), gradient("gradient", slabs.owned_size());
  Kokkos::deep_copy(exec, x, 1.0);
  const auto y = spreads.measurements(exec, spreads.allocate_measurements<double>());
  const misfit::DistributedDataFidelity fidelity(misfit::L2(1));
  const double value = fidelity.fn_and_grad(exec, x, y, spreads, gradient);
  const double length = slabs.norm(exec, gradient);
  if (ensemble.communicator().rank() == 0)
    std::printf("%d members of %d ranks: f = %.3f, |gradient| = %.3f, adjoint %s\n",
                ensemble.size(), ensemble.space().size(), value, length,
                check.passed() ? "passed" : "failed");
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, evaluate); }
