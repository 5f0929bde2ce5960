// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Both directions of a projection as gathers: a thread owns what it writes, and reads what meets
// it, with the weights of RaysOfAngle. Where a pixel or a ray next to the edge is looked for, its
// index is moved inside and the weight, computed for where it is, becomes 0 by itself: no branch.
// Everything is summed in double, in an order that the sizes alone fix.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/distances/residual.hpp>
#include <misfit/detail/projection/rays.hpp>
#include <misfit/detail/sums/lanes.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace misfit::detail {

/// How many rays, or pixels of a row, one thread of a CPU takes at once.
inline constexpr int projection_block = 128;

/// What a ray meets in one row or column: the two pixels beside it, at distances t and t + major.
template <typename T>
KOKKOS_FORCEINLINE_FUNCTION Wide<T> meet(const RaysOfAngle& rays, double t, double major,
                                         const T& near, const T& far) {
  return rays.weight(t) * static_cast<Wide<T>>(near) +
         rays.weight(t + major) * static_cast<Wide<T>>(far);
}

/// Adds to sums[l] what the rays first + l of a flat angle meet in the rows of `image`.
template <typename T>
void add_flat_rays(const ProjectionSizes& sizes, const RaysOfAngle& rays, const T* image, int first,
                   int count, Wide<T>* sums) {
  const double last = static_cast<double>(sizes.columns - 1);
  const double most = std::max(last - 1, 0.0);
  const int other = sizes.columns > 1 ? 1 : 0;
  const double major = other ? rays.a : HUGE_VAL;  // with one column there is no second pixel
  const RaysOfAngle r = rays;
  for (std::int64_t y = 0; y < sizes.rows; ++y) {
    const T* const row = image + y * sizes.columns;
    const double b = r.e * static_cast<double>(y) + r.o - first;
    const double left = std::min(b, b + r.a * last) - r.half_width;
    const double right = std::max(b, b + r.a * last) + r.half_width;
    const int begin = static_cast<int>(std::clamp(left, 0.0, static_cast<double>(count)));
    const int end = static_cast<int>(std::clamp(right + 1, 0.0, static_cast<double>(count)));
    for_range(begin, end, [=](int l) {
      const double from = b - l;
      const std::int32_t x = floor_within(-from * r.inverse, most);
      sums[l] += meet(r, r.a * x + from, major, row[x], row[x + other]);
    });
  }
}

/// What ray k of a steep angle meets in the columns of `image`.
template <typename T>
[[gnu::flatten]] Wide<T> sum_of_steep_ray(const ProjectionSizes& sizes, const RaysOfAngle& rays,
                                          const T* image, int k) {
  constexpr int width = 16;
  const double most = std::max(static_cast<double>(sizes.rows - 2), 0.0);
  const auto columns = static_cast<std::int32_t>(sizes.columns);
  const std::int32_t other = sizes.rows > 1 ? columns : 0;
  const double major = other ? rays.e : HUGE_VAL;
  const RaysOfAngle r = rays;
  const double b = r.o - k;
  Wide<T> sums[width] = {};
  const auto add = [&](std::int32_t x, Wide<T>& sum) {
    const double from = r.a * x + b;
    const std::int32_t y = floor_within(-from * r.inverse, most);
    const std::int32_t j = y * columns + x;
    sum += meet(r, r.e * y + from, major, image[j], image[j + other]);
  };
  // Columns in which the ray has left the image add nothing.
  double begin = 0, end = columns;
  const double reach = r.half_width, top = r.e * static_cast<double>(sizes.rows - 1);
  const double low = -b - std::max(top, 0.0) - reach, high = -b - std::min(top, 0.0) + reach;
  if (r.a != 0) {
    begin = std::clamp(std::min(low / r.a, high / r.a) - 1, 0.0, end);
    end = std::clamp(std::max(low / r.a, high / r.a) + 2, begin, end);
  }
  auto x = static_cast<std::int32_t>(begin);
  const auto stop = static_cast<std::int32_t>(end);
  for (; x + width <= stop; x += width) for_lanes<width>([&](int l) { add(x + l, sums[l]); });
  for (; x < stop; ++x) add(x, sums[0]);
  return sum_of_lanes<width>(sums);
}

/// y = A x on a CPU; a thread takes a block of rays of one angle and slice.
template <typename Exec, typename T>
void project_by_blocks(const Exec& exec, const ProjectionSizes& sizes, const RaysOfAngle* angles,
                       const T* x, T* y) {
  const std::int64_t blocks = (sizes.rays + projection_block - 1) / projection_block;
  for_indices(exec, "misfit::Radon::apply",
              static_cast<std::size_t>(sizes.slices * sizes.angles * blocks),
              [=](const std::int64_t task) {
                const std::int64_t line = task / blocks, first = task % blocks * projection_block;
                const RaysOfAngle& rays = angles[line % sizes.angles];
                const T* const image = x + line / sizes.angles * sizes.rows * sizes.columns;
                T* const out = y + line * sizes.rays + first;
                const int count =
                    static_cast<int>(std::min<std::int64_t>(projection_block, sizes.rays - first));
                Wide<T> sums[projection_block] = {};
                if (rays.steep)
                  for (int l = 0; l < count; ++l)
                    sums[l] = sum_of_steep_ray(sizes, rays, image, static_cast<int>(first) + l);
                else
                  add_flat_rays(sizes, rays, image, static_cast<int>(first), count, sums);
                for (int l = 0; l < count; ++l) out[l] = static_cast<T>(rays.length * sums[l]);
              });
}

