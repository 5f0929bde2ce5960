// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/round_up.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_library.hpp>
#include <misfit/detail/fourier/fft_lines.hpp>
#include <misfit/detail/fourier/pool.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace misfit::detail {

/// Transforms of images of `T` on a CPU: plans, made once, and memory to work in. Operators of one
/// shape share one; any number of threads may use it.
template <typename T>
class HostFft {
  using R = Real<T>;
  using Complex = Kokkos::complex<R>;

 public:
  explicit HostFft(const FftGrid& grid) : lines_(grid) {
    plan(FftKind::forward, lines_.forward);
    plan(FftKind::backward, lines_.backward);
  }

  const FftGrid& grid() const { return lines_.grid; }
  const FftLineLayout<Complex>& layout() const { return lines_; }
  /// How many sums run() leaves: of the blocks of the spectrum, and behind them for each group of
  /// rows of the images 0, or NaN if an entry is not finite.
  std::int64_t sums() const { return lines_.blocks() + lines_.groups(); }
  /// Of the spectrum, which threads share.
  std::int64_t blocks() const { return lines_.blocks(); }
  static constexpr bool sums_planes = true, takes_images_side_by_side = true;
  /// Whether run_side_by_side() is faster where there are threads: the cache of one core holds the
  /// image.
  bool fits_one_core() const {
    return lines_.work_size() * static_cast<std::int64_t>(sizeof(Complex)) <= 1 << 22;
  }

  /// With Forward: transforms the image whose entry j is load(j). Then, for entries of the spectrum
  /// that lie one behind the other from SpectrumPlace `at` on in a row,
  /// middle.row(at)(l, v, value, outside), where v is entry l of them, to change or to set, and
  /// value and outside are summed; if Middle::own, the same of middle.line(at) where they lie in a
  /// line of the first dimension. With Backward: transforms the spectrum back and calls
  /// store(j, entry j of the image), or what store.from(the group's sum) makes of `store`. `sums`
  /// may be null. Asynchronous on `exec`.
  template <bool Forward, bool Backward, typename Exec, typename Load, typename Middle,
            typename Store>
  void run(const Exec& exec, const Load& load, const Middle& middle, const Store& store,
           PartialSum* sums) const {
    static_assert(
        on_host<Exec>,
        "misfit: the Fourier operator lies in host memory, but exec does not run on the host");
    const auto workspace = lease();
    const auto threads = static_cast<std::int64_t>(exec.concurrency());
    FftLines<T> lines = lines_;
    lines.work = memory_in(*workspace, lines.work_size() + threads * lines.buffer_size());

    PartialSum* const of_groups = sums == nullptr ? nullptr : sums + lines.blocks();
    if constexpr (Forward) load_groups(exec, lines, threads, load, of_groups);
    share(exec, "misfit::Fft::spectrum", lines, lines.blocks(), threads,
          [=](std::int64_t k, Complex* buffer) {
            const PartialSum tally = lines.template block<Forward, Backward>(k, buffer, middle);
            if (sums != nullptr) sums[k] = tally;
          });
    if constexpr (Backward) store_groups(exec, lines, threads, store, of_groups);
    fence(exec, "misfit::Fft: the memory goes to another");
  }

  /// run() with Forward of `count` images, each by one thread: image w is loaded by images.load(w),
  /// gets images.middle(w) and leaves its sums at images.sums(w). With Backward g becomes the sum
  /// of all, in parts that their number alone decides, so that its bits do not depend on the
  /// threads: the first of a part is stored by images.set(w, part), the others by images.add(w,
  /// part). Asynchronous on `exec`.
  template <bool Backward, typename Exec, typename Images>
  void run_side_by_side(const Exec& exec, std::int64_t count, T* g, const Images& images) const {
    const std::int64_t parts = std::min(count, most_parts);
    const auto threads = std::min(static_cast<std::int64_t>(exec.concurrency()), parts);
    const std::int64_t own = lines_.work_size() + lines_.buffer_size();
    const std::int64_t entries = lines_.grid.batch * lines_.grid.image_size();
    const std::int64_t part = Backward ? round_up(entries, aligned_entries) : 0;
    const auto workspace = lease();
    Complex* const memory = memory_in(*workspace, threads * own + (parts - 1) * part);
    Complex* const others = memory + threads * own;
    const auto part_of_sum = [=](std::int64_t p) {
      return p == 0 ? g : reinterpret_cast<T*>(others + (p - 1) * part);
    };
    const FftLines<T> of_all = lines_;
    for_indices(exec, "misfit::Fft::images", static_cast<std::size_t>(threads),
                [=](const std::int64_t t) {
                  FftLines<T> lines = of_all;
                  lines.work = memory + t * own;
                  for (std::int64_t p = parts * t / threads; p < parts * (t + 1) / threads; ++p) {
                    const std::int64_t first = count * p / parts, end = count * (p + 1) / parts;
                    for (std::int64_t w = first; w < end; ++w)
                      run_alone<Backward>(lines, images, w, w == first, part_of_sum(p));
                  }
                });
    if constexpr (Backward)
      for_indices(exec, "misfit::Fft::add", static_cast<std::size_t>(entries),
                  [=](const std::int64_t j) {
                    for (std::int64_t p = 1; p < parts; ++p) g[j] += part_of_sum(p)[j];
                  });
    fence(exec, "misfit::Fft: the memory goes to another");
  }

 private:
  static constexpr std::int64_t aligned_entries = FftLines<T>::aligned_entries;
  static constexpr std::int64_t most_parts = 8;

