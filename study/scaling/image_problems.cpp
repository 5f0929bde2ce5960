// SPDX-License-Identifier: BSD-3-Clause
#include "families/blur.hpp"
#include "families/mask.hpp"
#include "families/radon.hpp"
#include "scaling/scaling_problem.hpp"

#include <misfit/slab_part.hpp>

#if defined(MISFIT_FOURIER)
#include "families/fourier.hpp"
#endif

#include <cstddef>
#include <vector>

namespace misfit::bench {

ScalingProblem masks(const ScalingCase& c, int operators) {
  using P = Masks<double>;
  const auto n = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated) return std::make_shared<P>(operators, n, comm_of(c));
    const Slabs slabs = slabs_of(c, Shape{n * growth_of(c)}, 0);
    return in_parts<P>(
        DistributedOperator(slabs, HaloWidth{}, operators, [](int i, const Slab& slab) {
          return SlabPart<Mask<Numbers<double>>>{
              Mask{random_numbers<double>(slab.owned.size(), 10 + static_cast<unsigned>(i))},
              {slab.shape, slab.dimension, slab.owned}};
        }));
  };
  // Bytes are counted by the entries of x that a rank has, so that parts count as whole masks.
  const auto problem = make();
  const std::size_t all = n * growth_of(c);
  return scaling_problem<double>(
      problem, std::max<std::size_t>(problem->x.extent(0), 1),
      {.image = Shape{all},
       .measured = all,
       .operator_bytes = all * sizeof(double),
       .splittable = false},
      [](const auto& p, Call call, double count) { return p.bytes(call, count, 1); });
}

namespace {

template <int Step>
ScalingProblem blurs_of_step(const ScalingCase& c, int operators) {
  using P = Blurs<float>;
  const auto side = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated)
      return std::make_shared<P>(operators, c.size, Step, true, comm_of(c));
    const Shape shape{blur_channels, side * growth_of(c), side};
    const auto factory = [shape](int i) {
      return P::blur_of(shape, Step, blur_kernel<float>(true, i));
    };
    if (c.form == Form::split)
      return in_parts<P>(DistributedOperator(MPI_COMM_WORLD, Partition::split(operators), factory),
                         c.size, Step, true);
    return in_parts<P>(DistributedOperator(slabs_of(c, shape, 1), operators, factory), c.size, Step,
                       true);
  };
  const auto problem = make();
  const std::size_t rows = side * growth_of(c);
  return scaling_problem<float>(
      problem, problem->outputs(),
      {.image = Shape{blur_channels, rows, side},
       .dimension = 1,
       .halo = {blur_taps / 2, blur_taps / 2, true},
       .measured = problem->outputs() * growth_of(c)},
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

}  // namespace

ScalingProblem blurs(const ScalingCase& c, int operators) { return blurs_of_step<1>(c, operators); }
ScalingProblem downsampled_blurs(const ScalingCase& c, int operators) {
  return blurs_of_step<2>(c, operators);
}

ScalingProblem radons(const ScalingCase& c, int operators) {
  using P = Radons<float>;
  constexpr int angles = 64;
  const auto side = static_cast<std::size_t>(c.size);
  const auto make = [&] {
    if (c.form == Form::replicated)
      return std::make_shared<P>(operators, c.size, angles, comm_of(c));
    const int each = angles * static_cast<int>(growth_of(c));
    return in_parts<P>(
        DistributedOperator(MPI_COMM_WORLD, split_of(operators, static_cast<std::size_t>(each)),
                            [=](int i, const Rows& rows) {
                              const auto all = P::angles_of(i, operators, each);
                              return Radon<>(
                                  Shape{side, side},
                                  std::vector<double>(
                                      all.begin() + static_cast<std::ptrdiff_t>(rows.begin),
                                      all.begin() + static_cast<std::ptrdiff_t>(rows.end)));
                            }),
        c.size, angles);
  };
  const auto problem = make();
  return scaling_problem<float>(
      problem, problem->outputs(),
      {.image = Shape{side, side},
       .measured = problem->outputs() * growth_of(c),
       .cuttable = false},
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

#if defined(MISFIT_FOURIER)
ScalingProblem coils(const ScalingCase& c, int operators) {
  using Complex = Kokkos::complex<float>;
  const auto side = static_cast<std::size_t>(c.size);
  return scaling_problem<Complex>(
      std::make_shared<Coils<Complex>>(operators, side, comm_of(c)), side * side,
      {.image = Shape{side, side},
       .measured = side * side,
       .operator_bytes = side * side * sizeof(Complex),
       .splittable = false,
       .cuttable = false},
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

#endif

}  // namespace misfit::bench
