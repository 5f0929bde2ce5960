// SPDX-License-Identifier: BSD-3-Clause
#include "families/mask.hpp"
#include "support/case.hpp"
#include "support/lower_bounds.hpp"

#include <algorithm>
#include <string>

namespace misfit::bench {
namespace {

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
          c.bound = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                       read_bytes(p.exec, inputs, sink);
                     }};
        } else {
          c.bound = {"roofline", [=, &p] {
                       move_streams(p.exec, m, y, static_cast<const T*>(p.x.data()),
                                    p.gradient.data(), static_cast<std::int64_t>(n));
                     }};
        }
        c.bytes = p.bytes(call, count, options.ranks);
        c.least_memory = (2.0 * static_cast<double>(p.masks.size()) + 3.0) * entry;
      },
      [](const Masks<T>& p) { return hand_written(p); });
}

/// `count` masks of bits of n entries over all ranks. Their roofline is a bound a little lower: it
/// moves x, y and g alone.
template <typename T>
void register_bit_masks(const Options& options, int count, std::size_t n) {
  const std::string name = "mask/" + name_of<T>() + "/" + std::to_string(count) +
                           "_operators_of_bits/" + std::to_string(n) + "_entries/strong";
  register_problem<T>(
      options, name, [=] { return std::make_shared<BitMasks<T>>(count, n); },
      [=](Case& c, const BitMasks<T>& p, Call call) {
        const double entry = sizeof(T) * static_cast<double>(n);
        std::vector<Bytes> inputs{{p.x.data(), n * sizeof(T)}};
        std::vector<const T*> halves[2];
        for (std::size_t k = 0; k < p.y.size(); ++k) {
          inputs.push_back({p.y[k].data(), n * sizeof(T)});
          if (k % 2 == 0)
            for (auto& half : halves) half.push_back(p.y[k].data());
          halves[k % 2].back() = p.y[k].data();
        }
        if (call == Call::fn)
          c.bound = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                       read_bytes(p.exec, inputs, sink);
                     }};
        else
          c.bound = {"roofline", [=, &p, first = halves[0], second = halves[1]] {
                       move_streams(p.exec, first, second, static_cast<const T*>(p.x.data()),
                                    p.gradient.data(), static_cast<std::int64_t>(n));
                     }};
        c.bytes = p.bytes(call, count, options.ranks);
        c.least_memory = p.operator_bytes + static_cast<double>(p.y.size() + 3) * entry;
      },
      [](const BitMasks<T>& p) { return hand_written(p); });
}

template <typename T>
void register_all(const Options& options) {
  options.for_sizes([&](const Options& here, std::size_t bytes) {
    register_masks<T>(here, 16, bytes / 16, "strong");
    if constexpr (!detail::is_complex<T>)
      register_bit_masks<T>(here, 16, std::max<std::size_t>(1024, bytes / 32 / sizeof(T)));
    register_masks<T>(here, here.ranks, bytes, "weak");
    if (here.with_weak(bytes)) register_masks<T>(here, 16 * here.ranks, bytes / 16, "weak");
  });
}

void register_cases(const Options& options) {
  register_all<float>(options);
  register_all<double>(options);
  if (!options.quick) register_all<Kokkos::complex<double>>(options);
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
