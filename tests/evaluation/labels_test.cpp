// SPDX-License-Identifier: BSD-3-Clause

// What profiles show of misfit, and on which instance its kernels run: seen through Kokkos's hooks
// for tools.

#include "support/matrix_operator.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace {

using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::vector_of;

struct Seen {
  std::set<std::string> kernels, regions, fences, allocations;
  std::set<std::uint32_t> instances;  ///< on which kernels ran
  int open_regions = 0;
};
Seen seen;  // NOLINT: the hooks are plain functions

void note_kernel(const char* label, std::uint32_t instance, std::uint64_t*) {
  seen.kernels.insert(label);
  seen.instances.insert(instance);
}
void note_region(const char* label) {
  seen.regions.insert(label);
  ++seen.open_regions;
}
void note_end_of_region() { --seen.open_regions; }
void note_fence(const char* label, std::uint32_t, std::uint64_t*) { seen.fences.insert(label); }
void note_allocation(Kokkos::Tools::SpaceHandle, const char* label, const void*, std::uint64_t) {
  seen.allocations.insert(label);
}

template <typename Call>
Seen seen_in(Call&& call) {
  namespace tools = Kokkos::Tools::Experimental;
  seen = {};
  tools::set_begin_parallel_for_callback(note_kernel);
  tools::set_begin_parallel_reduce_callback(note_kernel);
  tools::set_begin_parallel_scan_callback(note_kernel);
  tools::set_push_region_callback(note_region);
  tools::set_pop_region_callback(note_end_of_region);
  tools::set_begin_fence_callback(note_fence);
  tools::set_allocate_data_callback(note_allocation);
  call();
  tools::set_begin_parallel_for_callback(nullptr);
  tools::set_begin_parallel_reduce_callback(nullptr);
  tools::set_begin_parallel_scan_callback(nullptr);
  tools::set_push_region_callback(nullptr);
  tools::set_pop_region_callback(nullptr);
  tools::set_begin_fence_callback(nullptr);
  tools::set_allocate_data_callback(nullptr);
  return seen;
}

/// All calls, the first and the second time, with operators on signals of `T`.
template <typename T, typename Factory>
void all_calls(const Exec& exec, Factory&& factory) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, factory);
  const auto data = [&](int i) {
    return batch_of<T>(static_cast<std::size_t>(20 + i), 2, operators.range_size(i));
  };
  const auto y = operators.measurements(exec, data);
  const auto predicted = operators.template allocate_measurements<T>(2);
  const std::size_t n = operators.domain_size();
  const auto x = batch_of<T>(1, 2, n), g = batch_of<T>(2, 2, n);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  for (int call = 0; call < 2; ++call) {
    fidelity.fn(exec, x, y, operators);
    fidelity.grad(exec, x, y, operators, g);
    fidelity.fn_and_grad(exec, x, y, operators, g);
    fidelity.prox(exec, 0.1, x, y, operators, g);
    operators.forward(exec, x, predicted, misfit::Scope::local);
    operators.adjoint(exec, y, g);
    operators.normal(exec, x, g);
    operators.least_squares(exec, y, g);
    operators.template norm_squared<T>(exec);
    operators.template norm_squared_bound<T>(exec);
  }
  misfit::check_adjoint<T>(exec, operators);
  misfit::check_gradient(exec, fidelity, x, y, operators);
}

void calls_of_every_operator(const Exec& exec) {
  using misfit::Shape;
  all_calls<double>(exec, [](int) { return misfit::Mask{vector_of<double>(4, 12)}; });
  all_calls<double>(exec, [](int i) {
    return misfit::Dense{batch_of<double>(static_cast<std::size_t>(i), 5, 12)};
  });
  all_calls<double>(exec, [](int) { return misfit::Blur(Shape{3, 4}, batch_of<double>(3, 2, 2)); });
  all_calls<double>(exec, [](int) { return misfit::Radon({5, 5}, {0.1, 0.8}); });
#if defined(MISFIT_FOURIER)
  using Complex = Kokkos::complex<double>;
  all_calls<Complex>(exec,
                     [](int) { return misfit::Fourier(Shape{4, 6}, vector_of<Complex>(4, 24)); });
  all_calls<double>(exec, [](int) {
    return misfit::FourierBlur<double>(Shape{4, 6}, batch_of<double>(3, 2, 2));
  });
#endif
}

/// What neither begins with "misfit::" nor is Kokkos's own, which names the label that it was
/// given.
std::set<std::string> others(const std::set<std::string>& labels) {
  std::set<std::string> left;
  for (const auto& label : labels) {
    const bool of_misfit = label.starts_with("misfit:") || label.find("misfit::") != label.npos;
    const bool of_kokkos = label.starts_with("Kokkos") || label.starts_with("HostSpace");
    // Of the support of tests.
    const bool of_test = label.starts_with("test ");
    if (!of_misfit && !of_kokkos && !of_test) left.insert(label);
  }
  return left;
}

TEST(Labels, begin_with_misfit) {
  const Seen all = seen_in([] { calls_of_every_operator(Exec{}); });
  ASSERT_GT(all.kernels.size(), 20U);
  ASSERT_GT(all.regions.size(), 5U);
  ASSERT_GT(all.allocations.size(), 10U);
  const std::set<std::string> none;
  EXPECT_EQ(others(all.kernels), none);
  EXPECT_EQ(others(all.regions), none);
  EXPECT_EQ(others(all.fences), none);
  EXPECT_EQ(others(all.allocations), none);
  EXPECT_EQ(all.open_regions, 0);
}

void run_a_kernel() {
  Kokkos::parallel_for("unknown", Kokkos::RangePolicy<Exec>(0, 3), KOKKOS_LAMBDA(int){});
}

TEST(Labels, others_are_found) {
  const Seen one = seen_in(run_a_kernel);
  EXPECT_EQ(others(one.kernels), std::set<std::string>{"unknown"});
}

// Kokkos tells instances apart from 4.0 on, and only where an execution space has several.
TEST(Instances, kernels_run_on_that_of_the_caller) {
#if KOKKOS_VERSION >= 40000
  if (Exec{}.concurrency() < 2) GTEST_SKIP() << "too few threads for two instances";
  const auto instances = Kokkos::Experimental::partition_space(Exec{}, 1, 1);
  const auto id = [](const Exec& exec) { return Kokkos::Tools::Experimental::device_id(exec); };
  if (id(instances[0]) == id(instances[1])) GTEST_SKIP() << "one instance alone";
  const Exec exec = instances[1];
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, [](int i) {
    return misfit::test::MatrixOperator<double>(static_cast<std::size_t>(i), 3, 7);
  });
  const auto y = operators.measurements(exec, [](int) { return vector_of<double>(20, 3); });
  const auto x = vector_of<double>(1, 7), g = vector_of<double>(2, 7);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.5});
  const Seen all = seen_in([&] {
    fidelity.fn_and_grad(exec, x, y, operators, g);
    fidelity.prox(exec, 0.1, x, y, operators, g);
    operators.least_squares(exec, y, g);
    operators.norm_squared<double>(exec);
  });
  EXPECT_EQ(all.instances, std::set<std::uint32_t>{id(exec)});
#else
  GTEST_SKIP() << "this Kokkos does not tell instances apart";
#endif
}

}  // namespace
