// SPDX-License-Identifier: BSD-3-Clause

// How often a call waits for the device: seen through Kokkos's hooks for tools.

#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using misfit::Scope;
using misfit::test::Exec;
using misfit::test::vector_of;

std::vector<std::string> waits;  // NOLINT: the hooks are plain functions

void note_fence(const char* label, std::uint32_t, std::uint64_t*) { waits.emplace_back(label); }
void note_reduce(const char* label, std::uint32_t, std::uint64_t*) { waits.emplace_back(label); }
void note_copy(Kokkos::Tools::SpaceHandle, const char* label, const void*,
               Kokkos::Tools::SpaceHandle, const char*, const void*, std::uint64_t) {
  waits.emplace_back(label);
}

/// The fences, the reductions to the host and the copies in `call`.
template <typename Call>
std::vector<std::string> waits_in(Call&& call) {
  namespace tools = Kokkos::Tools::Experimental;
  waits.clear();
  tools::set_begin_fence_callback(note_fence);
  tools::set_begin_parallel_reduce_callback(note_reduce);
  tools::set_begin_deep_copy_callback(note_copy);
  call();
  tools::set_begin_fence_callback(nullptr);
  tools::set_begin_parallel_reduce_callback(nullptr);
  tools::set_begin_deep_copy_callback(nullptr);
  return waits;
}

void reduce() {
  double sum = 0;
  Kokkos::parallel_reduce(
      "seen", Kokkos::RangePolicy<Exec>(0, 3), KOKKOS_LAMBDA(int, double& s) { s += 1; }, sum);
}

TEST(HostSynchronisations, hooks_see_a_reduction) { EXPECT_FALSE(waits_in(reduce).empty()); }

template <typename Factory>
void expect_one(std::size_t unknowns, Factory&& factory) {
  const Exec exec;
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 5, factory);
  const auto y =
      operators.measurements([&](int i) { return vector_of<double>(20, operators.range_size(i)); });
  const auto x = vector_of<double>(1, unknowns), gradient = vector_of<double>(2, unknowns);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  fidelity.fn_and_grad(exec, x, y, operators, gradient);

  for (const Scope scope : {Scope::local, Scope::global}) {
    const auto expect = [&](const std::vector<std::string>& seen) {
      std::string text;
      for (const auto& label : seen) text += label + "; ";
      EXPECT_LE(seen.size(), 1U) << text;
    };
    expect(waits_in([&] { fidelity.fn(exec, x, y, operators, scope); }));
    expect(waits_in([&] { fidelity.grad(exec, x, y, operators, gradient, scope); }));
    expect(waits_in([&] { fidelity.fn_and_grad(exec, x, y, operators, gradient, scope); }));
  }
}

// On a GPU operands and the gradient are also copied.
TEST(HostSynchronisations, one_for_all_operators) {
  if (!misfit::detail::in_cpu_form<Exec>) GTEST_SKIP() << "counted on a CPU";
  expect_one(7, [](int) { return misfit::Mask{vector_of<double>(4, 7)}; });
  expect_one(7, [](int i) {
    return misfit::Dense{
        misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 3, 7).matrix};
  });
  expect_one(7, [](int i) {
    return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 3, 7);
  });
}

}  // namespace
