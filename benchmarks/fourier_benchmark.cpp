// SPDX-License-Identifier: BSD-3-Clause

// Fourier operators beside the two transforms alone that a gradient must take, by FFTW with
// measured plans.

#include "families/fourier.hpp"
#include "support/case.hpp"

#include <fftw3.h>

#include <cstddef>
#include <memory>
#include <string>

namespace misfit::bench {
namespace {

/// A transform there and back, of complex or of real entries, with memory of its own.
class TwoTransforms {
 public:
  TwoTransforms(const Shape& shape, bool real)
      : in_("in", shape.size() * (real ? 1 : 2)), out_("out", 2 * shape.size()) {
    int n[3] = {};
    for (std::size_t d = 0; d < shape.rank(); ++d) n[d] = static_cast<int>(shape[d]);
    const auto rank = static_cast<int>(shape.rank());
    auto* const spectrum = reinterpret_cast<fftw_complex*>(out_.data());
    auto* const image = reinterpret_cast<fftw_complex*>(in_.data());
    forward_ = real ? fftw_plan_dft_r2c(rank, n, in_.data(), spectrum, FFTW_MEASURE)
                    : fftw_plan_dft(rank, n, image, spectrum, FFTW_FORWARD, FFTW_MEASURE);
    backward_ = real ? fftw_plan_dft_c2r(rank, n, spectrum, in_.data(), FFTW_MEASURE)
                     : fftw_plan_dft(rank, n, spectrum, image, FFTW_BACKWARD, FFTW_MEASURE);
    fftw_forget_wisdom();         // it is the floor's alone
    Kokkos::deep_copy(in_, 0.0);  // it grows with every transform
    Kokkos::deep_copy(out_, 0.0);
  }
  TwoTransforms(const TwoTransforms&) = delete;
  TwoTransforms& operator=(const TwoTransforms&) = delete;
  ~TwoTransforms() {
    fftw_destroy_plan(forward_);
    fftw_destroy_plan(backward_);
  }

  void run(std::size_t count) const {
    for (std::size_t k = 0; k < count; ++k) {
      fftw_execute(forward_);
      fftw_execute(backward_);
    }
  }

 private:
  Kokkos::View<double*, Kokkos::HostSpace> in_, out_;
  fftw_plan forward_ = nullptr, backward_ = nullptr;
};

/// Complex images with a mask, or real ones convolved; one operator for each rank.
template <typename P, typename T>
void register_images(const Options& options, const std::string& family, int dimensions,
                     std::size_t side) {
  const Shape shape = cube(dimensions, side);
  const int count = options.ranks;
  const std::string name = family + "/" + name_of<T>() + "/" + std::to_string(count) +
                           "_operators/" + shape.text() + "/weak";
  register_problem<T>(
      options, name, [=] { return std::make_shared<P>(count, shape); },
      [=](Case& c, const P& p, Call call) {
        // A value alone takes one transform; a GPU has no FFTW.
        if (detail::on_host<Exec> && call != Call::fn) {
          const auto floor = std::make_shared<TwoTransforms>(shape, !detail::is_complex<T>);
          c.floor = {"two_transforms", [=, &p] { floor->run(p.y.size()); }};
        }
      },
      [](const P& p) { return three_steps<T>(p); });
}

void register_cases(const Options& options) {
  using Complex = Kokkos::complex<double>;
  const auto both = [&](int dimensions, std::size_t side) {
    register_images<Fouriers<Complex>, Complex>(options, "fourier", dimensions, side);
    register_images<FourierBlurs<double>, double>(options, "fourier_blur", dimensions, side);
  };
  both(2, options.quick ? 128 : 512);
  both(3, options.quick ? 32 : 128);
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
