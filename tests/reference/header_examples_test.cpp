// SPDX-License-Identifier: BSD-3-Clause

// The small examples in the reference pages are what misfit computes.

#include "header_examples.hpp"

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <numbers>
#include <string>
#include <vector>

namespace {

using misfit::Shape;

/// A View of rank 2 with these entries, row by row.
template <typename T>
Kokkos::View<T**, Kokkos::LayoutRight> matrix(std::size_t rows, std::initializer_list<T> entries) {
  Kokkos::View<T**, Kokkos::LayoutRight> made("matrix", rows, entries.size() / rows);
  Kokkos::deep_copy(misfit::flatten(made), view(entries));
  return made;
}

TEST(HeaderExamples, Distances) {
  expect_distance("distances/l2.hpp", "L2{0.5}", misfit::L2{0.5}, {1, 3}, {2, 1});
  expect_distance("distances/weighted_l2.hpp", "w = (1, 4)", misfit::WeightedL2{view({1.0, 4.0})},
                  {1, 3}, {2, 1});
  expect_distance("distances/l1.hpp", "L1{}", misfit::L1{}, {1, 3}, {2, 1});
  expect_distance("distances/huber.hpp", "Huber{1}", misfit::Huber{1}, {1.5, 4}, {2, 1});
  expect_distance("distances/poisson.hpp", "Poisson{2, 1}", misfit::Poisson{2, 1}, {2, 6}, {0, 2});
  expect_distance("distances/log_poisson.hpp", "LogPoisson{100, 0.5}", misfit::LogPoisson{100, 0.5},
                  {2, 1}, {2, 2});
  expect_distance("distances/amplitude.hpp", "Amplitude{}", misfit::Amplitude{}, {4, 1}, {9, 1});
  expect_distance("distances/indicator_l2.hpp", "IndicatorL2{5}", misfit::IndicatorL2{5}, {6, 8},
                  {0, 0});
  expect_distance("distances/zero.hpp", "Zero{}", misfit::Zero{}, {1, 3}, {2, 1});
}

TEST(HeaderExamples, Matrices) {
  expect_operator("operators/identity.hpp", "Identity(2)", misfit::Identity(2), view({1.0, 2.0}));
  expect_operator("operators/mask.hpp", "m = (1, 0, 2)", misfit::Mask{view({1.0, 0.0, 2.0})},
                  view({1.0, 2.0, 3.0}));
  expect_operator("operators/dense.hpp", "A with the rows (1, 2) and (3, 4)",
                  misfit::Dense{matrix(2, {1.0, 2.0, 3.0, 4.0})}, view({1.0, 1.0}));
  expect_operator("operators/sparse.hpp",
                  "the row map (0, 2, 3), columns (0, 2, 1), values (2, 1, 3), 3 columns",
                  misfit::Sparse(view({0, 2, 3}), view({0, 2, 1}), view({2.0, 1.0, 3.0}), 3),
                  view({1.0, 2.0, 3.0}));
}

TEST(HeaderExamples, Images) {
  const auto kernel = view({1.0, 2.0, 4.0});
  expect_operator("operators/blur.hpp", "a Shape{4}, h = (1, 2, 4)", misfit::Blur({4}, kernel),
                  view({1.0, 0.0, 0.0, 0.0}));
  expect_operator("operators/downsample.hpp", "a Shape{5}, factor 2", misfit::Downsample({5}, 2),
                  view({1.0, 2.0, 3.0, 4.0, 5.0}));
  expect_operator("operators/finite_difference.hpp", "a Shape{4}", misfit::FiniteDifference({4}),
                  view({1.0, 4.0, 9.0, 16.0}));
  expect_operator("operators/radon.hpp", "a Shape{2, 2}, angles (0, π/2), 2 rays",
                  misfit::Radon({2, 2}, {0.0, std::numbers::pi / 2}, 2),
                  view({1.0, 2.0, 3.0, 4.0}));
}

TEST(HeaderExamples, Combinations) {
  const auto x = view({1.0, 2.0});
  const misfit::Mask mask{view({1.0, 3.0})};
  const misfit::Dense dense{matrix(2, {1.0, 1.0, 1.0, -1.0})};
  expect_operator("operators/compose.hpp",
                  "an outer Mask m = (1, 3), an inner Dense with the rows (1, 1) and (1, −1)",
                  misfit::compose(mask, dense), x);
  expect_operator("operators/scale.hpp", "the factor 2, a Mask m = (1, 3)",
                  misfit::scale(2.0, mask), x);
  expect_operator("operators/stack.hpp", "an Identity, a Mask m = (1, 3)",
                  misfit::stack(misfit::Identity(2), mask), x);
  expect_operator("operators/slice_by_slice.hpp", "a Mask m = (1, 3), 2 slices",
                  misfit::slice_by_slice(mask, 2), view({1.0, 2.0, 3.0, 4.0}));
  expect_operator("operators/phase_retrieval.hpp", "B with the rows (1, 1) and (1, −1)",
                  misfit::PhaseRetrieval{dense}, x);
}

TEST(HeaderExamples, Wrap) {
  const auto x = view({4.0, -4.0, 1.0});
  const std::string before = text(x);
  misfit::wrap(Exec{}, x, x);
  expect_said("operators/wrap.hpp", "For t = 2π, x = " + before + " becomes " + text(x) + ".");
}

#if defined(MISFIT_FOURIER)
TEST(HeaderExamples, Fourier) {
  const auto x = view<Complex>({1.0, 2.0, 3.0, 4.0});
  const auto corner = misfit::Origin::corner;
  expect_operator("operators/fourier_blur.hpp", "a Shape{4}, h = (1, 2, 4)",
                  misfit::FourierBlur({4}, view({1.0, 2.0, 4.0})), view({1.0, 0.0, 0.0, 0.0}));
  expect_operator("operators/fourier.hpp", "a Shape{4}, Origin::corner",
                  misfit::Fourier<Complex>({4}, corner), x);
  expect_operator("operators/coil_fourier.hpp", "a Shape{2}, c = (1, i), Origin::corner",
                  misfit::CoilFourier({2}, view<Complex>({1.0, Complex(0, 1)}), corner),
                  view<Complex>({1.0, 1.0}));
  expect_operator("operators/nonuniform_fourier.hpp",
                  "a Shape{2, 2}, frequencies (0, 0) and (¼, 0)",
                  misfit::NonuniformFourier({2, 2}, matrix(2, {0.0, 0.0, 0.25, 0.0})), x);
}

TEST(HeaderExamples, Ptychography) {
  const auto probe = matrix<Complex>(1, {1.0, 1.0});
  const std::vector<misfit::ScanPosition> positions{{0, 0}, {0, 1}};
  const auto x = view<Complex>({1.0, 2.0, 3.0});
  const std::string name = "a Shape{1, 3}, p = ((1, 1)), positions (0, 0) and (0, 1)";
  expect_operator("operators/scanned_probe.hpp", name,
                  misfit::ScannedProbe({1, 3}, probe, positions), x);
  expect_operator<double>("operators/ptychography.hpp", name,
                          misfit::Ptychography({1, 3}, probe, positions), x);
}
#endif

}  // namespace
