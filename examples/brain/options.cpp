// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

namespace brain {

const char* const usage =
    "usage: brain --image FILE [--volume V] [--quick] [--output DIRECTORY]\n"
    "\n"
    "Computes a brain volume, in slabs on these MPI ranks, from eight blurred, half-resolution,\n"
    "noisy acquisitions of it.\n"
    "\n"
    "  --image FILE          3-D NIfTI image, .nii or .nii.gz\n"
    "  --volume V            of a file that holds several\n"
    "  --quick               on 2 x 2 x 2 means of the voxels\n"
    "  --output DIRECTORY    where results go, as JSON and NPY; default: nothing is written\n";

namespace {

int index_of(const std::string& given) {
  int index = 0;
  const char* const end = given.data() + given.size();
  const auto [stopped, error] = std::from_chars(given.data(), end, index);
  if (error != std::errc() || stopped != end || index < 0)
    throw UsageError("--volume: \"" + given + "\" is no number from 0 on");
  return index;
}

}  // namespace

Options parse(int argc, char* const argv[]) {
  Options options;
  for (int k = 1; k < argc; ++k) {
    const std::string_view argument = argv[k];
    const auto value = [&]() -> std::string {
      if (k + 1 == argc) throw UsageError(std::string(argument) + " needs a value");
      return argv[++k];
    };
    if (argument == "--image") {
      options.image = value();
    } else if (argument == "--volume") {
      options.volume = index_of(value());
    } else if (argument == "--output") {
      options.output = value();
    } else if (argument == "--quick") {
      options.quick = true;
    } else {
      throw UsageError("unknown option " + std::string(argument));
    }
  }
  if (options.image.empty()) throw UsageError("--image is missing");
  return options;
}

}  // namespace brain
