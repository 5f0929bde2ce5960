// SPDX-License-Identifier: BSD-3-Clause

// Step 8: more ranks than operators. Three forms of one problem give one f and one gradient.

#include "smear.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

using Vector = Kokkos::View<double*>;
constexpr std::size_t n = 600;

static_assert(misfit::SplittableOperator<Smear> && misfit::SlabOperator<Smear>);

void compare() {
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::Communicator ranks(MPI_COMM_WORLD);
  const misfit::DistributedDataFidelity fidelity(misfit::L2(1));
  const auto smear = [](int i) { return Smear(n, 0.1 * i, 0.2); };

  // The same calls in all three forms. This rank's x and gradient have domain_size() entries.
  const auto evaluate = [&](const char* name, const auto& smears) {
    const auto y = smears.measurements([](int i) {
      const Vector all_of_it("y", n);
      Kokkos::deep_copy(all_of_it, 0.5 * i);
      return all_of_it;
    });
    const Vector x("x", smears.domain_size()), gradient("gradient", smears.domain_size());
    Kokkos::deep_copy(exec, x, 2.0);
    const double value = fidelity.fn_and_grad(exec, x, y, smears, gradient);
    if (ranks.rank() == 0) std::printf("%s: f = %.2f", name, value);
    return gradient;
  };
  const auto print = [&](const Vector& gradient, const misfit::DistributionPlan& plan) {
    const auto g = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), gradient);
    if (ranks.rank() == 0)
      std::printf(", gradient at 0, 300, 599: %.2f %.2f %.2f\n%s", g(0), g(300), g(599),
                  plan.text().c_str());
  };

  // Whole operators: with three of them one of four ranks has nothing to do.
  const misfit::DistributedOperator whole(ranks, 3, smear);
  const Vector of_whole = evaluate("whole", whole);
  print(of_whole, whole.plan<double>());

  // Parts of operators, of equal cost; x is whole on every rank as before.
  const misfit::DistributedOperator split(ranks, misfit::Partition::split(3), smear);
  const Vector of_split = evaluate("split", split);
  print(of_split, split.plan<double>());

  // A slab of x on each rank, which gets from its neighbours the entries that it needs of theirs.
  const misfit::Slabs slabs(ranks.native(), {n});
  const misfit::DistributedOperator in_slabs(slabs, 3, smear);
  const Vector of_slab = evaluate("slabs", in_slabs), of_all_slabs("of_all_slabs", n);
  slabs.gather(exec, of_slab, of_all_slabs);
  print(of_all_slabs, in_slabs.plan<double>());
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, compare); }
