// SPDX-License-Identifier: BSD-3-Clause
#include "io/ismrmrd_test.hpp"

#include "io/folder.hpp"

#include <misfit/error.hpp>
#include <misfit/io/ismrmrd.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

namespace {

using misfit::ArgumentError;
using misfit::Shape;
using misfit::io::IsmrmrdFile;
using misfit::test::expect_equal;
using misfit::test::expect_error;
using misfit::test::ismrmrd_acquisition;
using misfit::test::ismrmrd_header;
using misfit::test::IsmrmrdTest;
using misfit::test::mask_of;
using misfit::test::parts_of;
using Complex = Kokkos::complex<float>;

class IsmrmrdPhantoms : public IsmrmrdTest {
 protected:
  /// By Debian's ismrmrd_generate_cartesian_shepp_logan.
  void generate(const std::string& options) {
    const auto command = "ismrmrd_generate_cartesian_shepp_logan " + options + " -o " + path;
    ASSERT_EQ(std::system((command + " > /dev/null").c_str()), 0);
  }
};

TEST_F(IsmrmrdTest, lines_lie_where_the_counters_say) {
  const auto file = file_with(ismrmrd_header({4, 3}, {2, 3}),
                              {ismrmrd_acquisition(4, 2, 2, 10), ismrmrd_acquisition(4, 2, 0, 20)});

  EXPECT_EQ(file.encoded_shape(), Shape({3, 4}));
  EXPECT_EQ(file.image_shape(), Shape({3, 2}));
  EXPECT_EQ(file.coils(), 2);
  EXPECT_EQ(file.slices(), 1);
  EXPECT_FALSE(file.has_coil_maps());
  EXPECT_EQ(parts_of(file, 0), (std::vector<float>{20, 21, 22, 23, 0, 0, 0, 0, 10, 11, 12, 13}));
  EXPECT_EQ(parts_of(file, 1),
            (std::vector<float>{120, 121, 122, 123, 0, 0, 0, 0, 110, 111, 112, 113}));
  EXPECT_EQ(mask_of(file), (std::vector<float>{1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1}));
  const auto both = file.kspace({1, 0});
  ASSERT_EQ(both.size(), 2);
  expect_equal(both[0], file.kspace({1})[0]);
  expect_equal(both[1], file.kspace({0})[0]);
  EXPECT_EQ(file.kspace({}).size(), 0);
}

TEST_F(IsmrmrdTest, centres_of_limits_lie_in_the_middle) {
  auto header = ismrmrd_header({2, 4, 6}, {2, 4, 6});
  header.encoding[0].encodingLimits.kspace_encoding_step_1 = ISMRMRD::Limit(0, 2, 1);
  header.encoding[0].encodingLimits.kspace_encoding_step_2 = ISMRMRD::Limit(0, 2, 0);
  auto line = ismrmrd_acquisition(2, 1, 0, 5);
  line.idx().kspace_encode_step_2 = 2;

  const auto file = file_with(header, {line});

  EXPECT_EQ(file.encoded_shape(), Shape({6, 4, 2}));
  EXPECT_EQ(file.image_shape(), Shape({6, 4, 2}));
  std::vector<float> wanted(48);  // y = 0 + 4/2 − 1, z = 2 + 6/2 − 0
  wanted[(5 * 4 + 1) * 2] = 5;
  wanted[(5 * 4 + 1) * 2 + 1] = 6;
  EXPECT_EQ(parts_of(file, 0), wanted);
}

TEST_F(IsmrmrdTest, repetitions_apart_and_together) {
  auto later = ismrmrd_acquisition(2, 1, 1, 30), both = ismrmrd_acquisition(2, 1, 0, 40);
  later.idx().repetition = 2;
  both.idx().repetition = 2;

  const auto file =
      file_with(ismrmrd_header({2, 2}, {2, 2}), {ismrmrd_acquisition(2, 1, 0, 20), later, both});

  EXPECT_EQ(file.repetitions(), 3);
  EXPECT_EQ(parts_of(file, 0), (std::vector<float>{30, 31, 30, 31}));
  const auto first = file.kspace({0}, {.repetition = 0}).front();
  const auto none = file.mask({.repetition = 1}), last = file.mask({.repetition = 2});
  EXPECT_EQ(first(0).real(), 20);
  EXPECT_EQ(first(2), Complex(0));
  EXPECT_EQ(none(0) + none(2), 0);
  EXPECT_EQ(last(0) + last(2), 2);
  expect_error<ArgumentError>([&] { file.mask({.repetition = 3}); }, {"repetition 3 of 3", path});
}

TEST_F(IsmrmrdTest, repeated_samples_are_averaged) {
  auto again = ismrmrd_acquisition(4, 1, 0, 40), third = ismrmrd_acquisition(2, 1, 0, 9);
  again.idx().average = 1;
  third.idx().repetition = 7;

  const auto file =
      file_with(ismrmrd_header({4, 1}, {4, 1}), {ismrmrd_acquisition(4, 1, 0, 20), again, third});

  // 20 and 40, in the middle also 9.
  EXPECT_EQ(parts_of(file, 0), (std::vector<float>{30, 71 / 3.0F, 74 / 3.0F, 33}));
  EXPECT_EQ(mask_of(file), (std::vector<float>{1, 1, 1, 1}));
}

TEST_F(IsmrmrdTest, slices_are_kept_apart) {
  auto second = ismrmrd_acquisition(2, 1, 0, 8);
  second.idx().slice = 2;

  const auto file =
      file_with(ismrmrd_header({2, 1}, {2, 1}), {ismrmrd_acquisition(2, 1, 0, 4), second});

  EXPECT_EQ(file.slices(), 3);
  EXPECT_EQ(parts_of(file, 0, {.slice = 0}), (std::vector<float>{4, 5}));
  EXPECT_EQ(parts_of(file, 0, {.slice = 1}), (std::vector<float>{0, 0}));
  EXPECT_EQ(parts_of(file, 0, {.slice = 2}), (std::vector<float>{8, 9}));
  EXPECT_EQ(mask_of(file, {.slice = 1}), (std::vector<float>{0, 0}));
  EXPECT_EQ(mask_of(file, {.slice = 2}), (std::vector<float>{1, 1}));
}

TEST_F(IsmrmrdPhantoms, reads_the_shepp_logan_phantom) {
  if (!misfit::test::installed("ismrmrd_generate_cartesian_shepp_logan"))
    GTEST_SKIP() << "ismrmrd_generate_cartesian_shepp_logan is not installed (ismrmrd-tools)";
  generate("-m 16 -c 3 -n 0");

  const IsmrmrdFile file(path);

  EXPECT_EQ(file.encoded_shape(), Shape({16, 32}));
  EXPECT_EQ(file.image_shape(), Shape({16, 16}));
  ASSERT_EQ(file.coils(), 3);
  ASSERT_TRUE(file.has_coil_maps());
  ISMRMRD::Dataset tool(path.c_str(), "dataset", false);
  ISMRMRD::NDArray<complex_float_t> images, maps;
  tool.readNDArray("coil_images", 0, images);
  tool.readNDArray("csm", 0, maps);
  const auto kspace = file.kspace({2, 0});
  const auto read_maps = file.coil_maps({0, 1, 2});
  for (const std::uint16_t c : {0, 1, 2})
    for (std::uint16_t y = 0; y < 16; ++y)
      for (std::uint16_t x = 0; x < 16; ++x)
        ASSERT_EQ(std::complex<float>(read_maps[c](16U * y + x)), maps(x, y, c));
  // What the tool transformed comes back: the centred orthonormal inverse transform of its k-space,
  // to some 10 times the precision of float.
  for (std::uint16_t y = 0; y < 16; y += 3)
    for (std::uint16_t x = 0; x < 32; x += 5) {
      std::complex<double> sum = 0;
      for (int v = 0; v < 16; ++v)
        for (int u = 0; u < 32; ++u) {
          const auto& value = kspace[0](static_cast<std::size_t>(32 * v + u));
          const double turns = (u - 16) * (x - 16) / 32.0 + (v - 8) * (y - 8) / 16.0;
          sum += std::complex<double>(value.real(), value.imag()) *
                 std::polar(1.0, 2 * std::numbers::pi * turns);
        }
      sum /= std::sqrt(16 * 32.0);
      EXPECT_NEAR(std::abs(sum - std::complex<double>(images(x, y, 2))), 0, 1e-6) << x << " " << y;
    }
}

TEST_F(IsmrmrdPhantoms, reads_accelerated_and_noisy_phantoms) {
  if (!misfit::test::installed("ismrmrd_generate_cartesian_shepp_logan"))
    GTEST_SKIP() << "ismrmrd_generate_cartesian_shepp_logan is not installed (ismrmrd-tools)";
  generate("-m 16 -c 3 -n 0");
  const auto whole = IsmrmrdFile(path).kspace({1}).front();
  std::filesystem::remove(path);
  // Two interleaved halves, calibration lines and the coordinates of k-space; noise, to be skipped.
  generate("-m 16 -c 3 -n 0 -a 2 -w 4 -C -k");

  const IsmrmrdFile file(path);
  const auto values = file.kspace({1}).front();

  for (std::size_t j = 0; j < values.size(); ++j)
    ASSERT_NEAR(Kokkos::abs(values(j) - whole(j)), 0, 1e-6);
  EXPECT_EQ(mask_of(file), std::vector<float>(16 * 32, 1));
}

TEST_F(IsmrmrdTest, refuses_coils_and_slices_that_are_not_there) {
  const auto file = file_with(ismrmrd_header({2, 1}, {2, 1}), {ismrmrd_acquisition(2, 3, 0, 4)});

  for (const int coil : {-1, 3}) {
    const auto name = "coil " + std::to_string(coil) + " of 3";
    expect_error<ArgumentError>([&] { file.kspace({0, coil}); }, {name, path});
    expect_error<ArgumentError>([&] { file.coil_maps({coil}); }, {name, path});
  }
  expect_error<ArgumentError>([&] { file.kspace({0}, {.slice = 1}); }, {"slice 1 of 1", path});
  expect_error<ArgumentError>([&] { file.mask({.slice = 1}); }, {"slice 1 of 1", path});
}

}  // namespace
