// SPDX-License-Identifier: BSD-3-Clause

// Fourier operators beside the two transforms alone that a gradient must take, by FFTW with plans
// chosen in the same way: estimated, or measured.

#include "families/fourier.hpp"
#include "support/case.hpp"

#include <misfit/fourier_planning.hpp>

#include <fftw3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

namespace misfit::bench {
namespace {

/// FFTW's whole transforms in one precision.
template <typename R>
struct WholeImages;
template <>
struct WholeImages<double> {
  using Complex = fftw_complex;
  using Plan = fftw_plan;
  static constexpr auto complex = &fftw_plan_dft;
  static constexpr auto real_forward = &fftw_plan_dft_r2c;
  static constexpr auto real_backward = &fftw_plan_dft_c2r;
  static constexpr auto execute = &fftw_execute;
  static constexpr auto destroy = &fftw_destroy_plan;
  static constexpr auto forget = &fftw_forget_wisdom;
};
template <>
struct WholeImages<float> {
  using Complex = fftwf_complex;
  using Plan = fftwf_plan;
  static constexpr auto complex = &fftwf_plan_dft;
  static constexpr auto real_forward = &fftwf_plan_dft_r2c;
  static constexpr auto real_backward = &fftwf_plan_dft_c2r;
  static constexpr auto execute = &fftwf_execute;
  static constexpr auto destroy = &fftwf_destroy_plan;
  static constexpr auto forget = &fftwf_forget_wisdom;
};

/// A transform there and back, of complex or of real entries, with memory of its own.
template <typename R>
class TwoTransforms {
  using Library = WholeImages<R>;
  using Complex = typename Library::Complex;

 public:
  TwoTransforms(const Shape& shape, bool real, unsigned how)
      : in_("in", shape.size() * (real ? 1 : 2)), out_("out", 2 * shape.size()) {
    int n[3] = {};
    for (std::size_t d = 0; d < shape.rank(); ++d) n[d] = static_cast<int>(shape[d]);
    const auto rank = static_cast<int>(shape.rank());
    auto* const spectrum = reinterpret_cast<Complex*>(out_.data());
    auto* const image = reinterpret_cast<Complex*>(in_.data());
    Library::forget();  // an estimate would take what was measured
    forward_ = real ? Library::real_forward(rank, n, in_.data(), spectrum, how)
                    : Library::complex(rank, n, image, spectrum, FFTW_FORWARD, how);
    backward_ = real ? Library::real_backward(rank, n, spectrum, in_.data(), how)
                     : Library::complex(rank, n, spectrum, image, FFTW_BACKWARD, how);
    Library::forget();             // it is the bound's alone
    Kokkos::deep_copy(in_, R(0));  // it grows with every transform
    Kokkos::deep_copy(out_, R(0));
  }
  TwoTransforms(const TwoTransforms&) = delete;
  TwoTransforms& operator=(const TwoTransforms&) = delete;
  ~TwoTransforms() {
    Library::destroy(forward_);
    Library::destroy(backward_);
  }

  void run(std::size_t count) const {
    for (std::size_t k = 0; k < count; ++k) {
      Library::execute(forward_);
      Library::execute(backward_);
    }
  }

 private:
  Kokkos::View<R*, Kokkos::HostSpace> in_, out_;
  typename Library::Plan forward_ = nullptr, backward_ = nullptr;
};

/// Complex images with a mask, or real ones convolved: one operator for each rank, or `operators`
/// over all ranks, which have the transforms of a rank in common.
template <typename P, typename T>
void register_images(const Options& options, const std::string& family, int dimensions,
                     std::size_t side, FourierPlanning planning, int operators = 0) {
  const bool measured = planning == FourierPlanning::measure;
  const Shape shape = cube(dimensions, side);
  const int count = operators > 0 ? operators : options.ranks;
  std::string extents = std::to_string(side);
  for (int d = 1; d < dimensions; ++d) extents.append("x").append(std::to_string(side));
  const std::string name = family + "/" + name_of<T>() + "/" + std::to_string(count) +
                           "_operators/" + extents + (measured ? "/measured" : "") +
                           (operators > 0 ? "/strong" : "/weak");
  register_problem<T>(
      options, name,
      [=] {
        set_fourier_planning(planning);
        return std::make_shared<P>(count, shape);
      },
      [=](Case& c, const P& p, Call call) {
        c.warm = true;
        // A rank reads x once, and has one gradient.
        const int transforms = std::min(count, options.ranks);
        c.bytes = p.bytes(call, count) - static_cast<double>(count - transforms) *
                                             static_cast<double>(shape.size()) *
                                             (call == Call::fn ? 1 : 3) * sizeof(T);
        c.flops = (call == Call::fn ? 1 : 2) * transforms *
                  transform_flops(shape.size(), !detail::is_complex<T>);
        c.least_memory = p.least_memory();
        // A value alone takes one transform; a GPU has no FFTW.
        if (detail::in_cpu_form<Exec> && call != Call::fn) {
          const auto transforms = std::make_shared<TwoTransforms<detail::Real<T>>>(
              shape, !detail::is_complex<T>, measured ? FFTW_MEASURE : FFTW_ESTIMATE);
          c.bound = {"two_transforms", [=, &p] { transforms->run(p.y.size() > 0 ? 1 : 0); }};
        }
      },
      [](const P& p) { return three_steps<T>(p); });
}

/// The coils of one image, undersampled, over all ranks.
template <typename R>
void register_coils(const Options& options, int count, std::size_t side) {
  using T = Kokkos::complex<R>;
  const Shape shape = cube(2, side);
  const std::string extent = std::to_string(side);
  register_problem<T>(
      options,
      "coil_fourier/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" + extent + "x" +
          extent + "/strong",
      [=] {
        set_fourier_planning(FourierPlanning::estimate);
        return std::make_shared<Coils<T>>(count, shape, sampled_lines<R>(side), MPI_COMM_WORLD);
      },
      [=](Case& c, const Coils<T>& p, Call call) {
        c.flops = p.flops(call, count);
        c.bytes = p.bytes(call, count);
        c.least_memory = p.least_memory();
        if (detail::in_cpu_form<Exec> && call != Call::fn) {
          const auto transforms = std::make_shared<TwoTransforms<R>>(shape, false, FFTW_ESTIMATE);
          c.bound = {"two_transforms", [=, &p] { transforms->run(p.y.size()); }};
        }
      },
      [](const Coils<T>& p) { return hand_written(p); });
}

template <typename R>
void register_all(const Options& options) {
  using Complex = Kokkos::complex<R>;
  const auto both = [&](int dimensions, std::size_t side) {
    for (const auto planning : {FourierPlanning::estimate, FourierPlanning::measure}) {
      register_images<Fouriers<Complex>, Complex>(options, "fourier", dimensions, side, planning);
      register_images<FourierBlurs<R>, R>(options, "fourier_blur", dimensions, side, planning);
    }
  };
  both(2, options.quick ? 128 : 512);
  both(3, options.quick ? 32 : 128);
  if (!options.quick) both(3, 64);
  const std::size_t side = options.quick ? 128 : 512;
  register_images<Fouriers<Complex>, Complex>(options, "fourier", 2, side,
                                              FourierPlanning::estimate, 8);
  register_images<FourierBlurs<R>, R>(options, "fourier_blur", 2, side, FourierPlanning::estimate,
                                      8);
}

void register_cases(const Options& options) {
  register_all<float>(options);
  register_all<double>(options);
  register_coils<float>(options, 16, 320);
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
