// SPDX-License-Identifier: BSD-3-Clause

// Values and gradients computed by DeepInverse in one process, reproduced over all ranks to 1e-12.

#include "evaluation/golden.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace {

constexpr double tolerance = 1e-12;
using Signal = misfit::Vector<double>;

const char* name_of(misfit::Reduction reduction) {
  return reduction == misfit::Reduction::sum ? "sum" : "mean";
}

/// a + b s(k), the form of all data in the table.
std::vector<double> affine(double a, double b, int k, std::size_t n) {
  auto numbers = golden::s_vector(k, n);
  for (double& number : numbers) number = a + b * number;
  return numbers;
}

struct Data {
  Signal x;
  misfit::Measurements<Signal> y;
};

/// x = s(k), y_i = s(20 + i).
template <typename Op>
Data plain_data(const misfit::DistributedOperator<Op>& operators, int k) {
  return {golden::device_vector(golden::s_vector(k, operators.domain_size())),
          operators.measurements([&](int i) {
            return golden::device_vector(golden::s_vector(20 + i, operators.range_size(i)));
          })};
}

template <typename Op, typename D>
void expect_value_and_gradient(const misfit::DistributedDataFidelity<D>& fidelity,
                               const misfit::DistributedOperator<Op>& operators, const Data& data,
                               const golden::Case& expected) {
  const Kokkos::DefaultExecutionSpace exec;
  const Signal gradient("gradient", data.x.extent(0));

  const double value = fidelity.fn_and_grad(exec, data.x, data.y, operators, gradient);

  ASSERT_EQ(operators.size(), expected.n);
  EXPECT_NEAR(value, expected.value[0], tolerance * std::abs(expected.value[0]));
  EXPECT_NEAR(fidelity.fn(exec, data.x, data.y, operators), expected.value[0],
              tolerance * std::abs(expected.value[0]));
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, gradient);
  golden::expect_gradient({host.data(), host.data() + host.extent(0)}, expected, tolerance);
}

/// A case with one distance, under both reductions.
template <typename Op, typename D>
void check(const std::string& name, const std::string& fidelity, const D& distance,
           const misfit::DistributedOperator<Op>& operators, const Data& data) {
  for (const auto reduction : {misfit::Reduction::sum, misfit::Reduction::mean}) {
    SCOPED_TRACE(name + ", " + fidelity + ", " + name_of(reduction));
    expect_value_and_gradient(misfit::DistributedDataFidelity(distance, reduction), operators, data,
                              golden::read(name, name_of(reduction), fidelity));
  }
}

Kokkos::View<double**> kernel(int i, std::size_t rows, std::size_t columns) {
  const Kokkos::View<double**> h("h", rows, columns);
  const auto host = Kokkos::create_mirror_view(h);
  const auto entries = golden::filter(i, rows * columns);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) host(r, c) = entries[r * columns + c];
  Kokkos::deep_copy(h, host);
  return h;
}

auto masks(int n) {
  return misfit::DistributedOperator(MPI_COMM_WORLD, n, [](int i) {
    auto m = golden::s_vector(40 + i, 72);
    for (double& entry : m) entry = entry > 0 ? 1 : 0;
    return misfit::Mask(golden::device_vector(m));
  });
}

auto identities(int n) {
  return misfit::DistributedOperator(MPI_COMM_WORLD, n, [](int) { return misfit::Identity(42); });
}

TEST(Golden, identity) {
  const auto operators = identities(3);
  const auto data = plain_data(operators, 1);
  check("identity", "L2(sigma=0.7)", misfit::L2(0.7), operators, data);
  check("identity", "L1", misfit::L1(), operators, data);
  check("identity", "Zero", misfit::Zero(), operators, data);
}

TEST(Golden, indicator_is_infinite_where_the_table_says_1e16) {
  const Kokkos::DefaultExecutionSpace exec;
  const auto operators = identities(3);
  const auto data = plain_data(operators, 1);
  const misfit::DistributedDataFidelity small(misfit::IndicatorL2(1));
  const misfit::DistributedDataFidelity large(misfit::IndicatorL2(100));

  EXPECT_GE(golden::read("identity", "sum", "IndicatorL2(radius=1)").value[0], 1e16);
  EXPECT_EQ(small.fn(exec, data.x, data.y, operators), static_cast<double>(INFINITY));
  EXPECT_EQ(golden::read("identity", "sum", "IndicatorL2(radius=100)").value[0], 0);
  EXPECT_EQ(large.fn(exec, data.x, data.y, operators), 0);
}

TEST(Golden, amplitude) {
  const auto operators = identities(3);
  const Data data{golden::device_vector(affine(0.2 + 0.9, 0.9, 1, 42)),
                  operators.measurements([](int i) {
                    return golden::device_vector(affine(0.1 + 1.45, 1.45, 20 + i, 42));
                  })};
  check("identity_pos", "AmplitudeLoss", misfit::Amplitude(), operators, data);
}

