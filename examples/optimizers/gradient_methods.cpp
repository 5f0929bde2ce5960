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
  const auto z = method.point(), gradient = method.gradient();
  const auto add = [&] {  // the method has f of z alone, which need not be >= 0
    run.add(run.untimed([&] { return scan.objective(method.solution()); }), counts);
  };
  add();
  for (int k = 0; k < passes; ++k) {
    double f = scan.fidelity.fn_and_grad(scan.exec, z, scan.y, scan.projections, gradient);
    term(z, gradient);
    f += Scan::weight / 2 * scan.slabs.dot(scan.exec, z, z);
    method.step(scan.exec, f);
    add();
  }
  return run;
}

// A step along the gradient of one subset of the operators after another; the length falls as
// 1 / (1 + passes / 20).
Run by_ordered_subsets(const Scan& scan, int passes) {
  Run run("ordered subsets", scan);
  Counts of_subsets;
  const Tikhonov term{scan.exec, &of_subsets};
  const auto x = scan.start(), gradient = scan.start();
  for (int pass = 0; pass <= passes; ++pass) {
    run.add(run.untimed([&] { return scan.objective(x); }),
            {of_subsets.evaluations / Scan::subsets, 0});
    if (pass == passes) break;
    const double step = scan.step / (1 + pass / 20.0);
    for (int s = 0; s < Scan::subsets; ++s) {
      scan.fidelity.grad(scan.exec, x, scan.y, scan.projections, gradient,
                         misfit::Subset::ordered(Scan::operators, Scan::subsets, s,
                                                 misfit::Subset::Scale::unbiased));
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
