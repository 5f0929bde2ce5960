// SPDX-License-Identifier: BSD-3-Clause
#include "pass.hpp"

#include <misfit/distances/huber.hpp>
#include <misfit/distances/l1.hpp>

namespace misfit::test {
namespace {

/// A user's operator, of which no function is more than what device code needs.
template <typename T>
struct Sensor {
  std::size_t domain_size() const { return gain.extent(0); }
  std::size_t range_size() const { return gain.extent(0); }
  KOKKOS_FUNCTION T response(std::size_t j) const { return gain(j) * gain(j) + T(0.25); }
  KOKKOS_FUNCTION T apply_at(std::size_t j, const T& x) const { return response(j) * x; }
  KOKKOS_FUNCTION T adjoint_at(std::size_t j, const T& r) const { return response(j) * r; }
  template <typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const auto self = *this;
    Kokkos::parallel_for(
        "apply", detail::range(exec, gain.extent(0)), KOKKOS_LAMBDA(const std::int64_t j) {
          y(j) = self.apply_at(static_cast<std::size_t>(j), x(j));
        });
  }
  template <typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const auto self = *this;
    Kokkos::parallel_for(
        "adjoint", detail::range(exec, gain.extent(0)), KOKKOS_LAMBDA(const std::int64_t j) {
          x(j) += self.adjoint_at(static_cast<std::size_t>(j), y(j));
        });
  }
  Numbers<T> gain;
};

/// A user's distance: Σ t²/(1 + t²), t = |u − y|.
struct GemanMcClure {
  template <typename T>
  KOKKOS_FUNCTION static double square(const T& u, const T& y) {
    const double t = static_cast<double>(u) - static_cast<double>(y);
    return t * t;
  }
  template <typename T>
  KOKKOS_FUNCTION double value_at(std::size_t, const T& u, const T& y) const {
    const double s = square(u, y);
    return s / (1 + s);
  }
  template <typename T>
  KOKKOS_FUNCTION T gradient_at(std::size_t, const T& u, const T& y) const {
    const double s = 1 + square(u, y);
    return static_cast<T>(2 * (static_cast<double>(u) - static_cast<double>(y)) / (s * s));
  }
};

constexpr std::size_t n = 1 << 16;

template <typename T>
auto mask(int i) {
  return Mask(numbers<T>(n, static_cast<unsigned>(i)));
}

template <typename T>
void add_masks(Passes& passes, const std::string& scalar) {
  add_fn_and_grad<T>(passes, "masks L2 " + scalar, 16, mask<T>, L2{0.5});
}

template <typename T>
void add_distances(Passes& passes, const std::string& scalar) {
  const auto add = [&](const std::string& name, int count, const auto& factory, const auto& d) {
    add_fn_and_grad<T>(passes, name + " " + scalar, count, factory, d);
  };
  add_masks<T>(passes, scalar);
  add("masks WeightedL2", 16, mask<T>, WeightedL2(numbers<T>(n, 3)));
  add("masks Huber", 16, mask<T>, Huber{0.1});
  add("masks L1", 16, mask<T>, L1{});
  add("masks Poisson", 2, mask<T>, Poisson(2.0, 0.1));
  add("masks LogPoisson", 2, mask<T>, LogPoisson(10.0, 1.0));
  add("masks Amplitude", 4, mask<T>, Amplitude{0.1});
  add("masks GemanMcClure", 16, mask<T>, GemanMcClure{});
  add(
      "Sensor L2", 16, [](int i) { return Sensor<T>{numbers<T>(n, static_cast<unsigned>(i))}; },
      L2{0.5});
}

}  // namespace

void add_pointwise_passes(Passes& passes) {
  add_distances<float>(passes, "float");
  add_masks<double>(passes, "double");
  add_masks<Kokkos::complex<float>>(passes, "complex<float>");
}

}  // namespace misfit::test
