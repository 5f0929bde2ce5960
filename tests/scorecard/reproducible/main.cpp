// SPDX-License-Identifier: BSD-3-Clause

// Sum::reproducible: f, ∇f and prox have the bits of one rank alone, on this number of ranks, for
// four partitions, and for ranks on one node and on several.

#include "scorecard/bits.hpp"
#include "scorecard/check.hpp"
#include "scorecard/reproducible/cases.hpp"

#include <misfit/misfit.hpp>

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <vector>

#if defined(SMPI_H)

namespace {

// Another compiler rounds otherwise.
const std::string build = "simulated: ";

}  // namespace

#else

namespace {

const std::string build;
// How many nodes ranks are dealt round; 0: those that MPI tells of.
int nodes = 0;

}  // namespace

// The linker takes this instead of MPI's own.
extern "C" int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info,
                                   MPI_Comm* node) {
  if (nodes == 0) return PMPI_Comm_split_type(comm, type, key, info, node);
  int rank = 0;
  PMPI_Comm_rank(comm, &rank);
  return PMPI_Comm_split(comm, rank % nodes, key, node);
}

#endif

namespace {

using misfit::Partition;
using misfit::Sum;
using misfit::test::Case;
using misfit::test::Check;
using misfit::test::Launch;

std::vector<Partition> partitions(int operators, int ranks, std::uint64_t seed) {
  const auto n = static_cast<std::size_t>(operators);
  std::vector<int> scattered(n);
  std::mt19937_64 random(seed);
  for (int& owner : scattered) owner = static_cast<int>(random() % static_cast<unsigned>(ranks));
  return {Partition::blocks(operators), Partition::round_robin(operators),
          Partition::from_owners(std::vector<int>(n, ranks - 1)),
          Partition::from_owners(scattered)};
}

void check_case(Check& check, const Case& problem, int rank, int ranks) {
  std::uint64_t alone = 0;
  if (rank == 0) std::fprintf(stderr, "%s\n", problem.name.c_str());
  if (rank == 0)
    alone = problem.hash(MPI_COMM_SELF, Partition::blocks(problem.operators), Sum::reproducible);
  MPI_Bcast(&alone, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
  if (rank == 0) misfit::test::print_hash(build + problem.name, alone);

  const Sum sum = check.canary() ? Sum::run_to_run : Sum::reproducible;
  std::set<std::uint64_t> hashes{alone};
  const auto try_all = [&](const std::string& placement) {
    int number = 0;
    for (const auto& partition : partitions(problem.operators, ranks, check.seed())) {
      const auto hash = problem.hash(MPI_COMM_WORLD, partition, sum);
      hashes.insert(hash);
      check.tried(hash == alone, problem.name + ": partition " + std::to_string(number++) +
                                     placement + ": not the bits of one rank");
    }
  };
  try_all("");
#if !defined(SMPI_H)
  for (const int number : std::set{2, 3, ranks}) {
    if (number > ranks || problem.launch == Launch::full) continue;
    nodes = number;
    try_all(", " + std::to_string(number) + " nodes");
    nodes = 0;
  }
#endif
  check.figure(static_cast<double>(hashes.size()));
}

void run(Check& check) {
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
#if defined(SMPI_H)
  // A thousand ranks take minutes for a case.
  const Launch launch = ranks > 300 ? Launch::large_simulation : Launch::simulation;
#else
  const Launch launch = check.quick() ? Launch::quick : Launch::full;
#endif
  std::vector<Case> cases;
  misfit::test::add_real_cases(cases);
  misfit::test::add_complex_cases(cases);
  for (const Case& problem : cases)
    if (problem.launch >= launch) check_case(check, problem, rank, ranks);
}

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  Check check(argc, argv);
  run(check);
  return check.finish();
}
