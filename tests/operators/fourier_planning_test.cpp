// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/error.hpp>
#include <misfit/fourier_planning.hpp>
#include <misfit/operators/fourier.hpp>

#include <fftw3.h>
#include <gtest/gtest.h>
#include <io/folder.hpp>
#include <support/reference.hpp>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>

namespace {

using misfit::Fourier;
using misfit::FourierPlanning;
using misfit::test::bytes_of;
using Complex = Kokkos::complex<double>;

// Of 192 entries FFTW's estimate is another plan than the one it measures to be fastest.
const misfit::Shape shape{192};

std::string wisdom_of_double() {
  char* const text = fftw_export_wisdom_to_string();
  std::string copy = text;
  std::free(text);
  return copy;
}

/// Lines of wisdom, which are in any order.
std::multiset<std::string> lines_of(const std::string& text) {
  std::multiset<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

std::multiset<std::string> known() { return lines_of(wisdom_of_double()); }

/// FFTW as new, and misfit as it starts.
class FourierPlanningTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!misfit::detail::in_cpu_form<Kokkos::DefaultExecutionSpace>)
      GTEST_SKIP() << "FFTW is for CPUs";
    forget();
  }
  void TearDown() override {
    misfit::set_fourier_planning(FourierPlanning::estimate);
    forget();
  }
  static void forget() {
    fftw_forget_wisdom();
    fftwf_forget_wisdom();
  }
  template <typename T = Complex>
  static reference::Numbers spectrum(FourierPlanning planning) {
    misfit::set_fourier_planning(planning);
    const auto x = reference::random_vector<T>(shape.size(), 1);
    return reference::numbers(reference::apply<T>(Fourier<T>(shape), x));
  }
  void expect_refused(const std::string& bytes, const std::string& words) const {
    const std::string file = folder / "refused";
    const auto before = known();
    misfit::test::write_bytes(file, bytes);
    try {
      misfit::read_fourier_wisdom(file);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const misfit::FileError& error) {
      EXPECT_EQ(std::string(error.what()), file + words);
    }
    EXPECT_EQ(known(), before);
  }

  misfit::test::Folder folder;
};

TEST_F(FourierPlanningTest, estimates_are_the_same_whatever_was_measured) {
  EXPECT_EQ(misfit::fourier_planning(), FourierPlanning::estimate);
  const auto estimated = spectrum(FourierPlanning::estimate);

  const auto measured = spectrum(FourierPlanning::measure);
  const auto wisdom = known();
  const auto again = spectrum(FourierPlanning::estimate);

  ASSERT_EQ(measured.size(), estimated.size());
  for (std::size_t k = 0; k < measured.size(); ++k)
    EXPECT_LE(std::abs(measured[k] - estimated[k]), 1e-13L) << k;
  EXPECT_EQ(again, estimated);
  EXPECT_EQ(known(), wisdom);
}

TEST_F(FourierPlanningTest, wisdom_goes_through_a_file) {
  const auto measured = spectrum(FourierPlanning::measure);
  const auto in_float = spectrum<Kokkos::complex<float>>(FourierPlanning::measure);
  const std::string file = folder / "wisdom";
  misfit::write_fourier_wisdom(file);
  const auto wisdom = known();
  forget();

  misfit::set_fourier_planning(misfit::FourierPlanning::measure);
  misfit::read_fourier_wisdom(file);

  EXPECT_EQ(known(), wisdom);
  misfit::write_fourier_wisdom(folder / "again");
  EXPECT_EQ(lines_of(bytes_of(folder / "again")), lines_of(bytes_of(file)));
  EXPECT_EQ(spectrum(FourierPlanning::measure), measured);
  EXPECT_EQ(spectrum<Kokkos::complex<float>>(FourierPlanning::measure), in_float);
  EXPECT_EQ(known(), wisdom) << "all plans were known";
}

TEST_F(FourierPlanningTest, refuses_other_files) {
  spectrum(FourierPlanning::measure);
  misfit::write_fourier_wisdom(folder / "wisdom");
  const std::string wisdom = bytes_of(folder / "wisdom");
  const std::string other = ": is not what write_fourier_wisdom() writes";
  const std::string damaged = ": is damaged, or wisdom of another build of FFTW";
  forget();

  EXPECT_THROW(misfit::read_fourier_wisdom(folder / "."), misfit::FileError);
  EXPECT_THROW(misfit::read_fourier_wisdom(folder / "nothing"), misfit::FileError);
  expect_refused("", other);
  expect_refused("something else", other);
  expect_refused(wisdom_of_double(), other);  // in one precision
  expect_refused(wisdom.substr(0, wisdom.size() - 10), damaged);
  expect_refused("(fftw-2" + wisdom.substr(7), damaged);
  try {
    misfit::read_fourier_wisdom(folder / "none");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const misfit::FileError& error) {
    EXPECT_EQ(std::string(error.what()), folder / "none: cannot be read");
  }
  EXPECT_THROW(misfit::write_fourier_wisdom(folder / "no/such/folder"), misfit::FileError);
}

}  // namespace