TEST(Golden, batch) {
  const Kokkos::DefaultExecutionSpace exec;
  using Batch = Kokkos::View<double**, Kokkos::LayoutRight>;
  const auto batch = [](int k) {
    const auto flat = golden::device_vector(golden::s_vector(k, 84));
    const Batch view("batch", 2, 42);
    Kokkos::deep_copy(misfit::flatten(view), flat);
    return view;
  };
  const auto operators = identities(2);
  const auto y = operators.measurements([&](int i) { return batch(20 + i); });
  for (const auto reduction : {misfit::Reduction::sum, misfit::Reduction::mean}) {
    const auto expected = golden::read("identity_batch2", name_of(reduction), "L2(sigma=0.7)");
    const misfit::DistributedDataFidelity fidelity(misfit::L2(0.7), reduction);
    const Batch gradient("gradient", 2, 42);

    const auto values = fidelity.fn_and_grad(exec, batch(1), y, operators, gradient);

    for (std::size_t b = 0; b < 2; ++b)
      EXPECT_NEAR(values[b], expected.value[b], tolerance * expected.value[b]);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, gradient);
    golden::expect_gradient({host.data(), host.data() + host.size()}, expected, tolerance);
  }
}

TEST(Golden, mask) {
  const auto operators = masks(5);
  const auto data = plain_data(operators, 2);
  check("mask", "L2(sigma=0.7)", misfit::L2(0.7), operators, data);
  check("mask", "L1", misfit::L1(), operators, data);
}

TEST(Golden, mask_with_a_distance_per_operator) {
  const auto operators = masks(3);
  const auto data = plain_data(operators, 2);
  for (const auto reduction : {misfit::Reduction::sum, misfit::Reduction::mean}) {
    const misfit::DistributedDataFidelity fidelity(
        operators,
        [](int i) {
          return i == 1 ? misfit::AnyDistance<double>(misfit::L1())
                        : misfit::AnyDistance<double>(misfit::L2(i == 0 ? 0.5 : 2.0));
        },
        reduction);
    expect_value_and_gradient(
        fidelity, operators, data,
        golden::read("mask_mixed", name_of(reduction), "L2(0.5),L1,L2(2.0) by factory"));
  }
}

TEST(Golden, dense_with_ragged_rows) {
  const misfit::DistributedOperator operators(MPI_COMM_WORLD, 4, [](int i) {
    const std::size_t rows = 7 + static_cast<std::size_t>(i);
    const Kokkos::View<double**> a("a", rows, 30);
    const auto host = Kokkos::create_mirror_view(a);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < 30; ++c)
        host(r, c) = golden::s(50 + i, r * 30 + c) / std::sqrt(30.0);
    Kokkos::deep_copy(a, host);
    return misfit::Dense(a);
  });
  const auto data = plain_data(operators, 3);
  check("dense_ragged", "L2(sigma=0.7)", misfit::L2(0.7), operators, data);
  check("dense_ragged", "L1", misfit::L1(), operators, data);
}

TEST(Golden, blur) {
  for (const auto padding : {misfit::Padding::valid, misfit::Padding::circular}) {
    const misfit::DistributedOperator operators(MPI_COMM_WORLD, 3, [padding](int i) {
      return misfit::Blur({10, 11}, kernel(i, 3, 5), padding);
    });
    check(padding == misfit::Padding::valid ? "blur_valid" : "blur_circular", "L2(sigma=0.7)",
          misfit::L2(0.7), operators, plain_data(operators, 4));
  }
}

TEST(Golden, downsampled_blur_fused_and_in_general) {
  const auto blur = [](int i) {
    return misfit::Blur({3, 12, 16}, kernel(i, 5, 5), misfit::Padding::valid);
  };
  const misfit::Downsample downsample({3, 8, 12}, {1, 2, 2});
  const misfit::DistributedOperator fused(
      MPI_COMM_WORLD, 8, [&](int i) { return misfit::compose(downsample, blur(i)); });
  const misfit::DistributedOperator general(
      MPI_COMM_WORLD, 8, [&](int i) { return misfit::Compose(downsample, blur(i)); });
  check("downsample2_valid", "L2(sigma=0.7)", misfit::L2(0.7), fused, plain_data(fused, 5));
  check("downsample2_valid", "L2(sigma=0.7)", misfit::L2(0.7), general, plain_data(general, 5));
}

template <typename D>
void check_prox(const std::string& fidelity, const D& distance) {
  const Kokkos::DefaultExecutionSpace exec;
  const auto expected = golden::read_prox(fidelity);
  const auto v = golden::device_vector(golden::s_vector(1, 42));
  const auto y = golden::device_vector(golden::s_vector(20, 42));
  const Signal result("result", 42);

  misfit::prox(exec, distance, expected.gamma, v, y, result);

  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, result);
  double squares = 0;
  for (std::size_t j = 0; j < 42; ++j) squares += host(j) * host(j);
  EXPECT_NEAR(std::sqrt(squares), expected.norm, tolerance * expected.norm);
  for (std::size_t j = 0; j < expected.head.size(); ++j)
    EXPECT_NEAR(host(j), expected.head[j], tolerance) << fidelity << ", entry " << j;
}

TEST(Golden, prox_of_distances) {
  check_prox("L2(sigma=0.7)", misfit::L2(0.7));
  check_prox("L1", misfit::L1());
  check_prox("IndicatorL2(radius=1)", misfit::IndicatorL2(1));
}

}  // namespace
