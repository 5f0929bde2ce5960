// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "support/errors.hpp"

#include <misfit/io/host_vector.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace misfit::test {

/// A fresh folder of this rank's own, which goes with this object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "misfit-io-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  /// The names of what is in it, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::string path_;
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::filesystem::remove(path);  // some file systems wait for the disk where a file is truncated
  std::ofstream(path, std::ios::binary) << bytes;
}

/// What one byte may be replaced by: each of its bits turned, and values that mean something.
inline std::vector<char> wrong_bytes(char byte) {
  std::vector<char> wrong{0, 1, 127, -128, -1, ' ', '\n', '#', '-', '0', '9'};
  for (int bit = 0; bit < 8; ++bit) wrong.push_back(static_cast<char>(byte ^ (1 << bit)));
  return wrong;
}

/// Writes `whole` to `path` with each of its first `count` bytes wrong in turn, and calls read(),
/// which may throw FileError.
template <typename Read>
void with_each_byte_wrong(const std::string& path, const std::string& whole, std::size_t count,
                          const Read& read) {
  for (std::size_t at = 0; at < count; ++at)
    for (const char byte : wrong_bytes(whole[at])) {
      auto bytes = whole;
      bytes[at] = byte;
      write_bytes(path, bytes);
      try {
        read();
      } catch (const FileError&) {
      }
    }
}

/// While it lives, no file of this process grows beyond `bytes`: writing fails as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit small{bytes, limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit limit_{};
};

/// Expects that `call` throws an E on this rank whose text has all of `words`.
template <typename E, typename Call>
void expect_error(Call&& call, const std::vector<std::string>& words) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown; wanted: " << words.back();
  } catch (const E& error) {
    for (const auto& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos)
          << word << " in: " << error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another type: " << error.what();
  }
}

/// Whether a program is there to be run.
inline bool installed(const std::string& program) {
  return std::system(("command -v " + program + " > /dev/null").c_str()) == 0;
}

/// What a command writes on its standard output.
inline std::string output_of(const std::string& command) {
  std::string text;
  if (FILE* const pipe = ::popen(command.c_str(), "r")) {
    char part[4096];
    while (const std::size_t got = std::fread(part, 1, sizeof part, pipe)) text.append(part, got);
    ::pclose(pipe);
  }
  return text;
}

template <typename A, typename B>
void expect_equal(const A& a, const B& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t j = 0; j < a.size(); ++j) ASSERT_EQ(a(j), b(j)) << "at " << j;
}

}  // namespace misfit::test
