// SPDX-License-Identifier: BSD-3-Clause
#include "support/floors.hpp"
#include "support/problem.hpp"

#include <misfit/operators/mask.hpp>

#include <string>

namespace misfit::bench {
namespace {

template <typename T>
struct MaskList {
  std::vector<Numbers<T>> masks;
};

template <typename T>
struct Masks : MaskList<T>, Problem<Mask<Numbers<T>>, T> {
  Masks(int count, std::size_t n)
      : Problem<Mask<Numbers<T>>, T>(count, n, [this, n](int i) {
          this->masks.push_back(random_numbers<T>(n, 10 + static_cast<unsigned>(i)));
          return Mask{this->masks.back()};
        }) {}
};

/// An operator after the other: u = m x; value, and u becomes the residual; g += conj(m) u.
template <typename T>
double three_kernels(const Masks<T>& p, const Numbers<T>& u, const Numbers<T>& g) {
  const auto n = static_cast<std::int64_t>(p.x.extent(0));
  const auto x = p.x;
  double value = 0;
  Kokkos::deep_copy(p.exec, g, T(0));
  for (std::size_t k = 0; k < p.masks.size(); ++k) {
    const auto m = p.masks[k], y = p.y[k];
    const Kokkos::RangePolicy<Exec> all(p.exec, 0, n);
    double sum = 0;
    Kokkos::parallel_for(
        "apply", all, KOKKOS_LAMBDA(const std::int64_t j) { u(j) = m(j) * x(j); });
    Kokkos::parallel_reduce(
        "distance", all,
        KOKKOS_LAMBDA(const std::int64_t j, double& partial) {
          const T r = u(j) - y(j);
          partial += detail::squared_abs(r);
          u(j) = static_cast<detail::Real<T>>(4) * r;
        },
        sum);
    Kokkos::parallel_for(
        "adjoint", all, KOKKOS_LAMBDA(const std::int64_t j) { g(j) += detail::conj(m(j)) * u(j); });
    value += 0.5 * Masks<T>::inverse_variance * sum;
  }
  return value;
}

/// An operator after the other, each in one reduction.
template <typename T>
double plain_fused(const Masks<T>& p, const Numbers<T>& g) {
  const auto n = static_cast<std::int64_t>(p.x.extent(0));
  const auto x = p.x;
  double value = 0;
  Kokkos::deep_copy(p.exec, g, T(0));
  for (std::size_t k = 0; k < p.masks.size(); ++k) {
    const auto m = p.masks[k], y = p.y[k];
    double sum = 0;
    Kokkos::parallel_reduce(
        "all", Kokkos::RangePolicy<Exec>(p.exec, 0, n),
        KOKKOS_LAMBDA(const std::int64_t j, double& partial) {
          const T r = m(j) * x(j) - y(j);
          partial += detail::squared_abs(r);
          g(j) += detail::conj(m(j)) * (static_cast<detail::Real<T>>(4) * r);
        },
        sum);
    value += 0.5 * Masks<T>::inverse_variance * sum;
  }
  return value;
}

/// `count` masks over all ranks, each of which is with its data `bytes` long.
template <typename T>
void register_masks(const Options& options, int count, std::size_t bytes, const char* series) {
  const std::size_t n = std::max<std::size_t>(1024, bytes / 2 / sizeof(T));
  const std::string name = "mask/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" +
                           std::to_string(n) + "_entries/" + series;
  register_problem<T>(
      options, name, [=] { return std::make_shared<Masks<T>>(count, n); },
      [=](Case& c, const Masks<T>& p, Call call) {
        std::vector<const T*> m, y;
        for (std::size_t k = 0; k < p.masks.size(); ++k) {
          m.push_back(p.masks[k].data());
          y.push_back(p.y[k].data());
        }
        const double entry = sizeof(T) * static_cast<double>(n);
        if (call == Call::fn) {
          std::vector<Bytes> inputs{{p.x.data(), n * sizeof(T)}};
          for (const T* stream : m) inputs.push_back({stream, n * sizeof(T)});
          for (const T* stream : y) inputs.push_back({stream, n * sizeof(T)});
          c.floor = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                       read_bytes(p.exec, inputs, sink);
                     }};
        } else {
          c.floor = {"roofline", [=, &p] {
                       move_streams(p.exec, m, y, static_cast<const T*>(p.x.data()),
                                    p.gradient.data(), static_cast<std::int64_t>(n));
                     }};
        }
        // m and y of each operator; on every rank x and, with a gradient, g.
        c.bytes = (2.0 * count + (call == Call::fn ? 1.0 : 2.0) * options.ranks) * entry;
        c.least_memory = (2.0 * static_cast<double>(p.masks.size()) + 3.0) * entry;
      },
      [=](const Masks<T>& p) {
        return std::vector<Twin<T>>{
            {"three_kernels",
             [&p, u = Numbers<T>("u", n)](const Numbers<T>& g) { return three_kernels(p, u, g); }},
            {"plain_fused", [&p](const Numbers<T>& g) { return plain_fused(p, g); }}};
      });
}

template <typename T>
void register_all(const Options& options) {
  options.for_sizes([&](const Options& here, std::size_t bytes) {
    register_masks<T>(here, 16, bytes / 16, "strong");
    register_masks<T>(here, here.ranks, bytes, "weak");
    if (here.with_weak(bytes)) register_masks<T>(here, 16 * here.ranks, bytes / 16, "weak");
  });
}

}  // namespace

void register_cases(const Options& options) {
  register_all<float>(options);
  register_all<double>(options);
  if (!options.quick) register_all<Kokkos::complex<double>>(options);
}

}  // namespace misfit::bench
