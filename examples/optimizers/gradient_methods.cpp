// SPDX-License-Identifier: BSD-3-Clause

// Methods of a page: FISTA, and projected gradient descent along ordered subsets.

#include "../support/accelerated_gradient.hpp"
#include "methods.hpp"

#include <misfit/subset.hpp>

Run by_accelerated_gradient(const Scan& scan, int passes) {
  Run run("FISTA", scan);
  Counts counts;
  const Tikhonov term{scan.exec, &counts};
  examples::AcceleratedGradient method(scan.exec, scan.start(), scan.step);
  for (int k = 0; k < passes; ++k) {
    const auto z = method.point(), gradient = method.gradient();
    double f = scan.fidelity.fn_and_grad(scan.exec, z, scan.y, scan.projections, gradient);
    term(z, gradient);
    f += Scan::weight / 2 * scan.slabs.dot(scan.exec, z, z);
    run.add(f, counts);
    method.step(scan.exec, f);
  }
  return run;
}

// A step along the gradient of one subset of the operators after another; the length falls as
// 1 / (1 + passes / 20).
Run by_ordered_subsets(const Scan& scan, int passes) {
  constexpr int subsets = 6;
  Run run("ordered subsets", scan);
  Counts counts;
  const Tikhonov term{scan.exec, &counts};
  const misfit::DistributedDataFidelity whole(misfit::LogPoisson{Scan::photons, Scan::attenuation});
  const auto x = scan.start(), gradient = scan.start();
  for (int pass = 0; pass <= passes; ++pass) {
    const double f = run.untimed([&] {
      return whole.fn(scan.exec, x, scan.y, scan.projections) +
             Scan::weight / 2 * scan.slabs.dot(scan.exec, x, x);
    });
    run.add(f, counts);
    if (pass == passes) break;
    const double step = scan.step / (1 + pass / 20.0);
    for (int s = 0; s < subsets; ++s) {
      scan.fidelity.grad(
          scan.exec, x, scan.y, scan.projections, gradient,
          misfit::Subset::ordered(Scan::operators, subsets, s, misfit::Subset::Scale::unbiased));
      term(x, gradient);
      Kokkos::parallel_for(
          "ordered subsets", Kokkos::RangePolicy<Scan::Exec>(scan.exec, 0, x.extent(0)),
          KOKKOS_LAMBDA(const std::size_t j) {
            const double descended = x(j) - step * gradient(j);
            x(j) = descended > 0 ? descended : 0;
          });
    }
  }
  return run;
}
