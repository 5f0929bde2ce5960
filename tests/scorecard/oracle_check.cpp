// SPDX-License-Identifier: BSD-3-Clause

// f and ∇f over any number of ranks, of operators and any partition, in both kinds of sum, against
// a serial loop in long double: each number is off by at most 4 eps × the sum of the absolute
// values of its terms. Terms are those of the sums as they stand: for f each |u − y|² / (2σ²) with
// Σ |a| |x| + |y| for |u − y|, for an entry of ∇f each |a| (Σ |a| |x| + |y|) / σ².

#include "scorecard/check.hpp"
#include "support/matrix_operator.hpp"
#include "support/oracle.hpp"

#include <misfit/misfit.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using misfit::Partition;
using misfit::Reduction;
using misfit::Sum;
using misfit::test::batch_of;
using misfit::test::Check;
using misfit::test::Exec;
using misfit::test::MatrixOperator;
using misfit::test::on_host;
using misfit::test::Oracle;
using misfit::test::widen;

constexpr std::size_t unknowns = 7, batch = 2;
constexpr long double most = 4;

/// Two shares of n operators by rules, all on one rank, and each on a rank of a seed's choice.
std::vector<std::pair<std::string, Partition>> partitions(int n, int ranks, std::uint64_t seed) {
  std::vector<int> scattered;
  std::uint64_t state = seed;
  for (int i = 0; i < n; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    scattered.push_back(static_cast<int>((state >> 33) % static_cast<std::uint64_t>(ranks)));
  }
  const std::vector<int> one(static_cast<std::size_t>(n), ranks / 2);
  return {{"blocks", Partition::blocks(n)},
          {"round robin", Partition::round_robin(n)},
          {"all on one rank", Partition::from_owners(one)},
          {"random", Partition::from_owners(scattered)}};
}

/// The errors in units of eps × the sum of absolutes, the largest of them.
template <typename T>
long double largest_error(const Oracle& oracle, const std::vector<double>& values,
                          const std::vector<T>& gradient) {
  const long double eps = std::numeric_limits<misfit::detail::Real<T>>::epsilon();
  long double largest = 0;
  const auto take = [&](long double error, long double bound) {
    // What has no terms is 0.
    largest = misfit::test::worse(error == 0 ? 0 : error / (eps * bound), largest);
  };
  for (std::size_t b = 0; b < values.size(); ++b)
    take(std::abs(values[b] - oracle.value[b]), oracle.value_bound[b]);
  for (std::size_t j = 0; j < gradient.size(); ++j)
    take(std::abs(widen(gradient[j]) - oracle.gradient[j]), oracle.gradient_bound[j]);
  return largest;
}

template <typename T>
void check_one(Check& check, const Oracle& oracle, int n, const Partition& partition,
               Reduction reduction, Sum sum, const std::string& what) {
  using Problem = misfit::test::Problem<T>;
  // The fault to find: in the place of the last operator stands the first once more.
  const auto k = [&](int i) { return check.canary() ? i % std::max(n - 1, 1) : i; };
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, partition, [&](int i) {
    return MatrixOperator<T>(static_cast<std::size_t>(k(i)), Problem::rows(k(i)), unknowns);
  });
  const auto y = operators.measurements(
      [&](int i) { return batch_of<T>(Problem::data_seed(k(i)), batch, Problem::rows(k(i))); });
  const misfit::DistributedDataFidelity fidelity(
      operators, [&](int i) { return misfit::L2{Problem::sigma(k(i))}; }, reduction, sum);
  const auto x = batch_of<T>(1, batch, unknowns), gradient = batch_of<T>(2, batch, unknowns);

  const Exec exec;
  const auto both = fidelity.fn_and_grad(exec, x, y, operators, gradient);
  long double error = largest_error(oracle, both, on_host(gradient));
  error =
      misfit::test::worse(error, largest_error<T>(oracle, fidelity.fn(exec, x, y, operators), {}));

  check.figure(static_cast<double>(error));
  check.tried(error <= most, what + ": off by " + std::to_string(static_cast<double>(error)) +
                                 " eps times the sum of absolutes");
}

template <typename T>
void check_all(Check& check, int ranks, Reduction reduction, const char* scalar) {
  for (const int n : std::set{0, 1, ranks - 1, ranks, ranks + 1, 3 * ranks}) {
    std::vector<int> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    const bool mean = reduction == Reduction::mean && n > 0;
    const Oracle oracle = misfit::test::Problem<T>{batch, unknowns, false}.evaluate(
        all, mean ? 1.0L / n : 1.0L, true);
    for (const auto& [name, partition] : partitions(n, ranks, check.seed()))
      for (const Sum sum : {Sum::run_to_run, Sum::reproducible})
        check_one<T>(check, oracle, n, partition, reduction, sum,
                     std::string(scalar) + ", " + std::to_string(n) + " operators, " + name +
                         (sum == Sum::reproducible ? ", reproducible" : ""));
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  check_all<double>(check, ranks, Reduction::sum, "double");
  check_all<Kokkos::complex<float>>(check, ranks, Reduction::mean, "complex<float>");
  return check.finish();
}
