// SPDX-License-Identifier: BSD-3-Clause
#include "io/ismrmrd_test.hpp"

#include <misfit/error.hpp>
#include <misfit/io/ismrmrd.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

// Which acquisitions are read: flags, counters, limits and encodings.

namespace {

using misfit::ArgumentError;
using misfit::FileError;
using misfit::Shape;
using misfit::io::IsmrmrdFile;
using misfit::test::expect_error;
using misfit::test::ismrmrd_acquisition;
using misfit::test::ismrmrd_header;
using misfit::test::IsmrmrdTest;
using misfit::test::mask_of;
using misfit::test::parts_of;
using Acquisitions = std::vector<ISMRMRD::Acquisition>;
using Line = std::vector<float>;

class IsmrmrdParts : public IsmrmrdTest {
 protected:
  /// One line of two samples at y; with `change` to it.
  template <typename Change>
  static ISMRMRD::Acquisition line(int y, float value, Change&& change) {
    auto acquisition = ismrmrd_acquisition(2, 1, y, value);
    change(acquisition);
    return acquisition;
  }
  static ISMRMRD::Acquisition line(int y, float value) {
    return line(y, value, [](auto&) {});
  }
};

TEST_F(IsmrmrdParts, what_is_no_imaging_data_is_left_out) {
  Acquisitions lines{line(0, 4)};
  for (const std::uint64_t flag : {19, 20, 23, 24, 26, 27, 28, 30, 31}) {
    lines.push_back(ismrmrd_acquisition(3, 5, 77, 1000));  // other coils and lines, too
    lines.back().setFlag(flag);
  }
  lines.push_back(line(1, 6));
  for (const std::uint64_t flag : {1, 7, 21, 25, 57}) lines.back().setFlag(flag);

  const auto file = file_with(ismrmrd_header({2, 2}, {2, 2}), lines);

  EXPECT_EQ(file.coils(), 1);
  EXPECT_EQ(file.left_out(), 0);
  EXPECT_EQ(parts_of(file, 0), (Line{4, 5, 6, 7}));
}

TEST_F(IsmrmrdParts, what_is_imaging_data_as_well_is_not) {
  const auto file =
      file_with(ismrmrd_header({2, 3}, {2, 3}), {line(0, 4, [](auto& one) { one.setFlag(29); }),
                                                 line(1, 6,
                                                      [](auto& one) {
                                                        one.setFlag(20);
                                                        one.setFlag(21);
                                                      }),
                                                 line(2, 8, [](auto& one) { one.setFlag(21); })});

  EXPECT_EQ(parts_of(file, 0), (Line{4, 5, 6, 7, 8, 9}));
}

TEST_F(IsmrmrdParts, corrections_by_other_coils_are_no_imaging_data) {
  auto body_coil = ismrmrd_acquisition(2, 2, 1, 1000);
  body_coil.setFlag(29);

  const auto file = file_with(ismrmrd_header({2, 2}, {2, 2}), {body_coil, line(0, 4), line(1, 6)});

  EXPECT_EQ(file.coils(), 1);
  EXPECT_EQ(parts_of(file, 0), (Line{4, 5, 6, 7}));
}

TEST_F(IsmrmrdParts, contrasts_phases_and_sets_are_chosen) {
  const auto file =
      file_with(ismrmrd_header({2, 1}, {2, 1}),
                {line(0, 10), line(0, 20, [](auto& one) { one.idx().contrast = 2; }),
                 line(0, 30, [](auto& one) { one.idx().phase = 1; }),
                 line(0, 40, [](auto& one) { one.idx().set = 3; }),
                 line(0, 50, [](auto& one) { one.idx().set = one.idx().phase = 1; })});

  EXPECT_EQ(file.contrasts(), 3);
  EXPECT_EQ(file.phases(), 2);
  EXPECT_EQ(file.sets(), 4);
  EXPECT_EQ(parts_of(file, 0, {.contrast = 0, .phase = 0, .set = 0}), (Line{10, 11}));
  EXPECT_EQ(parts_of(file, 0, {.contrast = 2}), (Line{20, 21}));
  EXPECT_EQ(parts_of(file, 0, {.phase = 1, .set = 0}), (Line{30, 31}));
  EXPECT_EQ(parts_of(file, 0, {.set = 3}), (Line{40, 41}));
  EXPECT_EQ(parts_of(file, 0, {.phase = 1, .set = 1}), (Line{50, 51}));
  EXPECT_EQ(mask_of(file, {.contrast = 1}), (Line{0, 0}));
  const auto refused = [&](const misfit::test::Part& part, const std::string& words) {
    expect_error<ArgumentError>([&] { file.kspace({0}, part); }, {"kspace: " + words, path});
    expect_error<ArgumentError>([&] { file.mask(part); }, {"mask: " + words, path});
  };
  refused({}, "one of 3 contrasts has to be named");
  refused({.contrast = 0}, "one of 2 phases has to be named");
  refused({.contrast = 0, .phase = 0}, "one of 4 sets has to be named");
  refused({.contrast = 3}, "contrast 3 of 3");
  refused({.phase = 2}, "phase 2 of 2");
  refused({.set = 4}, "set 4 of 4");
}

TEST_F(IsmrmrdParts, the_only_one_needs_no_name) {
  const auto file = file_with(ismrmrd_header({2, 1}, {2, 1}), {line(0, 10, [](auto& one) {
                                one.idx().contrast = one.idx().phase = one.idx().set = 2;
                                one.idx().segment = one.idx().average = 3;
                                one.idx().user[0] = 4;
                              })});

  EXPECT_EQ(file.contrasts(), 3);
  EXPECT_EQ(parts_of(file, 0), (Line{10, 11}));
  EXPECT_EQ(parts_of(file, 0, {.contrast = 2, .phase = 2, .set = 2}), (Line{10, 11}));
}

TEST_F(IsmrmrdParts, lines_outside_of_limits_or_grid_are_left_out) {
  Acquisitions lines;
  for (int y = 0; y < 9; ++y) lines.push_back(line(y, static_cast<float>(10 * y + 10)));
  lines.push_back(line(0, 1000, [](auto& one) { one.idx().kspace_encode_step_2 = 1; }));
  lines.push_back(line(60000, 1000));
  auto header = ismrmrd_header({2, 4}, {2, 4});
  const auto with = [&](unsigned short least, unsigned short most, unsigned short centre) {
    header.encoding[0].encodingLimits.kspace_encoding_step_1 = ISMRMRD::Limit(least, most, centre);
    return file_with(header, lines);
  };

  const auto without_limits = file_with(header, lines);
  EXPECT_EQ(without_limits.left_out(), 7);
  EXPECT_EQ(parts_of(without_limits, 0), (Line{10, 11, 20, 21, 30, 31, 40, 41}));
  const auto narrow = with(1, 2, 2);
  EXPECT_EQ(narrow.left_out(), 9);
  EXPECT_EQ(parts_of(narrow, 0), (Line{0, 0, 20, 21, 30, 31, 0, 0}));
  const auto wide = with(0, 8, 6);  // places 2 to 5 of which are 4 + 2 − 6 = 0 to 3
  EXPECT_EQ(wide.left_out(), 7);
  EXPECT_EQ(parts_of(wide, 0), (Line{50, 51, 60, 61, 70, 71, 80, 81}));
  // Zeros that are not filled in.
  EXPECT_EQ(parts_of(with(0, 0, 0), 0), parts_of(without_limits, 0));
  lines.resize(1);
  EXPECT_EQ(parts_of(with(0, 0, 0), 0), (Line{0, 0, 0, 0, 10, 11, 0, 0}));
}

TEST_F(IsmrmrdParts, encodings_are_chosen) {
  auto header = ismrmrd_header({2, 1}, {1, 1});
  header.encoding.push_back(ismrmrd_header({4, 2}, {4, 1}).encoding[0]);
  header.encoding.push_back(header.encoding[0]);
  header.encoding[1].encodedSpace.fieldOfView_mm = {400, 200, 5};
  header.encoding[2].trajectory = ISMRMRD::TrajectoryType::SPIRAL;
  auto second = ismrmrd_acquisition(4, 3, 1, 30);  // of more coils
  second.encoding_space_ref() = 1;
  auto noise = ismrmrd_acquisition(7, 5, 9, 0);
  noise.encoding_space_ref() = 77;
  noise.setFlag(19);

  const auto only = file_with(header, {noise, line(0, 10)});
  EXPECT_EQ(only.encoding(), 0);
  EXPECT_EQ(only.encodings(), 3);
  EXPECT_EQ(parts_of(only, 0), (Line{10, 11}));
  EXPECT_EQ(file_with(header, {second}).encoding(), 1);
  write(header, {noise, line(0, 10), second});
  EXPECT_EQ(parts_of(IsmrmrdFile(path, "dataset", 0), 0), (Line{10, 11}));
  const IsmrmrdFile file(path, "dataset", 1);
  EXPECT_EQ(file.encoded_shape(), Shape({2, 4}));
  EXPECT_EQ(file.image_shape(), Shape({1, 4}));
  EXPECT_EQ(file.encoded_field_of_view(), (std::vector<double>{200, 400}));
  EXPECT_EQ(file.image_field_of_view(), (std::vector<double>{300, 300}));
  EXPECT_EQ(file.coils(), 3);
  EXPECT_EQ(parts_of(file, 0), (Line{0, 0, 0, 0, 30, 31, 32, 33}));

  expect_error<FileError>([&] { IsmrmrdFile{path}; },
                          {path, "imaging data of encodings 0 and 1; one of them has to be named"});
  expect_error<FileError>([&] { IsmrmrdFile(path, "dataset", 2); },
                          {path, "no imaging data of encoding 2"});
  expect_error<ArgumentError>([&] { IsmrmrdFile(path, "dataset", 3); }, {path, "encoding 3 of 3"});
}

}  // namespace
