// SPDX-License-Identifier: BSD-3-Clause

// What docs/quick_reference.md says of operators and distances is what the concepts say of them.

#include <misfit/misfit.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cctype>
#include <concepts>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using Complex = Kokkos::complex<double>;
using Vector = misfit::Vector<double>;
using Matrix = Kokkos::View<double**>;
using Sparse = misfit::Sparse<double, int, int>;

const std::string none = "—";

/// The cells of the row that begins with `name`, without marks of code; those between "\|" are one.
std::vector<std::string> row_of(const std::string& name) {
  std::ifstream page(MISFIT_QUICK_REFERENCE);
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `" + name)) continue;
    if (std::isalnum(static_cast<unsigned char>(line[3 + name.size()])) != 0) continue;
    std::vector<std::string> cells{""};
    for (std::size_t k = 2; k < line.size(); ++k)
      if (line[k] == '|' && line[k - 1] != '\\')
        cells.emplace_back();
      else
        cells.back() += line[k];
    for (std::string& cell : cells) {
      while (cell.ends_with(' ')) cell.pop_back();
      while (cell.starts_with(' ')) cell.erase(0, 1);
    }
    return cells;
  }
  ADD_FAILURE() << "no row begins with " << name;
  return std::vector<std::string>(9);
}

/// Columns 3 to 7 of an operator from T to Range.
template <typename Op, typename T = double, typename Range = T>
void expect_operator(const std::string& name) {
  SCOPED_TRACE(name);
  const std::vector<std::string> cells = row_of(name);
  constexpr bool linear = misfit::LinearOperator<Op, T, Range, Exec>;
  constexpr bool splits = misfit::SplittableOperator<Op>, cuts = misfit::SlabOperator<Op>;
  EXPECT_TRUE((misfit::Operator<Op, T, Range, Exec>));
  EXPECT_EQ(cells[3].starts_with("complex"), misfit::detail::is_complex<T>);
  EXPECT_EQ(cells[3].ends_with("real"),
            (misfit::detail::is_complex<T> && std::same_as<Range, double>));
  EXPECT_EQ(cells[4], linear ? "yes" : "no");
  EXPECT_EQ(cells[5] != none, splits);
  EXPECT_EQ(cells[6] != none, splits || cuts);
  EXPECT_EQ(cells[6].starts_with("all of x"), splits && !cuts);
  EXPECT_EQ(cells[7] != none, (misfit::BoundedOperator<Op, Exec>));
  if (cells[3].starts_with("any")) {
    EXPECT_TRUE((misfit::Operator<Op, Complex, Complex, Exec>));
  }
}

TEST(QuickReference, Operators) {
  expect_operator<misfit::Identity>("Identity");
  expect_operator<misfit::Mask<Vector>>("Mask");
  expect_operator<misfit::Dense<Matrix>>("Dense");
  expect_operator<Sparse>("Sparse");
  expect_operator<misfit::Blur<double>>("Blur");
  expect_operator<misfit::Downsample>("Downsample");
  expect_operator<misfit::FiniteDifference>("FiniteDifference");
  expect_operator<misfit::Radon<>>("Radon");
}

#if defined(MISFIT_FOURIER)
TEST(QuickReference, FourierOperators) {
  expect_operator<misfit::Fourier<Complex>, Complex>("Fourier");
  expect_operator<misfit::CoilFourier<misfit::Vector<Complex>>, Complex>("CoilFourier");
  expect_operator<misfit::FourierBlur<double>>("FourierBlur");
  expect_operator<misfit::NonuniformFourier<Complex>, Complex>("NonuniformFourier");
  expect_operator<misfit::ScannedProbe<Complex>, Complex>("ScannedProbe");
  expect_operator<misfit::Ptychography<Complex>, Complex, double>("Ptychography");
  static_assert(!misfit::Operator<misfit::Fourier<Complex>, double, double, Exec>);
}
#endif

/// Combinations are what their parts are: here of what has all, and of what has nothing.
TEST(QuickReference, Combinations) {
  using misfit::Downsample, misfit::Identity, misfit::SlabOperator, misfit::SplittableOperator;
  static_assert(SplittableOperator<misfit::Compose<Identity, Downsample>>);
  static_assert(!SplittableOperator<misfit::Compose<Downsample, Identity>>);
  static_assert(SlabOperator<misfit::Compose<Identity, Identity>>);
  static_assert(SplittableOperator<misfit::Scale<double, Identity>>);
  static_assert(SplittableOperator<misfit::SliceBySlice<Downsample>>);
  static_assert(SlabOperator<misfit::SliceBySlice<Downsample>>);
  EXPECT_EQ(row_of("stack")[5] != none, (SplittableOperator<misfit::Stack<Identity, Identity>>));
  EXPECT_EQ(row_of("stack")[6] != none, (SlabOperator<misfit::Stack<Identity, Identity>>));
}

/// Columns 3 to 7 of a distance.
template <typename D>
void expect_distance(const std::string& name) {
  SCOPED_TRACE(name);
  const std::vector<std::string> cells = row_of(name);
  using misfit::Distance, misfit::DifferentiableDistance, misfit::ProximableDistance;
  const auto expect = [&](std::size_t k, bool has) {
    EXPECT_EQ(cells[k].starts_with("yes"), has) << "column " << k;
    EXPECT_EQ(cells[k] == none, !has) << "column " << k;
  };
  EXPECT_EQ(cells[3] == "any", (Distance<D, Complex, Exec>));
  EXPECT_EQ(cells[2] != "all", misfit::BoundedDistance<D> || name == "IndicatorL2");
  expect(4, DifferentiableDistance<D, double, Exec>);
  expect(5, ProximableDistance<D, double, Exec>);
  expect(6, misfit::TwiceDifferentiableDistance<D, double, Exec>);
  constexpr bool quadratic = requires { D::is_quadratic; };
  expect(7, quadratic);
}

TEST(QuickReference, Distances) {
  expect_distance<misfit::L2>("L2");
  expect_distance<misfit::WeightedL2<Vector>>("WeightedL2");
  expect_distance<misfit::L1>("L1");
  expect_distance<misfit::Huber>("Huber");
  expect_distance<misfit::Poisson<>>("Poisson");
  expect_distance<misfit::LogPoisson>("LogPoisson");
  expect_distance<misfit::Amplitude>("Amplitude");
  expect_distance<misfit::IndicatorL2>("IndicatorL2");
  expect_distance<misfit::Zero>("Zero");
}

template <typename T, typename... Layout>
constexpr bool taken = misfit::SignalsOn<Kokkos::View<T, Layout...>, Exec>;

static_assert(taken<double**, Kokkos::LayoutRight> && taken<double**, Kokkos::LayoutLeft>);
static_assert(taken<double**, Kokkos::LayoutStride> && taken<const double*> && !taken<double***>);
static_assert(misfit::VectorOn<Vector, Exec> && !misfit::VectorOn<Matrix, Exec>);
static_assert(!misfit::VectorOn<Kokkos::View<double*, Kokkos::LayoutStride>, Exec>);

}  // namespace
