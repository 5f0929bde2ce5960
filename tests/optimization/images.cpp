// SPDX-License-Identifier: BSD-3-Clause
#include "pass.hpp"

#include <cmath>
#include <vector>

namespace misfit::test {
namespace {

template <typename T>
auto kernel(bool separable) {
  const Kokkos::View<T**, Kokkos::LayoutRight> h("kernel", 5, 5);
  const auto host = Kokkos::create_mirror_view(h);
  for (int r = 0; r < 5; ++r)
    for (int c = 0; c < 5; ++c)
      host(r, c) = static_cast<T>(separable ? std::exp(-0.1 * (r - 2) * (r - 2)) *
                                                  std::exp(-0.2 * (c - 2) * (c - 2))
                                            : 1 / (1.0 + r * 5 + c + (r * c) % 3));
  Kokkos::deep_copy(h, host);
  return h;
}

template <typename T>
void add_real(Passes& passes, const std::string& scalar) {
  const Shape image{256, 256};
  const L2 distance{0.5};
  const auto add = [&](const std::string& name, const auto& factory) {
    add_fn_and_grad<T>(passes, name + " " + scalar, 2, factory, distance);
  };
  add("separable blur", [=](int) { return Blur(image, kernel<T>(true)); });
  add("blur", [=](int) { return Blur(image, kernel<T>(false)); });
  add("downsampled separable blur",
      [=](int) { return compose(Downsample(image, 2), Blur(image, kernel<T>(true))); });
  add("downsampled blur",
      [=](int) { return compose(Downsample(image, 2), Blur(image, kernel<T>(false))); });
  add("finite difference", [=](int) { return FiniteDifference(image); });
  add("Radon", [](int) {
    return Radon({128, 128}, std::vector<double>{0.1, 0.4, 0.7, 1.0, 1.3, 1.6, 1.9, 2.2, 2.5, 2.8});
  });
#if defined(MISFIT_FOURIER)
  add("FourierBlur", [=](int) { return FourierBlur(image, kernel<T>(false)); });
#endif
}

#if defined(MISFIT_FOURIER)
template <typename R>
void add_complex(Passes& passes, const std::string& scalar) {
  using T = Kokkos::complex<R>;
  const Shape image{256, 256};
  const L2 distance{0.5};
  const auto add = [&](const std::string& name, const auto& factory, const auto& d) {
    add_fn_and_grad<T>(passes, name + " " + scalar, 2, factory, d);
  };
  const auto mask = numbers<R>(image.size(), 3);
  add("Fourier", [=](int) { return Fourier<T, Numbers<R>>(image, mask); }, distance);
  add("Fourier Huber", [=](int) { return Fourier<T, Numbers<R>>(image, mask); }, Huber{0.1});
  add(
      "CoilFourier", [=](int) { return CoilFourier(image, numbers<T>(image.size(), 4), mask); },
      distance);
  const Kokkos::View<R**, Kokkos::LayoutRight> places("places", 8192, 2);
  detail::fill_random(Exec{}, Kokkos::View<R*>(places.data(), places.size()), 5);
  detail::axpby(Exec{}, 0.49, Kokkos::View<R*>(places.data(), places.size()), 0,
                Kokkos::View<R*>(places.data(), places.size()));
  add("NonuniformFourier", [=](int) { return NonuniformFourier<T>({128, 128}, places); }, distance);
}
#endif

}  // namespace

void add_image_passes(Passes& passes) {
  add_real<float>(passes, "float");
#if defined(MISFIT_FOURIER)
  add_complex<float>(passes, "complex<float>");
#endif
}

}  // namespace misfit::test
