// SPDX-License-Identifier: BSD-3-Clause
#include "io/ismrmrd_test.hpp"

#include <misfit/io/ismrmrd.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace {

using misfit::io::IsmrmrdFile;
using misfit::test::ismrmrd_acquisition;
using misfit::test::ismrmrd_header;
using misfit::test::IsmrmrdTest;
using misfit::test::mask_of;
using misfit::test::parts_of;
using Acquisitions = std::vector<ISMRMRD::Acquisition>;

class IsmrmrdReadouts : public IsmrmrdTest {
 protected:
  /// k-space of one line, over `nx` entries, of samples 1, 2, ...; expects that the mask is 1 where
  /// it is not 0.
  std::vector<float> line(int nx, int samples, int centre, bool reversed = false,
                          int discard_pre = 0, int discard_post = 0) {
    auto acquisition = ismrmrd_acquisition(samples, 1, 0, 1);
    acquisition.center_sample() = static_cast<std::uint16_t>(centre);
    acquisition.discard_pre() = static_cast<std::uint16_t>(discard_pre);
    acquisition.discard_post() = static_cast<std::uint16_t>(discard_post);
    if (reversed) acquisition.setFlag(ISMRMRD::ISMRMRD_ACQ_IS_REVERSE);
    const auto x = static_cast<unsigned short>(nx);
    const auto file = file_with(ismrmrd_header({x, 1}, {x, 1}), {acquisition});
    const auto parts = parts_of(file, 0), mask = mask_of(file);
    for (std::size_t j = 0; j < parts.size(); ++j) EXPECT_EQ(mask[j], parts[j] != 0 ? 1 : 0);
    return parts;
  }
};

using Line = std::vector<float>;

TEST_F(IsmrmrdReadouts, whole_ones_lie_with_their_centre_sample_in_the_middle) {
  EXPECT_EQ(line(4, 4, 2), (Line{1, 2, 3, 4}));
  EXPECT_EQ(line(4, 4, 1), (Line{0, 1, 2, 3}));
  EXPECT_EQ(line(4, 4, 3), (Line{2, 3, 4, 0}));
  EXPECT_EQ(line(5, 5, 2), (Line{1, 2, 3, 4, 5}));
  EXPECT_EQ(line(5, 5, 4), (Line{3, 4, 5, 0, 0}));
  EXPECT_EQ(line(1, 1, 0), (Line{1}));
}

TEST_F(IsmrmrdReadouts, whole_ones_in_reverse_too) {
  EXPECT_EQ(line(4, 4, 2, true), (Line{0, 4, 3, 2}));  // sample 0 is at +4/2, beyond the grid
  EXPECT_EQ(line(4, 4, 1, true), (Line{4, 3, 2, 1}));
  EXPECT_EQ(line(6, 6, 3, true), (Line{0, 6, 5, 4, 3, 2}));
  EXPECT_EQ(line(5, 5, 2, true), (Line{5, 4, 3, 2, 1}));
  EXPECT_EQ(line(5, 5, 3, true), (Line{0, 5, 4, 3, 2}));
}

/// At every length, centre and direction the centre sample is at nx / 2.
TEST_F(IsmrmrdReadouts, the_centre_sample_is_always_in_the_middle) {
  for (const int nx : {6, 7})
    for (const int samples : {3, nx - 1, nx})
      for (int centre = samples == nx ? 1 : 0; centre < samples; ++centre)
        for (const bool reversed : {false, true}) {
          const auto parts = line(nx, samples, centre, reversed);
          for (int x = 0; x < nx; ++x) {
            const int s = centre + (reversed ? nx / 2 - x : x - nx / 2);
            EXPECT_EQ(parts[static_cast<std::size_t>(x)],
                      s >= 0 && s < samples ? static_cast<float>(s + 1) : 0)
                << nx << " " << samples << " " << centre << " " << reversed << " " << x;
          }
        }
}

TEST_F(IsmrmrdReadouts, a_centre_sample_of_0_is_not_told_in_whole_ones_alone) {
  EXPECT_EQ(line(4, 4, 0), (Line{1, 2, 3, 4}));
  EXPECT_EQ(line(4, 2, 0), (Line{0, 0, 1, 2}));
  EXPECT_EQ(line(4, 2, 0, true), (Line{0, 2, 1, 0}));
}

TEST_F(IsmrmrdReadouts, partial_ones) {
  EXPECT_EQ(line(6, 4, 2), (Line{0, 1, 2, 3, 4, 0}));
  EXPECT_EQ(line(6, 4, 1), (Line{0, 0, 1, 2, 3, 4}));
  EXPECT_EQ(line(6, 4, 1, true), (Line{0, 4, 3, 2, 1, 0}));
  EXPECT_EQ(line(6, 4, 3, true), (Line{0, 0, 0, 4, 3, 2}));
  EXPECT_EQ(line(4, 3, 3), (Line{2, 3, 0, 0}));  // sample 3, not taken, at 2
}

TEST_F(IsmrmrdReadouts, samples_are_discarded_in_the_order_in_which_they_were_taken) {
  EXPECT_EQ(line(6, 6, 3, false, 1, 2), (Line{0, 2, 3, 4, 0, 0}));
  EXPECT_EQ(line(6, 6, 2, true, 1, 2), (Line{0, 0, 4, 3, 2, 0}));
  EXPECT_EQ(line(6, 4, 1, false, 0, 1), (Line{0, 0, 1, 2, 3, 0}));
  EXPECT_EQ(line(6, 4, 4, false, 1, 0), (Line{2, 3, 4, 0, 0, 0}));
  EXPECT_EQ(line(4, 8, 5, false, 3, 1), (Line{4, 5, 6, 7}));  // more than x before that
}

TEST_F(IsmrmrdReadouts, beyond_the_grid_as_a_whole_are_left_out) {
  auto far = ismrmrd_acquisition(2, 1, 1, 1);
  far.center_sample() = 20;

  const auto file =
      file_with(ismrmrd_header({4, 2}, {4, 2}), {ismrmrd_acquisition(4, 1, 0, 1), far});

  EXPECT_EQ(file.left_out(), 1);
  EXPECT_EQ(parts_of(file, 0), (Line{1, 2, 3, 4, 0, 0, 0, 0}));
}

}  // namespace