/// Adds to sums[l] what the pixels first + l of one row get from the rays of one angle; Taps is
/// their number a pixel, or 0 for any.
template <int Taps, typename T>
void add_rays_of_row(const ProjectionSizes& sizes, const RaysOfAngle& rays, std::int64_t row,
                     const T* projection, int first, int count, Wide<T>* sums) {
  const RaysOfAngle r = rays;
  const int taps = Taps > 0 ? Taps : r.taps;
  const double most = static_cast<double>(sizes.rays - taps);
  const double b = r.e * static_cast<double>(row) + r.o + r.a * first;
  const double lowest = 1 - r.half_width;
  for_range(0, count, [=](int l) {
    const double v = b + r.a * l;
    const std::int32_t k = floor_within(v + lowest, most);
    if constexpr (Taps == 2) {
      sums[l] += r.length * (r.weight(v - k) * static_cast<Wide<T>>(projection[k]) +
                             r.weight(v - k - 1) * static_cast<Wide<T>>(projection[k + 1]));
    } else {
      Wide<T> sum = 0;
      for (int tap = 0; tap < taps; ++tap)
        sum += r.weight(v - k - tap) * static_cast<Wide<T>>(projection[k + tap]);
      sums[l] += r.length * sum;
    }
  });
}

/// x += A^T y on a CPU; a thread takes a block of one row.
template <typename Exec, typename T>
void back_project_by_blocks(const Exec& exec, const ProjectionSizes& sizes,
                            const RaysOfAngle* angles, const T* y, T* x) {
  const std::int64_t blocks = (sizes.columns + projection_block - 1) / projection_block;
  for_indices(
      exec, "misfit::Radon::add_adjoint",
      static_cast<std::size_t>(sizes.slices * sizes.rows * blocks), [=](const std::int64_t task) {
        const std::int64_t line = task / blocks, first = task % blocks * projection_block;
        const std::int64_t row = line % sizes.rows;
        const T* projection = y + line / sizes.rows * sizes.angles * sizes.rays;
        T* const out = x + line * sizes.columns + first;
        const int count =
            static_cast<int>(std::min<std::int64_t>(projection_block, sizes.columns - first));
        Wide<T> sums[projection_block] = {};
        for (std::int64_t i = 0; i < sizes.angles; ++i, projection += sizes.rays) {
          const auto start = static_cast<int>(first);
          if (angles[i].taps == 2)
            add_rays_of_row<2>(sizes, angles[i], row, projection, start, count, sums);
          else
            add_rays_of_row<0>(sizes, angles[i], row, projection, start, count, sums);
        }
        for (int l = 0; l < count; ++l) out[l] += static_cast<T>(sums[l]);
      });
}

/// y = A x; a thread takes one ray.
template <typename Exec, typename T>
void project(const Exec& exec, const ProjectionSizes& sizes, const RaysOfAngle* angles, const T* x,
             T* y) {
  for_indices(
      exec, "misfit::Radon::apply::rays",
      static_cast<std::size_t>(sizes.slices * sizes.angles * sizes.rays),
      KOKKOS_LAMBDA(const std::int64_t j) {
        const std::int64_t line = j / sizes.rays;
        const RaysOfAngle r = angles[line % sizes.angles];
        const T* const image = x + line / sizes.angles * sizes.rows * sizes.columns;
        const double k = static_cast<double>(j % sizes.rays);
        // Along the ray run columns where it is steep, else rows; across it the others.
        const std::int64_t along = r.steep ? sizes.columns : sizes.rows;
        const std::int64_t across = r.steep ? sizes.rows : sizes.columns;
        const std::int64_t step_along = r.steep ? 1 : sizes.columns;
        const std::int64_t step_across = r.steep ? sizes.columns : 1;
        const double minor = r.steep ? r.a : r.e, major = r.steep ? r.e : r.a;
        const double most = across > 1 ? static_cast<double>(across - 2) : 0.0;
        const std::int64_t other = across > 1 ? step_across : 0;
        const double to_other = across > 1 ? major : HUGE_VAL;
        Wide<T> sum = 0;
        for (std::int64_t p = 0; p < along; ++p) {
          const double from = minor * static_cast<double>(p) + (r.o - k);
          const std::int32_t q = floor_within(-from * r.inverse, most);
          const T* const pixel = image + p * step_along + q * step_across;
          sum += meet(r, major * q + from, to_other, pixel[0], pixel[other]);
        }
        y[j] = static_cast<T>(r.length * sum);
      });
}

/// x += A^T y; a thread takes one pixel.
template <typename Exec, typename T>
void back_project(const Exec& exec, const ProjectionSizes& sizes, const RaysOfAngle* angles,
                  const T* y, T* x) {
  for_indices(
      exec, "misfit::Radon::add_adjoint::pixels",
      static_cast<std::size_t>(sizes.slices * sizes.rows * sizes.columns),
      KOKKOS_LAMBDA(const std::int64_t j) {
        const double column = static_cast<double>(j % sizes.columns);
        const double row = static_cast<double>(j / sizes.columns % sizes.rows);
        const T* projection = y + j / (sizes.columns * sizes.rows) * sizes.angles * sizes.rays;
        Wide<T> sum = 0;
        for (std::int64_t i = 0; i < sizes.angles; ++i, projection += sizes.rays) {
          const RaysOfAngle& r = angles[i];
          const double v = r.e * row + r.o + r.a * column;
          const std::int32_t k =
              floor_within(v + (1 - r.half_width), static_cast<double>(sizes.rays - r.taps));
          Wide<T> met = 0;
          for (std::int32_t tap = 0; tap < r.taps; ++tap)
            met += r.weight(v - k - tap) * static_cast<Wide<T>>(projection[k + tap]);
          sum += r.length * met;
        }
        x[j] += static_cast<T>(sum);
      });
}

}  // namespace misfit::detail
