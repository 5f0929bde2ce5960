// SPDX-License-Identifier: BSD-3-Clause
#include "families/sparse_kinds.hpp"
#include "support/case.hpp"
#include "support/lower_bounds.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace misfit::bench {
namespace {

template <typename T>
using MakeProblem = std::function<std::shared_ptr<SparseMatrices<T>>()>;

/// `count` matrices over all ranks.
template <typename T>
void register_problem_of(const Options& options, const std::string& name, int count,
                         const MakeProblem<T>& make) {
  register_problem<T>(
      options, name, make,
      [=](Case& c, const SparseMatrices<T>& p, Call call) {
        const double columns = static_cast<double>(p.x.extent(0));
        std::vector<Bytes> inputs{{p.x.data(), p.x.extent(0) * sizeof(T)}};
        c.least_memory = 3 * columns * sizeof(T);
        for (std::size_t k = 0; k < p.matrices.size(); ++k) {
          const auto& a = p.matrices[k];
          inputs.push_back({a.values.data(), a.values.extent(0) * sizeof(T)});
          inputs.push_back({a.columns.data(), a.columns.extent(0) * sizeof(int)});
          inputs.push_back({a.row_map.data(), a.row_map.extent(0) * sizeof(int)});
          inputs.push_back({p.y[k].data(), a.n_rows() * sizeof(T)});
          for (std::size_t part = 4 * k + 1; part < inputs.size(); ++part)
            c.least_memory += static_cast<double>(inputs[part].size);
        }
        c.bound = {"roofline", [=, &p, sink = Kokkos::View<float*>("sink", 1024)] {
                     read_bytes(p.exec, inputs, sink);
                     if (call != Call::fn) Kokkos::deep_copy(p.exec, p.gradient, T(0));
                   }};
        c.bytes = p.bytes(call, count, options.ranks);
      },
      [](const SparseMatrices<T>& p) { return hand_written(p); });
}

/// The entries of a matrix of `bytes` bytes.
template <typename T>
std::size_t entries_of(std::size_t bytes) {
  return bytes / (sizeof(T) + sizeof(int));
}

/// `count` matrices over all ranks, of about `bytes` each.
template <typename T>
void register_matrices(const Options& options, int count, std::size_t bytes, const char* series) {
  const std::size_t n = std::max<std::size_t>(64, entries_of<T>(bytes) / entries_in_a_row);
  register_problem_of<T>(options,
                         "sparse/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" +
                             std::to_string(n) + "_rows/" + series,
                         count, [=] { return std::make_shared<SparseMatrices<T>>(count, n); });
}

/// The same of one kind, with one call.
template <typename T>
void register_kind(Options options, int count, std::size_t bytes, const SparseKind& kind) {
  options.only_fn_and_grad = true;
  register_problem_of<T>(
      options, "sparse/" + name_of<T>() + "/" + std::to_string(count) + "_operators/" + kind.name,
      count, [=] {
        const Columns columns = kind.columns(entries_of<T>(bytes));
        return std::make_shared<SparseMatrices<T>>(
            count, [&](int i) { return columns.matrix<T>(10 + static_cast<unsigned>(i)); });
      });
}

template <typename T>
void register_all(const Options& options) {
  options.for_sizes([&](const Options& here, std::size_t bytes) {
    register_matrices<T>(here, 8, bytes / 8, "strong");
    if (here.with_weak(bytes)) register_matrices<T>(here, 8 * here.ranks, bytes / 8, "weak");
  });
  for (const SparseKind& kind : sparse_kinds)
    register_kind<T>(options, 8, options.out_of_cache() / 8, kind);
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
