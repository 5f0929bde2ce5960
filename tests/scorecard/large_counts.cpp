// SPDX-License-Identifier: BSD-3-Clause

// Counts beyond int: 2^31 + 10 unknowns on one rank, 2^30 + 3 numbers on two; messages that are cut
// as often as one likes; extents whose product is too large.

#include "../core/collectives/mpi.hpp"
#include "../core/collectives/rank_sum.hpp"
#include "scorecard/check.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

using misfit::test::Check;
using misfit::test::Exec;

using Wide = std::int64_t;

/// A number of few digits for entry j: sums of them are exact.
KOKKOS_FUNCTION float number(Wide j) { return static_cast<float>(j % 5) - 1; }

/// How many there are of n; the fault: in four bits.
Wide expected(const Check& check, std::size_t n) {
  return static_cast<Wide>(check.canary() ? n % 16 : n);
}

template <typename V, typename Right>
Wide right_entries(const V& view, const Right& right) {
  Wide count = 0;
  Kokkos::parallel_reduce(
      misfit::detail::range(Exec(), view.extent(0)),
      KOKKOS_LAMBDA(const Wide j, Wide& n) { n += view(j) == right(j) ? 1 : 0; }, count);
  return count;
}

/// f and ∇f of ‖x − y‖² / 2, where y is x one entry further: 4 n bytes for both, and 4 n more.
void unknowns_of_one_rank(Check& check, std::size_t n) {
  const Exec exec;
  using View = Kokkos::View<float*>;
  const View both(Kokkos::view_alloc(Kokkos::WithoutInitializing, "x and y"), n + 1),
      gradient(Kokkos::view_alloc(Kokkos::WithoutInitializing, "gradient"), n);
  Kokkos::parallel_for(
      misfit::detail::range(exec, n + 1), KOKKOS_LAMBDA(const Wide j) { both(j) = number(j); });
  const View x(both.data(), n);
  const std::vector<View> y{View(both.data() + 1, n)};
  const misfit::DistributedOperator operators(MPI_COMM_SELF, 1,
                                              [&](int) { return misfit::Identity(n); });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1.0});
  const double value = fidelity.fn_and_grad(exec, x, y, operators, gradient);

  double sum = 0;  // of whole numbers, 20 in five entries
  for (Wide j = 0; j < static_cast<Wide>(n % 5); ++j)
    sum += (number(j) - number(j + 1)) * (number(j) - number(j + 1));
  sum += 20.0 * static_cast<double>(n / 5);
  check.tried(value == sum / 2, "f is " + std::to_string(value));
  const Wide right = right_entries(gradient, [](Wide j) { return number(j) - number(j + 1); });
  check.tried(right == expected(check, n), std::to_string(right) + " entries of ∇f are right");
}

void numbers_of_ranks(Check& check, int rank, int ranks, std::size_t n) {
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const Kokkos::View<float*> values(Kokkos::view_alloc(Kokkos::WithoutInitializing, "values"), n);
  Kokkos::parallel_for(
      misfit::detail::range(Exec(), n),
      KOKKOS_LAMBDA(const Wide j) { values(j) = number(j + rank); });
  communicator.sum(values.data(), n);
  const Wide right = right_entries(values, [=](Wide j) {
    float sum = 0;
    for (int other = 0; other < ranks; ++other) sum += number(j + other);
    return sum;
  });
  check.tried(right == expected(check, n), std::to_string(right) + " sums are right");
}

void bytes_of_ranks(Check& check, int rank, int ranks, std::size_t n) {
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const Kokkos::View<signed char*> bytes("bytes", n);
  const int root = ranks - 1;
  const auto of_root = KOKKOS_LAMBDA(Wide j) { return static_cast<signed char>(j % 101); };
  if (rank == root)
    Kokkos::parallel_for(
        misfit::detail::range(Exec(), n), KOKKOS_LAMBDA(const Wide j) { bytes(j) = of_root(j); });
  communicator.broadcast(Exec(), bytes, root);
  const Wide right = right_entries(bytes, of_root);
  check.tried(right == expected(check, n), std::to_string(right) + " bytes are right");
}

