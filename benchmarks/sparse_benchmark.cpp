// SPDX-License-Identifier: BSD-3-Clause
#include "families/sparse.hpp"
#include "support/case.hpp"
#include "support/lower_bounds.hpp"

#include <algorithm>
#include <string>

namespace misfit::bench {
namespace {

/// `count` matrices over all ranks, of about `bytes` each.
template <typename T>
void register_matrices(const Options& options, int count, std::size_t bytes, const char* series) {
  const std::size_t n =
      std::max<std::size_t>(64, bytes / entries_in_a_row / (sizeof(T) + sizeof(int)));
  const std::string name = "sparse/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" +
                           std::to_string(n) + "_rows/" + series;
  register_problem<T>(
      options, name, [=] { return std::make_shared<SparseMatrices<T>>(count, n); },
      [=](Case& c, const SparseMatrices<T>& p, Call call) {
        std::vector<Bytes> inputs{{p.x.data(), n * sizeof(T)}};
        for (std::size_t k = 0; k < p.matrices.size(); ++k) {
          const auto& a = p.matrices[k];
          inputs.push_back({a.values.data(), a.values.extent(0) * sizeof(T)});
          inputs.push_back({a.columns.data(), a.columns.extent(0) * sizeof(int)});
          inputs.push_back({p.y[k].data(), n * sizeof(T)});
        }
        c.bound = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                     read_bytes(p.exec, inputs, sink);
                     if (call != Call::fn) Kokkos::deep_copy(p.exec, p.gradient, T(0));
                   }};
        c.bytes = p.bytes(call, count, options.ranks);
        const double rows = static_cast<double>(n);
        const double matrix = rows * entries_in_a_row * (sizeof(T) + sizeof(int));
        c.least_memory =
            static_cast<double>(p.matrices.size()) * (matrix + rows * (sizeof(int) + sizeof(T))) +
            3.0 * rows * sizeof(T);
      },
      [](const SparseMatrices<T>& p) { return hand_written(p); });
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
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
