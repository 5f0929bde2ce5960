// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/kokkos.hpp>
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
  /// How many sums run() leaves: of the blocks of the spectrum, and behind them for each group of
  /// rows of the images 0, or NaN if an entry is not finite.
  std::int64_t sums() const { return lines_.blocks() + lines_.groups(); }
  static constexpr bool sums_planes = true, takes_images_side_by_side = true;
  /// Images of more bytes do not stay in the cache of one core.
  static constexpr std::int64_t largest_of_a_thread = 1 << 22;

  /// How many images run_side_by_side() is to take on `exec`: one a thread, or 1 of large ones.
  template <typename Exec>
  std::int64_t images_at_once(const Exec& exec) const {
    const auto bytes = lines_.work_size() * static_cast<std::int64_t>(sizeof(Complex));
    return bytes > largest_of_a_thread ? 1 : static_cast<std::int64_t>(exec.concurrency());
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
    const Memory memory = memory_in(*workspace, exec, 1);
    const FftLines<T> lines = lines_of(memory, 0);
    PartialSum* const of_groups = sums == nullptr ? nullptr : sums + lines.blocks();
    if constexpr (Forward) load_groups(exec, lines, memory, load, of_groups);
    share(exec, "misfit::Fft::spectrum", memory, lines.blocks(),
          [=](std::int64_t k, Complex* buffer) {
            const PartialSum tally = lines.template block<Forward, Backward>(k, buffer, middle);
            if (sums != nullptr) sums[k] = tally;
          });
    if constexpr (Backward) store_groups(exec, lines, memory, store, of_groups);
    fence(exec, "misfit::Fft: the memory goes to another");
  }

  /// run() with Forward of `count` images, of which image w has load(w), middle(w), store(w) and
  /// sums(w); but image 0 is stored by `first`. A thread takes an image of its own to its spectrum
  /// and back, which stays in its cache; then threads share the rows of all images, and store those
  /// of image 0 first. What all add to one array has the bits of run() for one after the other.
  template <bool Backward, typename Exec, typename Load, typename Middle, typename First,
            typename Store, typename SumsOf>
  void run_side_by_side(const Exec& exec, std::int64_t count, const Load& load,
                        const Middle& middle, const First& first, const Store& store,
                        const SumsOf& sums) const {
    const auto workspace = lease();
    const Memory memory = memory_in(*workspace, exec, count);
    share(exec, "misfit::Fft::images", memory, count, [=, this](std::int64_t w, Complex* buffer) {
      const FftLines<T> lines = lines_of(memory, w);
      PartialSum* const own = sums(w);
      for (std::int64_t p = 0; p < lines.groups(); ++p)
        own[lines.blocks() + p] = {lines.load_group(p, buffer, load(w)), 0};
      for (std::int64_t k = 0; k < lines.blocks(); ++k)
        own[k] = lines.template block<true, Backward>(k, buffer, middle(w));
    });
    if constexpr (Backward)
      share(exec, "misfit::Fft::store", memory, lines_.groups(),
            [=, this](std::int64_t p, Complex* buffer) {
              store_group(lines_of(memory, 0), p, buffer, first, sums(0) + lines_.blocks());
              for (std::int64_t w = 1; w < count; ++w)
                store_group(lines_of(memory, w), p, buffer, store(w), sums(w) + lines_.blocks());
            });
    fence(exec, "misfit::Fft: the memory goes to another");
  }

 private:
  /// Where images are worked on, and behind them a buffer for each thread.
  struct Memory {
    Complex* work;
    Complex* buffers;
    std::int64_t threads;
  };

  typename Pool<Workspace>::Lease lease() const {
    return pool_.lease([](const Workspace&) { return true; },
                       [] { return std::make_unique<Workspace>(); });
  }
  template <typename Exec>
  Memory memory_in(Workspace& workspace, const Exec& exec, std::int64_t images) const {
    const auto threads = static_cast<std::int64_t>(exec.concurrency());
    const std::int64_t work = images * lines_.work_size();
    const std::size_t slack = FftLines<T>::aligned_entries;
    const auto memory = workspace.template get<Complex, Kokkos::HostSpace>(
        static_cast<std::size_t>(work + threads * lines_.buffer_size()) + slack, "misfit::Fft");
    Complex* const first = aligned(memory.data());
    return {first, first + work, threads};
  }
  FftLines<T> lines_of(const Memory& memory, std::int64_t image) const {
    FftLines<T> lines = lines_;
    lines.work = memory.work + image * lines.work_size();
    return lines;
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
  void load_groups(const Exec& exec, const FftLines<T>& lines, const Memory& memory,
                   const Load& load, PartialSum* sums) const {
    share(exec, "misfit::Fft::load", memory, lines.groups(), [=](std::int64_t p, Complex* buffer) {
      const double finite = lines.load_group(p, buffer, load);
      if (sums != nullptr) sums[p] = {finite, 0};
    });
  }
  template <typename Exec, typename Store>
  void store_groups(const Exec& exec, const FftLines<T>& lines, const Memory& memory,
                    const Store& store, const PartialSum* sums) const {
    share(exec, "misfit::Fft::store", memory, lines.groups(),
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
  void share(const Exec& exec, const char* label, const Memory& memory, std::int64_t tasks,
             const Body& body) const {
    const std::int64_t shares = std::min(tasks, memory.threads), size = lines_.buffer_size();
    Kokkos::parallel_for(label, range(exec, static_cast<std::size_t>(shares)),
                         [=, buffers = memory.buffers](const std::int64_t s) {
                           for (std::int64_t t = tasks * s / shares; t < tasks * (s + 1) / shares;
                                ++t)
                             body(t, buffers + s * size);
                         });
  }

  FftLines<T> lines_;
  std::vector<std::shared_ptr<const FftwPlan<R>>> plans_;
  mutable Pool<Workspace> pool_;
};

}  // namespace misfit::detail
