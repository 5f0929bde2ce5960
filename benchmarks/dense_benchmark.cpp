// SPDX-License-Identifier: BSD-3-Clause
#include "families/dense.hpp"
#include "support/case.hpp"
#include "support/lower_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace misfit::bench {
namespace {

/// `count` square matrices over all ranks, of about `bytes` each.
template <typename T>
void register_matrices(const Options& options, int count, std::size_t bytes, const char* series) {
  // Odd multiples of 16: a row as long as a power of two would put the entries of a column into few
  // lines of the cache, and slow down the hand-written code that goes along columns.
  const auto side = static_cast<std::size_t>(std::sqrt(static_cast<double>(bytes) / sizeof(T)));
  const std::size_t n = ((std::max<std::size_t>(side / 16, 1) - 1) / 2 * 2 + 1) * 16;
  const std::string name = "dense/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" +
                           std::to_string(n) + "x" + std::to_string(n) + "/" + series;
  register_problem<T>(
      options, name, [=] { return std::make_shared<DenseMatrices<T>>(count, n); },
      [=](Case& c, const DenseMatrices<T>& p, Call) {
        const double matrix = sizeof(T) * static_cast<double>(n) * static_cast<double>(n);
        std::vector<Bytes> inputs;
        for (const auto& a : p.matrices) inputs.push_back({a.data(), n * n * sizeof(T)});
        c.bound = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                     read_bytes(p.exec, inputs, sink);
                   }};
        c.bytes = p.bytes(count);
        c.least_memory =
            static_cast<double>(p.matrices.size()) * (matrix + sizeof(T) * static_cast<double>(n)) +
            3.0 * sizeof(T) * static_cast<double>(n);
      },
      [](const DenseMatrices<T>& p) { return hand_written(p); });
}

template <typename T>
void register_all(const Options& options) {
  options.for_sizes([&](const Options& here, std::size_t bytes) {
    register_matrices<T>(here, 8, bytes / 8, "strong");
    if (here.with_weak(bytes)) register_matrices<T>(here, 8 * here.ranks, bytes / 8, "weak");
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
