// SPDX-License-Identifier: BSD-3-Clause

// Six matrices over the ranks, and x on all of them: least squares by ROL.

#include <misfit/misfit.hpp>
#include <misfit/rol.hpp>

#include <Kokkos_Core.hpp>
#include <ROL_ParameterList.hpp>
#include <ROL_Problem.hpp>
#include <ROL_Solver.hpp>
#include <mpi.h>

#include <iostream>
#include <sstream>

void least_squares() {
  const Kokkos::DefaultExecutionSpace exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 6, [](int i) {
    Kokkos::View<double**> a("a", 20, 8);
    for (int row = 0; row < 20; ++row) a(row, (row + i) % 8) = 1 + i;
    return misfit::Dense{a};
  });
  const auto y = operators.measurements([](int i) {
    Kokkos::View<double*> data("data", 20);
    Kokkos::deep_copy(data, 3 * (1 + i));
    return data;
  });
  const misfit::DistributedDataFidelity fidelity(misfit::L2{1});

  const Kokkos::View<double*> x("x", 8);  // the start, then the solution
  misfit::RolObjective objective(exec, fidelity, x, y, operators);
  const auto problem =
      ROL::makePtr<ROL::Problem<double>>(ROL::makePtrFromRef(objective), objective.solution());
  ROL::ParameterList parameters;
  parameters.sublist("Step").set("Type", "Line Search");
  parameters.sublist("General").sublist("Secant").set("Type", "Limited-Memory BFGS");
  parameters.sublist("Status Test").set("Gradient Tolerance", 1e-6);
  parameters.sublist("General").set("Output Level", 1);
  ROL::Solver<double> solver(problem, parameters);
  std::ostringstream silence;
  const bool prints = operators.communicator().rank() == 0;
  solver.solve(prints ? std::cout : silence);
  if (prints) std::cout << "x = " << x(0) << " ... " << x(7) << '\n';
}

int main(int argc, char* argv[]) { return misfit::run(argc, argv, least_squares); }
