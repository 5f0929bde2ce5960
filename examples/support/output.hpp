// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "arguments.hpp"

#include <functional>
#include <string>
#include <vector>

namespace examples {

/// The folder that a program writes to: --output, or example_output/PROGRAM in the current folder.
class Output {
 public:
  Output(const Arguments& arguments, const std::string& program);

  /// Makes the folder, lets `work` write `files` there, which it is given the path of the first of,
  /// and prints a line for each. For one rank. Throws misfit::FileError where that cannot be.
  void write(const std::vector<std::string>& files, const std::string& what,
             const std::function<void(const std::string& path)>& work) const;

 private:
  std::string folder_;
};

}  // namespace examples
