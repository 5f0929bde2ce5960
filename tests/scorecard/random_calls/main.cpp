// SPDX-License-Identifier: BSD-3-Clause

// Random sequences of all collective calls, with failures on some ranks, against a serial loop in
// long double. What fails is made as simple as it can be, and said in a line that can be run again:
// --case "…". --count N: so many evaluations.

#include "scorecard/check.hpp"
#include "scorecard/random_calls/planted.hpp"
#include "scorecard/random_calls/runner.hpp"

#include <misfit/session.hpp>

#include <mpi.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace misfit::test::random_calls;

constexpr unsigned longest_case_s = 60;
constexpr int most_steps = 3000;

/// What is run now, for the case that it never ends.
std::string running;
const char* volatile running_text = "";
void hung(int) {
  (void)!write(2, "a call never ended: --case \"", 28);
  (void)!write(2, running_text, std::strlen(running_text));
  (void)!write(2, "\"\n", 2);
  _exit(3);
}

/// What a case came to on all ranks: evaluations, and other calls that failed.
struct Verdict {
  long long tried = 0, held = 0;
  std::string fault;  ///< the first, as this rank sees it
};

/// Whether calls give the same bits whenever they are made, whatever was called before.
class Repeated {
 public:
  std::string fault_in(const CallSpec& call, const Outcome& outcome) {
    if (!call.plants.empty() || call.name >= Name::make) return "";
    const auto first = first_.try_emplace({call.name, call.point}, outcome.hash(true)).first;
    return first->second == outcome.hash(true) ? "" : "other bits than in the first such call";
  }

 private:
  std::map<std::pair<Name, int>, std::uint64_t> first_;
};

/// Runs a case. Collective.
Verdict run(const Case& c) {
  running = text(c);
  running_text = running.c_str();
  alarm(longest_case_s);
  const Problem problem(c);
  const auto runner = make_runner(problem);
  runner->set_up();
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  Verdict verdict;
  // Of each call: whether it held, its hash, and the hash's complement, so that the minimum of both
  // says whether all ranks have one.
  std::vector<std::int64_t> calls;
  std::vector<std::string> faults;
  Repeated repeated;
  for (std::size_t k = 0; k < c.calls.size(); ++k) {
    const CallSpec& call = c.calls[k];
    const Outcome outcome = runner->run(call);
    // Where all ranks have the same numbers, one compares them, always the same one for a point.
    const bool point = is_evaluation(call.name);
    const bool turn =
        !outcome.same_numbers || (point ? call.point : static_cast<int>(k)) % c.ranks == rank;
    faults.push_back(fault_in(problem, call, outcome, runner->piece(), turn));
    if (faults.back().empty()) faults.back() = repeated.fault_in(call, outcome);
    const auto hash = static_cast<std::int64_t>(outcome.hash());
    calls.insert(calls.end(), {faults.back().empty() ? 1 : 0, hash, ~hash});
  }
  MPI_Allreduce(MPI_IN_PLACE, calls.data(), static_cast<int>(calls.size()), MPI_INT64_T, MPI_MIN,
                MPI_COMM_WORLD);
  for (std::size_t k = 0; k < faults.size(); ++k) {
    const bool same = calls[3 * k + 1] == ~calls[3 * k + 2], right = same && calls[3 * k] == 1;
    if (!right && verdict.held == verdict.tried)
      verdict.fault = "call " + std::to_string(k) + ", " + text(c.calls[k]) + ": " +
                      (!faults[k].empty() ? faults[k]
                       : same             ? "wrong on another rank"
                                          : "ranks differ");
    if (right && !is_evaluation(c.calls[k].name)) continue;
    ++verdict.tried;
    verdict.held += right ? 1 : 0;
  }
  alarm(0);
  return verdict;
}

/// The simplest case that is found to fail as this one does. Collective.
Case simplest(Case c) {
  int steps = 0;
  for (bool found = true; found && steps < most_steps;) {
    found = false;
    for (const Case& other : simpler(c)) {
      if (!has_runner(other)) continue;
      const Verdict verdict = run(other);
      if (++steps >= most_steps) break;
      if (verdict.held == verdict.tried) continue;
      c = other;
      found = true;
      break;
    }
  }
  return c;
}

struct Options {
  std::string line;
  long long count = 0;
  /// Takes its options out of those that Check reads.
  Options(int& argc, char** argv) {
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
      const std::string option = argv[i];
      if (option == "--case" && i + 1 < argc)
        line = argv[++i];
      else if (option == "--count" && i + 1 < argc)
        count = std::stoll(argv[++i]);
      else
        argv[kept++] = argv[i];
    }
    argc = kept;
  }
};

void count(misfit::test::Check& check, int rank, const Verdict& verdict) {
  if (rank == 0) check.tried_here(verdict.tried, verdict.held);
}

void tell(const std::string& what, const Case& c, int rank, const Verdict& verdict) {
  // Each rank that sees more than that another one is wrong.
  const bool own = verdict.fault.find("on another rank") == std::string::npos;
  if (own) std::fprintf(stderr, "[rank %d] %s\n", rank, verdict.fault.c_str());
  if (rank == 0) std::fprintf(stderr, "%s: --case \"%s\"\n", what.c_str(), text(c).c_str());
}

int run_line(misfit::test::Check& check, const std::string& line, int rank) {
  const Case c = parse(line);
  const Verdict verdict = run(c);
  if (verdict.held < verdict.tried) tell("fails", c, rank, verdict);
  count(check, rank, verdict);
  return check.finish();
}

}  // namespace

int main(int argc, char* argv[]) {
  const misfit::Session session(argc, argv);
  const Options options(argc, argv);
  misfit::test::Check check(argc, argv);
  std::signal(SIGALRM, hung);
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  planted.wrong_adjoint = check.canary();
  if (!options.line.empty()) return run_line(check, options.line, rank);

  // Ranks that share cores take their time.
  const int full = ranks <= 2   ? 200000
                   : ranks == 3 ? 400000
                   : ranks == 4 ? 200000
                   : ranks == 5 ? 120000
                                : 80000;
  const long long most = options.count > 0 ? options.count : check.at_most(full, 20000);
  long long evaluations = 0;
  for (std::uint64_t index = 0; evaluations < most; ++index) {
    const Case c = random_case(check.seed(), index, ranks);
    if (!has_runner(c)) continue;
    const Verdict verdict = run(c);
    evaluations += verdict.tried;
    count(check, rank, verdict);
    if (verdict.held == verdict.tried) continue;
    tell("case " + std::to_string(index) + " of seed " + std::to_string(check.seed()) + " fails", c,
         rank, verdict);
    const Case least = simplest(c);
    tell("simplest", least, rank, run(least));
    break;
  }
  return check.finish();
}
