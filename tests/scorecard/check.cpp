// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace misfit::test {

namespace {

constexpr int most_told = 10;

[[noreturn]] void refuse(const char* program, const std::string& why) {
  std::fprintf(stderr, "%s: %s\noptions: --quick --canary --seed N\n", program, why.c_str());
  MPI_Abort(MPI_COMM_WORLD, 2);
  std::exit(2);
}

std::uint64_t number(const char* program, const char* text) {
  char* end = nullptr;
  const auto value = text ? std::strtoull(text, &end, 10) : 0;
  if (!text || end == text || *end != '\0') refuse(program, "--seed needs a number");
  return value;
}

}  // namespace

Check::Check(int argc, char** argv) {
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--quick")
      quick_ = true;
    else if (option == "--canary")
      canary_ = true;
    else if (option == "--seed")
      seed_ = number(argv[0], i + 1 < argc ? argv[++i] : nullptr);
    else
      refuse(argv[0], "unknown option " + option);
  }
}

void Check::tried(bool held, const std::string& what) {
  if (!held) tell(what);
  int all = held ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  ++tried_;
  held_ += all;
}

void Check::tried_here(std::int64_t count, std::int64_t held) {
  tried_here_ += count;
  held_here_ += held;
}

void Check::tell(const std::string& what) {
  if (++told_ <= most_told) std::fprintf(stderr, "[rank %d] %s\n", rank_, what.c_str());
}

void Check::figure(double value) { figure_ = worse(value, figure_); }

int Check::finish() {
  std::array<long long, 2> here{tried_here_, held_here_};
  MPI_Allreduce(MPI_IN_PLACE, here.data(), 2, MPI_LONG_LONG, MPI_SUM, MPI_COMM_WORLD);
  int no_number = figure_ == figure_ ? 0 : 1;
  double worst = no_number ? 0 : figure_;
  MPI_Allreduce(MPI_IN_PLACE, &no_number, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  const long long tried = tried_ + here[0], held = held_ + here[1];
  if (rank_ == 0) {
    std::printf("result {\"tried\": %lld, \"held\": %lld", tried, held);
    if (no_number || std::isinf(worst))  // which are no numbers of JSON
      std::printf(", \"figure\": \"%s\"", no_number ? "nan" : "inf");
    else if (worst >= 0)
      std::printf(", \"figure\": %.3g", worst);
    std::printf("}\n");
    std::fflush(stdout);
  }
  return tried > 0 && held == tried ? 0 : 1;
}

}  // namespace misfit::test
