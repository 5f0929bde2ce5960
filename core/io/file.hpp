// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>

#include <cstddef>
#include <cstdio>
#include <string>

namespace misfit::io {

/// Throws the FileError "path: what".
[[noreturn]] void fail(const std::string& path, const std::string& what);

/// The same, with what the system says of its last error.
[[noreturn]] void fail_with_reason(const std::string& path, const std::string& what);

/// Throws FileError unless there is a regular file at `path`: others may block, or have no size.
void require_regular_file(const std::string& path);

/// The file that writing to `path` replaces: where that is a link, what it leads to, which
/// need not be there. Throws FileError if it is no regular file.
std::string file_to_replace(const std::string& path);

/// An open regular file. All functions throw FileError.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  std::size_t size() const noexcept { return size_; }
  /// Bytes [first, first + count).
  void read(std::size_t first, std::size_t count, void* into) const;

 private:
  std::string path_;
  int descriptor_ = -1;
  std::size_t size_ = 0;
};

/// A file that is written under a name of its own beside `path` and takes the place of what is
/// there by commit(). Without that nothing is left of it. All functions throw FileError.
class OutputFile {
 public:
  /// Replaces file_to_replace(path).
  explicit OutputFile(const std::string& path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  std::FILE* stream() const noexcept { return stream_; }
  /// Under which it can be opened until commit().
  const std::string& temporary_path() const noexcept { return temporary_; }

  void write(const void* data, std::size_t bytes);
  /// Ends the writing and checks that all of it went well.
  void close();
  /// Closes, if that was not done.
  void commit();

 private:
  std::string path_, target_, temporary_;
  std::FILE* stream_ = nullptr;
};

}  // namespace misfit::io
