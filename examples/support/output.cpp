// SPDX-License-Identifier: BSD-3-Clause
#include "output.hpp"

#include <misfit/error.hpp>

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace examples {

Output::Output(const Arguments& arguments, const std::string& program)
    : folder_(arguments.text("--output", "example_output/" + program)) {
  if (folder_.empty()) throw UsageError("--output: the name of a folder is expected");
}

void Output::write(const std::vector<std::string>& files, const std::string& what,
                   const std::function<void(const std::string& path)>& work) const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw misfit::FileError(folder_ + ": cannot be made: " + error.message());
  const auto path_of = [&](const std::string& file) {
    return (std::filesystem::path(folder_) / file).string();
  };
  work(path_of(files.front()));
  for (const auto& file : files) std::printf("wrote %s: %s\n", path_of(file).c_str(), what.c_str());
}

}  // namespace examples
