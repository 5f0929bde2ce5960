// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The transform that operators have in common, apart from what each does to the spectrum of x: so
// that spectra can be added, over ranks too, before the one transform back.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/collectives/agreement.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_spectrum.hpp>
#include <misfit/detail/fourier/passes.hpp>
#include <misfit/detail/fourier/pool.hpp>
#include <misfit/detail/fourier/spectrum_passes.hpp>
#include <misfit/detail/fourier/spectrum_runs.hpp>
#include <misfit/detail/sums/wide_sum.hpp>
#include <misfit/detail/views/workspace.hpp>
#include <misfit/partial_sum.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace misfit::detail {

/// What a term makes of entry j of the spectrum z, for sum_tiles().
template <typename Term, typename C>
struct TermEntry {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t j, double& value,
                                              double& outside) const {
    C v = z[j];
    term->row(caller_run(grid, j).at)(0, v, value, outside);
    if (out != nullptr) out[j] = v;
  }

  FftGrid grid;
  const Term* term;
  const C* z;
  C* out;  // null where only the value is wanted
};

/// Transforms of images of T in `Space`, and their spectra: misfit's own if Own, else in the order
/// in which the caller's measurements are. Cheap to copy.
template <typename T, typename Space, bool Own>
class CommonTransform {
  using Transform = Fft<T, Space>;
  using R = Real<T>;

 public:
  using Complex = Kokkos::complex<R>;
  /// Two are the same where these are.
  using Key = FftGrid::Numbers;

  explicit CommonTransform(std::shared_ptr<const Transform> fft) : fft_(std::move(fft)) {}
  explicit CommonTransform(const Key& key) : fft_(shared_by_key<Transform>(FftGrid(key))) {}

  Key key() const { return fft_->grid().numbers(); }
  /// The number of entries of the spectra of one signal.
  std::size_t spectrum_size() const { return static_cast<std::size_t>(entries()); }

  /// Whether forward() leaves sums, and how many: 0, or NaN where x is not finite.
  static constexpr bool sums_x = Transform::sums_planes;
  std::int64_t sums_of_x() const { return fft_->sums(); }

  /// z = F x without scale. `sums` may be null. Asynchronous on `exec`.
  template <typename Exec>
  void forward(const Exec& exec, const T* x, Complex* z, PartialSum* sums) const {
    fft_->template run<true, false>(exec, load_times(Ones<R>(), x), PutSpectrum<Complex, Own>{z},
                                    Nothing{}, sums);
  }

  /// g = F^H z without scale. Asynchronous on `exec`.
  template <typename Exec>
  void backward(const Exec& exec, const Complex* z, T* g) const {
    fft_->template run<false, true>(exec, Nothing{}, GetSpectrum<Complex, Own>{z}, Put<T>{g},
                                    nullptr);
  }

  /// What backward() makes of some spectrum, as a number: where it differs between ranks, they have
  /// other plans, or other kinds of processors. Blocks.
  template <typename Exec>
  double fingerprint(const Exec& exec, Workspace& memory) const {
    const std::size_t n = image_size();
    const auto work = memory.get<Complex, Space>(spectrum_size() + n, "misfit::Fft::probe");
    Complex* const z = work.data();
    const Vector<T, Space> image(reinterpret_cast<T*>(z + spectrum_size()), n);
    set_probe(exec, z);
    backward(exec, z, image.data());
    const auto host = Kokkos::create_mirror_view(image);
    Kokkos::deep_copy(exec, host, image);
    fence(exec, "misfit::Fft: the probe is transformed");
    const auto bits = static_cast<std::uint64_t>(detail::fingerprint(host.data(), n * sizeof(T)));
    return static_cast<double>(bits >> 12);  // which a double holds
  }
  /// Public for nvcc.
  template <typename Exec>
  void set_probe(const Exec& exec, Complex* z) const {
    for_indices(
        exec, "misfit::Fft::probe", spectrum_size(), KOKKOS_LAMBDA(const std::int64_t j) {
          z[j] = Complex(static_cast<R>(j % 17) - R(7.75), static_cast<R>(j % 13) - R(6.25));
        });
  }

  /// On a CPU spectra are taken in tiles, which stay in cache.
  static constexpr std::int64_t tile = 32768 / sizeof(Complex);
  std::int64_t tiles() const { return (entries() + tile - 1) / tile; }
  std::int64_t end_of_tile(std::int64_t t) const { return std::min((t + 1) * tile, entries()); }

  /// out_j = what the term makes of z_j, for the entries of tile t, with out[0] the first of them.
  /// Returns what it sums. No part of the loops around it, so that it is one copy, of which no
  /// other fuses other operations.
  template <typename Term>
  [[gnu::flatten, gnu::noinline]] PartialSum take_tile(const Term& term, const Complex* z,
                                                       std::int64_t t, Complex* out) const {
    constexpr std::int64_t chunk = FftSpectrum<T>::chunk;
    double value[chunk] = {}, outside[chunk] = {};
    const std::int64_t begin = t * tile, end = end_of_tile(t);
    std::copy(z + begin, z + end, out);
    for (std::int64_t j = begin; j < end;) {
      const SpectrumRun run = Own ? own_run(fft_->layout(), j) : caller_run(fft_->grid(), j);
      const std::int64_t count = std::min(run.count, end - j);
      Complex* const v = out + (j - begin);
      if constexpr (Own) {
        if (fft_->layout().beside[0])
          FftSpectrum<T>::each(term.row(run.at), v, count, value, outside);
        else
          FftSpectrum<T>::each(term.line(run.at), v, count, value, outside);
      } else {
        FftSpectrum<T>::each(term.row(run.at), v, count, value, outside);
      }
      j += count;
    }
    return FftSpectrum<T>::total_of(value, outside);
  }

  /// How many sums take_all() leaves.
  std::int64_t sums_of_term() const { return Tiles(spectrum_size()).count; }
  /// The same for all entries, on a GPU, which reads *term; `out` may be null. Asynchronous on
  /// `exec`.
  template <typename Exec, typename Term>
  void take_all(const Exec& exec, const Term* term, const Complex* z, Complex* out,
                PartialSum* sums) const {
    static_assert(!Own);
    sum_tiles(exec, "misfit::Fft::term", Tiles(spectrum_size()),
              TermEntry<Term, Complex>{fft_->grid(), term, z, out}, sums);
  }

 private:
  std::int64_t entries() const { return fft_->grid().batch * fft_->grid().spectrum_size(); }
  std::size_t image_size() const {
    return static_cast<std::size_t>(fft_->grid().batch * fft_->grid().image_size());
  }

  std::shared_ptr<const Transform> fft_;
};

}  // namespace misfit::detail
