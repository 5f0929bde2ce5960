// SPDX-License-Identifier: BSD-3-Clause
#include "families/blur.hpp"
#include "families/mask.hpp"
#include "families/radon.hpp"
#include "scaling/scaling_problem.hpp"

#include <misfit/slab_part.hpp>

#include <cstddef>
#include <vector>

namespace misfit::bench {

ProblemSizes mask_sizes(const ScalingCase& c) {
  const std::size_t all = static_cast<std::size_t>(c.size) * growth_of(c);
  return {.image = Shape{all},
          .measured = all,
          .entry_bytes = sizeof(double),
          .operator_bytes = all * sizeof(double),
          .work_bytes = 0,
          .splittable = false};
}

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
  return scaling_problem<double>(
      problem, std::max<std::size_t>(problem->x.extent(0), 1), mask_sizes(c),
      [](const auto& p, Call call, double count) { return p.bytes(call, count, 1); });
}

namespace {

ProblemSizes sizes_of_step(const ScalingCase& c, int step) {
  const auto side = static_cast<std::size_t>(c.size);
  const std::size_t rows = side * growth_of(c);
  return {.image = Shape{blur_channels, rows, side},
          .dimension = 1,
          .halo = {blur_taps / 2, blur_taps / 2, true},
          .measured = blurred_pixels(c.size, step) * growth_of(c),
          .entry_bytes = sizeof(float)};
}

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
  return scaling_problem<float>(
      problem, problem->outputs(), sizes_of_step(c, Step),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

}  // namespace

ProblemSizes blur_sizes(const ScalingCase& c) { return sizes_of_step(c, 1); }
ProblemSizes downsampled_blur_sizes(const ScalingCase& c) { return sizes_of_step(c, 2); }
ScalingProblem blurs(const ScalingCase& c, int operators) { return blurs_of_step<1>(c, operators); }
ScalingProblem downsampled_blurs(const ScalingCase& c, int operators) {
  return blurs_of_step<2>(c, operators);
}

namespace {

constexpr int angles = 64;

}  // namespace

ProblemSizes radon_sizes(const ScalingCase& c) {
  const auto side = static_cast<std::size_t>(c.size);
  return {.image = Shape{side, side},
          .measured = angles * rays_across(c.size) * growth_of(c),
          .entry_bytes = sizeof(float),
          .operator_bytes = angles * growth_of(c) * sizeof(detail::RaysOfAngle),
          .cuttable = false};
}

ScalingProblem radons(const ScalingCase& c, int operators) {
  using P = Radons<float>;
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
      problem, problem->outputs(), radon_sizes(c),
      [](const auto& p, Call call, double count) { return p.flops(call, count); });
}

}  // namespace misfit::bench
