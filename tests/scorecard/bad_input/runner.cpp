// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/bad_input/runner.hpp"

#include <misfit/error.hpp>

#include <mpi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <random>
#include <typeinfo>

namespace misfit::test {

namespace {

// What --canary breaks, in turn.
enum Broken { no_fault, other_text, changed_argument, print, wrong_result, broken_kinds };

bool same_on_all_ranks(std::uint64_t number) {
  std::uint64_t both[2] = {number, ~number};
  MPI_Allreduce(MPI_IN_PLACE, both, 2, MPI_UINT64_T, MPI_MAX, MPI_COMM_WORLD);
  return both[0] == ~both[1];
}

bool has_type(const std::type_info& type, Refusal refusal) {
  switch (refusal) {
    case Refusal::argument:
      return type == typeid(ArgumentError);
    case Refusal::callback:
      return type == typeid(CallbackError);
    case Refusal::domain:
      return type == typeid(DomainError);
  }
  return false;
}

int open_file() {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) MPI_Abort(MPI_COMM_WORLD, 2);
  return dup(fileno(file));
}

}  // namespace

/// What one rank got.
struct Runner::Outcome {
  bool threw = false;
  const std::type_info* type = &typeid(void);
  std::string text = "nothing was thrown";
  int rank = -1, operator_index = -1;
  bool quiet = true, untouched = true, right = true;

  std::uint64_t number() const {
    return std::hash<std::string>()(text + '/' + type->name() + '/' + std::to_string(rank) + '/' +
                                    std::to_string(operator_index));
  }
};

Runner::Runner(Check& check) : check_(check), printed_to_(open_file()) {
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

Runner::~Runner() { close(printed_to_); }

std::int64_t Runner::printed() const {
  struct stat file{};
  fstat(printed_to_, &file);
  return file.st_size;
}

std::vector<std::vector<int>> Runner::rank_sets(Where where) {
  std::vector<int> all;
  for (int r = 0; r < size_; ++r) all.push_back(r);
  std::vector<std::vector<int>> sets;
  if (where == Where::on_first) return {{0}};
  if (where != Where::not_on_all) sets.push_back(all);
  if (size_ == 1 || where == Where::on_all) return sets;
  sets.push_back({0});
  sets.push_back({size_ - 1});
  if (size_ == 2 || check_.quick()) return sets;
  // Neither none nor all, the same on every rank.
  std::mt19937_64 random(check_.seed() * 1000003 + cases_);
  std::shuffle(all.begin(), all.end(), random);
  all.resize(1 + random() % static_cast<std::uint64_t>(size_ - 1));
  std::sort(all.begin(), all.end());
  sets.push_back(all);
  return sets;
}

Runner::Outcome Runner::attempt(const Case& one, bool bad) {
  Outcome outcome;
  std::fflush(nullptr);
  const int out = dup(1), err = dup(2);
  dup2(printed_to_, 1);
  dup2(printed_to_, 2);
  const std::int64_t before = printed();
  try {
    one.call(bad);
    if (check_.canary() && cases_ % broken_kinds == print) std::printf("a line\n");
  } catch (const Error& error) {
    outcome = {true, &typeid(error), error.what(), error.rank(), error.operator_index()};
  } catch (const std::exception& error) {
    outcome.text = std::string("no misfit::Error: ") + error.what();
  } catch (...) {
    outcome.text = "no std::exception";
  }
  if (check_.canary() && cases_ % broken_kinds == print) std::printf("a line\n");
  std::fflush(nullptr);
  outcome.quiet = printed() == before;
  dup2(out, 1);
  dup2(err, 2);
  close(out);
  close(err);
  return outcome;
}

std::string Runner::fault_of(const Case& one, const Outcome& outcome, int first_bad) const {
  if (!outcome.threw) return outcome.text;
  if (!has_type(*outcome.type, one.refusal)) return "the error has another type";
  if (outcome.text.find(one.words) == std::string::npos) return "the text lacks: " + one.words;
  if (one.names_rank && outcome.rank != first_bad)
    return "it names rank " + std::to_string(outcome.rank);
  if (!outcome.quiet) return "something was printed";
  if (!outcome.untouched) return "an argument was changed";
  if (!outcome.right) return "the next result is wrong";
  return {};
}

void Runner::run_on(const Case& one, const std::vector<int>& ranks) {
  const bool canary = check_.canary();
  const auto broken = cases_ % broken_kinds;
  const bool bad = std::find(ranks.begin(), ranks.end(), rank_) != ranks.end();
  Outcome outcome = attempt(one, bad && !(canary && broken == no_fault));
  outcome.untouched = one.untouched(bad) && !(canary && broken == changed_argument);
  if (canary && broken == other_text && rank_ == size_ - 1) outcome.text += "!";
  const bool same = same_on_all_ranks(outcome.number());
  // A rank that threw on its own has left the others nothing to wait for, but its own word.
  outcome.right = one.right() && !(canary && broken == wrong_result);
  std::string fault = fault_of(one, outcome, ranks.front());
  if (fault.empty() && !same) fault = "ranks got different errors";
  std::string where = " (on";
  for (const int r : ranks) where += " " + std::to_string(r);
  check_.tried(fault.empty(), one.name + where + "): " + fault + ": " + outcome.text);
  ++cases_;
}

void Runner::run(const Case& one) {
  for (const auto& ranks : rank_sets(one.where)) run_on(one, ranks);
}

}  // namespace misfit::test