  typename Pool<Workspace>::Lease lease() const {
    return pool_.lease([](const Workspace&) { return true; },
                       [] { return std::make_unique<Workspace>(); });
  }
  static Complex* memory_in(Workspace& workspace, std::int64_t entries) {
    return aligned(workspace
                       .template get<Complex, Kokkos::HostSpace>(
                           static_cast<std::size_t>(entries + aligned_entries), "misfit::Fft")
                       .data());
  }

  /// Image w of run_side_by_side(), by the calling thread.
  template <bool Backward, typename Images>
  static void run_alone(const FftLines<T>& lines, const Images& images, std::int64_t w, bool sets,
                        [[maybe_unused]] T* sum) {
    Complex* const buffer = lines.work + lines.work_size();
    PartialSum* const sums = images.sums(w);
    PartialSum* const of_groups = sums + lines.blocks();
    for (std::int64_t p = 0; p < lines.groups(); ++p)
      of_groups[p] = {lines.load_group(p, buffer, images.load(w)), 0};
    for (std::int64_t k = 0; k < lines.blocks(); ++k)
      sums[k] = lines.template block<true, Backward>(k, buffer, images.middle(w));
    if constexpr (Backward)
      for (std::int64_t p = 0; p < lines.groups(); ++p)
        sets ? store_group(lines, p, buffer, images.set(w, sum), of_groups)
             : store_group(lines, p, buffer, images.add(w, sum), of_groups);
  }

  /// Plans in one direction, of lines side by side or one by one.
  void plan(FftKind kind, typename FftLines<T>::Plans (&plans)[3]) {
    const bool forward = kind == FftKind::forward;
    const FftGrid& grid = lines_.grid;
    const std::int64_t strides[] = {lines_.plane, lines_.row, 1};
    for (int d = 0; d < 3; ++d) {
      if (grid.n[d] == 1 && lines_.beside[d]) continue;
      const bool last = d == 2;
      if (lines_.beside[d]) {
        const std::int64_t all = !last ? lines_.padded : grid.n[1] > 1 ? grid.n[1] : grid.n[0];
        const std::int64_t most = last ? lines_.rows_beside : lines_.together;
        const std::int64_t distance = !last ? 1 : grid.n[1] > 1 ? lines_.row : lines_.plane;
        FftLineGroup lines{grid.n[d], most, strides[d], distance, true};
        plans[d].most = most;
        if (all >= most) plans[d].plan = keep(lines, kind);
        lines.count = all % most;
        if (lines.count > 0) plans[d].rest = keep(lines, kind);
      } else if (last && lines_.pairs) {
        const std::int64_t rows = grid.n[1] > 1 ? grid.n[1] : grid.n[0];
        FftLineGroup lines{grid.n[d], lines_.rows_beside / 2, 1, lines_.pair, true};
        plans[d].most = lines.count;
        plans[d].plan = keep(lines, kind);
        lines.count = (rows % lines_.rows_beside + 1) / 2;
        if (lines.count > 0) plans[d].rest = keep(lines, kind);
      } else if (last && FftLines<T>::of_real) {
        plans[d].plan = keep({grid.n[d]}, forward ? FftKind::real_forward : FftKind::real_backward);
      } else {
        plans[d].plan = keep({grid.n[d]}, kind);
      }
    }
  }
  const FftwPlan<R>* keep(const FftLineGroup& lines, FftKind kind) {
    return plans_.emplace_back(FftwPlan<R>::of(lines, kind, lines_.grid.planning)).get();
  }

  static Complex* aligned(Complex* memory) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    return reinterpret_cast<Complex*>((address + fft_alignment - 1) / fft_alignment *
                                      fft_alignment);
  }

  // Functions of their own, so that compilers see them once for all that is done to spectra.
  template <typename Exec, typename Load>
  static void load_groups(const Exec& exec, const FftLines<T>& lines, std::int64_t threads,
                          const Load& load, PartialSum* sums) {
    share(exec, "misfit::Fft::load", lines, lines.groups(), threads,
          [=](std::int64_t p, Complex* buffer) {
            const double finite = lines.load_group(p, buffer, load);
            if (sums != nullptr) sums[p] = {finite, 0};
          });
  }
  template <typename Exec, typename Store>
  static void store_groups(const Exec& exec, const FftLines<T>& lines, std::int64_t threads,
                           const Store& store, const PartialSum* sums) {
    share(exec, "misfit::Fft::store", lines, lines.groups(), threads,
          [=](std::int64_t p, Complex* buffer) { store_group(lines, p, buffer, store, sums); });
  }
  template <typename Store>
  static void store_group(const FftLines<T>& lines, std::int64_t p, Complex* buffer,
                          const Store& store, [[maybe_unused]] const PartialSum* sums) {
    if constexpr (requires { store.from(0.0); })
      lines.store_group(p, buffer, store.from(sums[p].value));
    else
      lines.store_group(p, buffer, store);
  }

  /// body(task, buffer) for all tasks, each thread with a buffer of its own.
  template <typename Exec, typename Body>
  static void share(const Exec& exec, const char* label, const FftLines<T>& lines,
                    std::int64_t tasks, std::int64_t threads, const Body& body) {
    const std::int64_t shares = std::min(tasks, threads), size = lines.buffer_size();
    Complex* const buffers = lines.work + lines.work_size();
    for_indices(exec, label, static_cast<std::size_t>(shares), [=](const std::int64_t s) {
      for (std::int64_t t = tasks * s / shares; t < tasks * (s + 1) / shares; ++t)
        body(t, buffers + s * size);
    });
  }

  FftLines<T> lines_;
  std::vector<std::shared_ptr<const FftwPlan<R>>> plans_;
  mutable Pool<Workspace> pool_;
};

}  // namespace misfit::detail
