// SPDX-License-Identifier: BSD-3-Clause
#include "acquisitions.hpp"
#include "results.hpp"
#include "tasks.hpp"

#include <cstdio>

namespace brain {

void describe(const Options& options, const Volume& truth) {
  const misfit::Shape& shape = truth.shape;
  const misfit::Shape sampled = acquisition_shape(shape);
  std::printf("Image: %s\n", options.image.c_str());
  std::printf("  %s voxels (z, y, x) of %.3g x %.3g x %.3g mm%s, scaled to [0, 1]\n",
              shape.text().c_str(), truth.spacing[0], truth.spacing[1], truth.spacing[2],
              options.quick ? " (--quick: means of 2 x 2 x 2 of the file's)" : "");
  std::printf(
      "Acquisitions: %d of %s voxels, each with its own oriented %d x %d x %d Gaussian blur\n"
      "  (deviation %.2g voxels along, %.2g across), every 2nd voxel, noise of deviation %.2g\n",
      count, sampled.text().c_str(), taps, taps, taps, long_axis, short_axis, noise);
  std::printf("  %zu unknowns, %zu measured numbers\n", shape.size(), count * sampled.size());

  if (options.output.empty()) return;
  std::vector<float> kernels;
  for (int i = 0; i < count; ++i) {
    const Kernel one = kernel(i);
    kernels.insert(kernels.end(), one.data(), one.data() + one.size());
  }
  constexpr auto extent = static_cast<std::size_t>(taps);
  write_npy(options.output + "/kernels.npy", {count, extent, extent, extent}, kernels);
  write_json(options.output + "/problem.json",
             {{"image", options.image},
              {"volume", options.volume < 0 ? Json() : Json(options.volume)},
              {"quick", options.quick},
              {"shape_zyx", {shape[0], shape[1], shape[2]}},
              {"spacing_zyx_mm", truth.spacing},
              {"acquisitions", count},
              {"acquisition_shape_zyx", {sampled[0], sampled[1], sampled[2]}},
              {"kernel_extent", taps},
              {"blur_deviation_along_voxels", long_axis},
              {"blur_deviation_across_voxels", short_axis},
              {"noise_deviation", noise},
              {"versions", versions()}});
}

}  // namespace brain
