// SPDX-License-Identifier: BSD-3-Clause

// A program that evaluates for a minute, unless a fault ends one of its ranks before. Arguments:
//
//     MAIN FAULT PLACE RANK MILLISECONDS NOTE
//
// MAIN is how it starts: run, session, or own (MPI_Init and Kokkos::initialize). FAULT is kill,
// segv, abort, exit1, exit0, _exit1, _exit0, throw, or ignore, which is none. PLACE is where:
// between evaluations, in an operator, or in a thread at any moment. The RANK writes the time of
// the fault into the file NOTE right before. Rank 0 prints "evaluating" when it begins.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds whole_time(60);

struct Plan {
  std::string fault, place;
  int rank;
  std::chrono::milliseconds after;
  std::string note;
  Clock::time_point due = Clock::time_point::max();  // where this is the rank
};

void write_note(const std::string& name) {
  const std::chrono::duration<double> now = Clock::now().time_since_epoch();
  std::FILE* file = std::fopen(name.c_str(), "w");
  if (!file) return;
  std::fprintf(file, "%.6f\n", now.count());
  std::fclose(file);
}

void strike(const Plan& plan) {
  write_note(plan.note);
  if (plan.fault == "kill") ::kill(::getpid(), SIGKILL);
  volatile int* const nowhere = nullptr;
  if (plan.fault == "segv") *nowhere = 1;
  if (plan.fault == "abort") std::abort();
  if (plan.fault == "exit1") std::exit(1);
  if (plan.fault == "exit0") std::exit(0);
  if (plan.fault == "_exit1") ::_exit(1);
  if (plan.fault == "_exit0") ::_exit(0);
  if (plan.fault == "throw") throw std::runtime_error("planted");
}

/// y = x, in the course of which the fault may be due.
struct Operator {
  using Exec = Kokkos::DefaultExecutionSpace;

  std::size_t domain_size() const { return 500; }
  std::size_t range_size() const { return 500; }
  void apply(const Exec& exec, const misfit::Vector<const double>& x,
             const misfit::Vector<double>& y) const {
    if (Clock::now() >= plan->due && plan->place == "operator") strike(*plan);
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, 500), KOKKOS_LAMBDA(const int i) { y(i) = x(i); });
  }
  void add_adjoint(const Exec& exec, const misfit::Vector<const double>& y,
                   const misfit::Vector<double>& x) const {
    Kokkos::parallel_for(
        Kokkos::RangePolicy<Exec>(exec, 0, 500), KOKKOS_LAMBDA(const int i) { x(i) += y(i); });
  }

  const Plan* plan;
};

int evaluate(Plan plan) {
  const Kokkos::DefaultExecutionSpace exec;
  misfit::DistributedOperator operators(MPI_COMM_WORLD, 12, [&](int) { return Operator{&plan}; });
  const auto y = operators.measurements([](int) { return Kokkos::View<double*>("y", 500); });
  misfit::DistributedDataFidelity fidelity(misfit::L2{1});
  const Kokkos::View<double*> x("x", 500), gradient("gradient", 500);
  Kokkos::deep_copy(x, 1);
  fidelity.fn_and_grad(exec, x, y, operators, gradient);

  const int rank = operators.communicator().rank();
  if (rank == 0) {
    std::printf("evaluating\n");
    std::fflush(stdout);
  }
  const auto start = Clock::now();
  if (rank == plan.rank % operators.communicator().size()) plan.due = start + plan.after;
  if (plan.place == "thread" && plan.due != Clock::time_point::max())
    std::thread([plan] {
      std::this_thread::sleep_until(plan.due);
      strike(plan);
    }).detach();
  // All ranks go on as long as rank 0 says: f is the same on all, the time is not.
  for (double goes_on = 1; goes_on > 0;) {
    fidelity.fn_and_grad(exec, x, y, operators, gradient);
    if (Clock::now() >= plan.due && plan.place == "between") {
      strike(plan);
      plan.due = Clock::time_point::max();
    }
    const bool is_over =
        Clock::now() >= start + (plan.fault == "ignore" ? 2 * plan.after : whole_time);
    goes_on = rank == 0 && !is_over ? 1 : 0;
    operators.communicator().sum(&goes_on, 1);
  }
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 7) return 2;
  const std::string kind = argv[1];
  const Plan plan{argv[2], argv[3], std::atoi(argv[4]),
                  std::chrono::milliseconds(std::atoi(argv[5])), argv[6]};
  if (kind == "run") return misfit::run(argc, argv, [&] { return evaluate(plan); });
  if (kind == "session") {
    const misfit::Session session(argc, argv);
    return evaluate(plan);
  }
  MPI_Init(&argc, &argv);
  Kokkos::initialize(argc, argv);
  const int status = evaluate(plan);
  Kokkos::finalize();
  MPI_Finalize();
  return status;
}
