// SPDX-License-Identifier: BSD-3-Clause
#include "families/blur.hpp"
#include "families/radon.hpp"
#include "scaling/scaling_problem.hpp"

#if defined(MISFIT_FOURIER)
#include "families/fourier.hpp"

#include <misfit/operators/slice_by_slice.hpp>
#endif

#include <cstddef>
#include <utility>

namespace misfit::bench {
namespace {

constexpr int angles = 64;

/// (slice, row, column); in a weak series the slices grow.
Shape volume_of(const ScalingCase& c) {
  const auto side = static_cast<std::size_t>(c.size);
  return {side * growth_of(c), side, side};
}

/// `outputs` of an operator on one rank, which takes `flops` operations to apply.
template <typename T, typename Factory>
ScalingProblem volumes(const ScalingCase& c, int operators, std::size_t outputs,
                       const ProblemSizes& sizes, double flops, const Factory& factory) {
  const auto problem_of = [&](auto made) {
    using P = Problem<typename decltype(made)::operator_type, T>;
    return scaling_problem<T>(std::make_shared<P>(std::move(made)), outputs, sizes,
                              [flops](const P&, Call call, double count) {
                                return (call == Call::fn ? 1 : 2) * flops * count;
                              });
  };
  if (c.form == Form::replicated)
    return problem_of(DistributedOperator(comm_of(c), operators, factory));
  if (c.form == Form::split)
    return problem_of(DistributedOperator(MPI_COMM_WORLD, Partition::split(operators), factory));
  return problem_of(DistributedOperator(slabs_of(c, volume_of(c), 0), operators, factory));
}

}  // namespace

ProblemSizes radon_volume_sizes(const ScalingCase& c) {
  const Shape shape = volume_of(c);
  return {.image = shape,
          .measured = shape[0] * angles * rays_across(c.size),
          .entry_bytes = sizeof(float)};
}

ScalingProblem radon_volumes(const ScalingCase& c, int operators) {
  const double side = c.size;
  return volumes<float>(c, operators,
                        static_cast<std::size_t>(c.size) * angles * rays_across(c.size),
                        radon_volume_sizes(c), 2 * side * radon_pairs(side * side, angles),
                        [shape = volume_of(c), operators](int i) {
                          return Radon<>(shape, Radons<float>::angles_of(i, operators, angles));
                        });
}

namespace {

/// Voxels of a blurred volume that are kept, of `slices` slices.
std::size_t kept_voxels(const ScalingCase& c, std::size_t slices) {
  const std::size_t side = (static_cast<std::size_t>(c.size) + 1) / 2;
  return (slices + 1) / 2 * side * side;
}

/// Of random numbers, which are not separable.
Blur<float> volume_blur(const Shape& shape, int i) {
  const auto extent = static_cast<std::size_t>(blur_taps);
  const Kokkos::View<float***, Kokkos::LayoutRight> kernel("kernel", extent, extent, extent);
  detail::fill_random(Exec{}, Numbers<float>(kernel.data(), kernel.size()),
                      10 + static_cast<unsigned>(i));
  return compose(Downsample(shape, 2), Blur(shape, kernel, Padding::replicate));
}

}  // namespace

ProblemSizes blur_volume_sizes(const ScalingCase& c) {
  const Shape shape = volume_of(c);
  return {.image = shape,
          .halo = {blur_taps / 2, blur_taps / 2},
          .measured = kept_voxels(c, shape[0]),
          .entry_bytes = sizeof(float)};
}

ScalingProblem blur_volumes(const ScalingCase& c, int operators) {
  const std::size_t outputs = kept_voxels(c, static_cast<std::size_t>(c.size));
  const double flops = 2.0 * blur_taps * blur_taps * blur_taps * static_cast<double>(outputs);
  return volumes<float>(c, operators, outputs, blur_volume_sizes(c), flops,
                        [shape = volume_of(c)](int i) { return volume_blur(shape, i); });
}

#if defined(MISFIT_FOURIER)
ProblemSizes coil_volume_sizes(const ScalingCase& c) {
  using Complex = Kokkos::complex<float>;
  const Shape shape = volume_of(c);
  return {.image = shape,
          .measured = shape.size(),
          .entry_bytes = sizeof(Complex),
          .operator_bytes = shape[1] * shape[2] * sizeof(Complex)};
}

ScalingProblem coil_volumes(const ScalingCase& c, int operators) {
  using Complex = Kokkos::complex<float>;
  const Shape shape = volume_of(c), slice{shape[1], shape[2]};
  const double flops = c.size * transform_flops(slice.size(), false);
  const auto mask = random_numbers<float>(slice.size(), 10);
  return volumes<Complex>(c, operators, static_cast<std::size_t>(c.size) * slice.size(),
                          coil_volume_sizes(c), flops, [=](int i) {
                            const auto coil = random_numbers<Complex>(
                                slice.size(), 20 + static_cast<unsigned>(i));
                            return slice_by_slice(CoilFourier(slice, coil, mask), shape[0]);
                          });
}
#endif

}  // namespace misfit::bench