/// `n` numbers in messages of `piece`, and messages of MPI's own of as many.
void in_pieces(Check& check, int rank, int ranks, std::size_t n, std::size_t piece) {
  const Kokkos::View<double*> values("values", n);
  for (std::size_t j = 0; j < n; ++j) values(j) = number(static_cast<Wide>(j) + rank);
  auto buffer = misfit::detail::reduction_buffer_of(values.data(), n);
  const auto others = static_cast<std::size_t>(ranks - 1);
  std::vector<std::byte> scratch(2 * others * piece * sizeof(double));
  buffer.scratch = scratch;
  const misfit::detail::RankNodes one_node(ranks);
  misfit::detail::RankSum sum(MPI_COMM_WORLD, rank, one_node, nullptr);
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  std::vector<Wide> whole(n);
  for (std::size_t j = 0; j < n; ++j) whole[j] = static_cast<Wide>(j) + rank;

  const std::size_t before = misfit::detail::mpi_piece;
  misfit::detail::mpi_piece = piece * sizeof(double);
  sum.sum(buffer, false);
  misfit::detail::mpi_piece = piece;
  communicator.sum(whole.data(), n);
  misfit::detail::mpi_piece = before;

  Wide right = 0;
  for (std::size_t j = 0; j < n; ++j) {
    float expected_sum = 0;
    Wide expected_whole = 0;
    for (int other = 0; other < ranks; ++other) {
      expected_sum += number(static_cast<Wide>(j) + other);
      expected_whole += static_cast<Wide>(j) + other;
    }
    right += values(j) == expected_sum && whole[j] == expected_whole ? 1 : 0;
  }
  check.tried(right == expected(check, n),
              std::to_string(n) + " numbers in pieces of " + std::to_string(piece));
}

/// 2 to 4 extents whose product is above 2^63 − 1.
void products(Check& check) {
  std::mt19937_64 random(check.seed());
  for (int k = 0; k < 120; ++k) {
    std::array<std::size_t, 4> extents{1, 1, 1, 1};
    const std::size_t used = 2 + random() % 3;
    unsigned bits = 0;
    for (std::size_t d = 0; d < used; ++d) {
      const unsigned most = d + 1 < used ? 62 : 63;
      const unsigned own =
          d + 1 < used ? random() % most : (bits > 62 ? 1 : 63 - bits + random() % 2);
      extents[d] = (std::size_t{1} << own) + (k % 2 == 0 ? 0 : random() % (std::size_t{1} << own));
      bits += own;
    }
    bool refused = false;
    try {
      const misfit::Shape shape{extents[0], extents[1], extents[2], extents[3]};
    } catch (const misfit::ArgumentError&) {
      refused = true;
    }
    check.tried(refused, "extents whose product is too large are not refused");
  }
}

/// Whether there is so much memory. A full run that cannot try all does not hold.
bool has_memory(Check& check, double gigabytes) {
  std::ifstream info("/proc/meminfo");
  std::string word;
  double kilobytes = 0;
  while (info >> word)
    if (word == "MemAvailable:") info >> kilobytes;
  double least = kilobytes / 1e6;
  MPI_Bcast(&least, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  if (least < gigabytes) check.tried(false, "needs " + std::to_string(gigabytes) + " GB of memory");
  return least >= gigabytes;
}

void run(Check& check) {
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (ranks == 1) {
    if (!check.canary()) products(check);
    unknowns_of_one_rank(check, 100003);
    if (!check.quick() && has_memory(check, 18)) unknowns_of_one_rank(check, (1UL << 31) + 10);
    return;
  }
  const std::size_t most = check.quick() ? 40 : 1000;
  for (const std::size_t piece : {1, 7, 64})
    for (std::size_t n = 0; n <= most; ++n) in_pieces(check, rank, ranks, n, piece);
  if (check.quick() || ranks > 2) return;
  if (has_memory(check, 10)) numbers_of_ranks(check, rank, ranks, (1UL << 30) + 3);
  if (has_memory(check, 6)) bytes_of_ranks(check, rank, ranks, (1UL << 31) + 10);
}

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  run(check);
  return check.finish();
}
