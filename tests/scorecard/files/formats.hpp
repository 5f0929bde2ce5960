// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace misfit::test {

/// All that a reader says of a file.
struct Contents {
  std::vector<std::size_t> extents;
  std::vector<float> values;
};

/// What a wrong byte may change, if the file is not refused.
struct Effect {
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  bool any = false;                  ///< extents and values: a header says what they are
  std::size_t first = 0, count = 0;  ///< else these values alone
};

/// A file, or two, of one format; how it is read, and what it can tell of its own faults.
struct Format {
  std::string name;
  std::vector<std::string> files;  ///< their names in the folder
  /// Writes them into a folder.
  std::function<void(const std::string& folder)> write;
  /// Reads all that is there. Throws FileError.
  std::function<Contents(const std::string& folder)> read;
  /// Of a wrong byte `at` of file `file`.
  std::function<Effect(std::size_t file, std::size_t at)> effect;
  double bytes_of_value = 0;  ///< the fewest in which a value can be stored
  bool knows_its_end = true;  ///< a file of data with more behind it is refused
  bool slow = false;          ///< fewer files are tried
  /// Which bytes of a file are made wrong; none: all.
  std::function<std::vector<std::size_t>(const std::string& bytes)> places = {};
};

void add_bart(std::vector<Format>& formats);
void add_nifti(std::vector<Format>& formats);
void add_ismrmrd(std::vector<Format>& formats);

}  // namespace misfit::test
