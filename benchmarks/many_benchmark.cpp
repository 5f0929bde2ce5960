// SPDX-License-Identifier: BSD-3-Clause

// Many small operators: fn_and_grad of them beside that of one large operator on every rank, of as
// many bytes with its data.

#include "families/dense.hpp"
#include "families/mask.hpp"
#include "families/sparse.hpp"
#if defined(MISFIT_FOURIER)
#include "families/fourier.hpp"
#endif
#include "support/case.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>

namespace misfit::bench {
namespace {

/// How many operators there are over all ranks, and about how large one is with its data.
struct Many {
  Many(const Options& options, int at_most, std::size_t bytes)
      // Out of the cache, where that does not take more than that.
      : count(static_cast<int>(std::clamp<std::size_t>(8 * options.cache_bytes / bytes, 64,
                                                       static_cast<std::size_t>(at_most)))),
        share(static_cast<std::size_t>((count + options.ranks - 1) / options.ranks)),
        ranks(options.ranks),
        bytes(bytes) {}

  int count;
  std::size_t share;  ///< of a rank
  int ranks;
  std::size_t bytes;
};

/// Registers the problem that `make` makes of many operators; `make_large` makes that of one large
/// operator on every rank.
template <typename Make, typename MakeLarge>
void register_many(const Options& options, const Many& many, const std::string& name, Make make,
                   MakeLarge make_large) {
  const auto run = [=](benchmark::State& state) {
    ViewMemory::forget();
    const auto p = make();
    Case c;
    c.ranks = options.ranks;
    c.ours = [&] { p->run(Call::fn_and_grad, Scope::global); };
    c.computing = [&] { p->run(Call::fn_and_grad, Scope::local); };
    c.bytes = static_cast<double>(many.bytes) * many.count;
    c.least_memory = static_cast<double>(many.bytes * many.share) +
                     3.0 * static_cast<double>(sizeof(p->x(0)) * p->x.extent(0));
    const auto large = std::make_shared<decltype(make_large())>();
    c.others = [&] {
      *large = make_large();
      return std::vector<Step>{
          {"one_large_over_many", [=] { (*large)->run(Call::fn_and_grad, Scope::global); }}};
    };
    run_case(state, p->exec, c);
  };
  benchmark::RegisterBenchmark(("many/" + name + "/" + std::to_string(many.count) + "_operators/" +
                                std::to_string(many.bytes >> 10) + "KiB/fn_and_grad")
                                   .c_str(),
                               run)
      ->Iterations(options.rounds)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

template <typename T>
void register_masks(const Options& options, int at_most, std::size_t bytes) {
  const Many many(options, at_most, bytes);
  const std::size_t n = bytes / 2 / sizeof(T);
  register_many(
      options, many, "mask/" + name_of<T>(),
      [=] { return std::make_shared<Masks<T>>(many.count, n); },
      [=] { return std::make_shared<Masks<T>>(many.ranks, n * many.share); });
}

/// The large one has as many columns: the rows of all.
template <typename T>
void register_matrices(const Options& options, int at_most, std::size_t n) {
  const Many many(options, at_most, n * (n + 1) * sizeof(T));
  using Matrices = DenseMatrices<T>;
  register_many(
      options, many, "dense/" + name_of<T>(),
      [=] { return std::make_shared<Matrices>(many.count, n); },
      [=] {
        return std::make_shared<Matrices>(
            DistributedOperator(MPI_COMM_WORLD, many.ranks, [=](int i) {
              return Dense{random_matrix<T>(n * many.share, n, 10 + static_cast<unsigned>(i))};
            }));
      });
}

/// The same of sparse matrices with 32 entries in a row.
template <typename T>
void register_sparse_matrices(const Options& options, int at_most, std::size_t n) {
  const std::size_t row_bytes = entries_in_a_row * (sizeof(T) + sizeof(int)) + sizeof(T);
  const Many many(options, at_most, n * row_bytes);
  using Matrices = SparseMatrices<T>;
  register_many(
      options, many, "sparse/" + name_of<T>(),
      [=] { return std::make_shared<Matrices>(many.count, n); },
      [=] {
        return std::make_shared<Matrices>(many.ranks, [=](int i) {
          return banded_random<T>(n, 10 + 2 * static_cast<unsigned>(i), {0, n * many.share});
        });
      });
}

#if defined(MISFIT_FOURIER)
/// The large one has as many pixels, whose transforms take more steps.
template <typename T>
void register_transforms(const Options& options, int at_most, std::size_t side) {
  const Many many(options, at_most, side * side * sizeof(T));
  const auto large = static_cast<std::size_t>(static_cast<double>(side) *
                                              std::sqrt(static_cast<double>(many.share)));
  register_many(
      options, many, "fourier/" + name_of<T>(),
      [=] { return std::make_shared<Fouriers<T>>(many.count, cube(2, side)); },
      [=] { return std::make_shared<Fouriers<T>>(many.ranks, cube(2, large)); });
}
#endif

void register_cases(const Options& options) {
  register_masks<double>(options, 4096, 64 << 10);
  register_masks<double>(options, 10000, 4 << 10);
  register_matrices<double>(options, 10000, 64);
  register_matrices<double>(options, 10000, 22);
  register_sparse_matrices<double>(options, 4096, 128);
#if defined(MISFIT_FOURIER)
  register_transforms<Kokkos::complex<double>>(options, 10000, 32);
#endif
}

}  // namespace
}  // namespace misfit::bench

int main(int argc, char* argv[]) {
  return misfit::bench::run_family(argc, argv, misfit::bench::register_cases);
}
