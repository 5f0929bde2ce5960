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

namespace misfit::detail {

/// Transforms of images of `T` on a CPU: plans, made once, and memory to work in. Operators of one
/// shape share one; any number of threads may use it.
template <typename T>
class HostFft {
  using R = Real<T>;
  using Complex = Kokkos::complex<R>;

 public:
  explicit HostFft(const FftGrid& grid) : lines_(grid) {
    for (int d = 0; d < 3; ++d) {
      if (d < 2 && grid.n[d] == 1) continue;
      const bool real = d == 2 && FftLines<T>::of_real;
      plans_[0][d] = FftwLine<R>::of(grid.n[d], real ? FftKind::real_forward : FftKind::forward);
      plans_[1][d] = FftwLine<R>::of(grid.n[d], real ? FftKind::real_backward : FftKind::backward);
      lines_.forward[d] = plans_[0][d].get();
      lines_.backward[d] = plans_[1][d].get();
    }
  }

  const FftGrid& grid() const { return lines_.grid; }
  /// How many sums run() leaves: of the blocks of the spectrum, and behind them for each plane of
  /// the images 0, or NaN if an entry is not finite.
  std::int64_t sums() const { return lines_.blocks() + lines_.planes(); }
  static constexpr bool sums_planes = true;

  /// With Forward: transforms the image whose entry j is load(j). Then, for entries of the spectrum
  /// that lie one behind the other from SpectrumPlace `at` on, in lines if Middle::by_lines, else
  /// in rows, middle.row(at)(l, v, value, outside), where v is entry l of them, to change or to
  /// set, and value and outside are summed. With Backward: transforms the spectrum back and calls
  /// store(j, entry j of the image), or what store.from(the plane's sum) makes of `store`. `sums`
  /// may be null. Asynchronous on `exec`.
  template <bool Forward, bool Backward, typename Exec, typename Load, typename Middle,
            typename Store>
  void run(const Exec& exec, const Load& load, const Middle& middle, const Store& store,
           PartialSum* sums) const {
    static_assert(
        on_host<Exec>,
        "misfit: the Fourier operator lies in host memory, but exec does not run on the host");
    const auto workspace = pool_.lease([](const Workspace&) { return true; },
                                       [] { return std::make_unique<Workspace>(); });
    const auto threads = static_cast<std::int64_t>(exec.concurrency());
    const std::size_t slack = FftLines<T>::aligned_entries;
    const auto memory = workspace->template get<Complex, Kokkos::HostSpace>(
        static_cast<std::size_t>(lines_.work_size() + threads * lines_.buffer_size()) + slack,
        "misfit::Fft");
    FftLines<T> lines = lines_;
    lines.work = aligned(memory.data());

    PartialSum* const of_planes = sums == nullptr ? nullptr : sums + lines.blocks();
    if constexpr (Forward) load_planes(exec, lines, threads, load, of_planes);
    share(exec, "misfit::Fft::spectrum", lines, lines.blocks(), threads,
          [=](std::int64_t k, Complex* buffer) {
            const PartialSum tally = lines.template block<Forward, Backward>(k, buffer, middle);
            if (sums != nullptr) sums[k] = tally;
          });
    if constexpr (Backward) store_planes(exec, lines, threads, store, of_planes);
    fence(exec, "misfit::Fft: the memory goes to another");
  }

 private:
  static Complex* aligned(Complex* memory) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    return reinterpret_cast<Complex*>((address + fft_alignment - 1) / fft_alignment *
                                      fft_alignment);
  }

  // Functions of their own, so that compilers see them once for all that is done to spectra.
  template <typename Exec, typename Load>
  static void load_planes(const Exec& exec, const FftLines<T>& lines, std::int64_t threads,
                          const Load& load, PartialSum* sums) {
    share(exec, "misfit::Fft::load", lines, lines.planes(), threads,
          [=](std::int64_t p, Complex* buffer) {
            const double finite = lines.load_plane(p, buffer, load);
            if (sums != nullptr) sums[p] = {finite, 0};
          });
  }
  template <typename Exec, typename Store>
  static void store_planes(const Exec& exec, const FftLines<T>& lines, std::int64_t threads,
                           const Store& store, [[maybe_unused]] const PartialSum* sums) {
    share(exec, "misfit::Fft::store", lines, lines.planes(), threads,
          [=](std::int64_t p, Complex* buffer) {
            if constexpr (requires { store.from(0.0); })
              lines.store_plane(p, buffer, store.from(sums[p].value));
            else
              lines.store_plane(p, buffer, store);
          });
  }

  /// body(task, buffer) for all tasks, each thread with a buffer of its own.
  template <typename Exec, typename Body>
  static void share(const Exec& exec, const char* label, const FftLines<T>& lines,
                    std::int64_t tasks, std::int64_t threads, const Body& body) {
    const std::int64_t shares = std::min(tasks, threads), size = lines.buffer_size();
    Complex* const buffers = lines.work + lines.work_size();
    Kokkos::parallel_for(
        label, range(exec, static_cast<std::size_t>(shares)), [=](const std::int64_t s) {
          for (std::int64_t t = tasks * s / shares; t < tasks * (s + 1) / shares; ++t)
            body(t, buffers + s * size);
        });
  }

  FftLines<T> lines_;
  std::shared_ptr<const FftwLine<R>> plans_[2][3];
  mutable Pool<Workspace> pool_;
};

}  // namespace misfit::detail
