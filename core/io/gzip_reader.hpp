// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "file.hpp"

#include <zlib.h>

#include <cstddef>
#include <string>
#include <vector>

namespace misfit::io {

/// The bytes of a file from front to back; of one that is compressed by gzip, as its first two
/// bytes tell, the bytes that it holds.
///
/// Check sums and lengths are those of zlib's inflate(). (Its gzread() does not tell in all
/// versions, among them 1.3.2, that a file was cut off.)
class GzipReader {
 public:
  /// Throws FileError if there is no regular file at `path` that can be opened.
  explicit GzipReader(const std::string& path);
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;
  ~GzipReader();

  bool compressed() const { return compressed_; }
  std::size_t file_size() const { return file_.size(); }

  /// The next bytes. Whether they were there, and not corrupt as far as that is known before the
  /// end of the file.
  bool read(void* into, std::size_t bytes);
  bool skip(std::size_t bytes);
  /// Reads to the end, where a compressed file has its check sum. Whether it is there, and right.
  bool ends_well();

 private:
  enum class State { in_member, ended, corrupt };

  // Compressed bytes for inflate(), if there are more.
  void fill();
  // What follows the end of a member: another one, or nothing that is compressed.
  void next_member();

  InputFile file_;
  bool compressed_ = false;
  std::size_t position_ = 0;  // in the file, of what is read next
  State state_ = State::in_member;
  std::vector<unsigned char> input_, skipped_;
  z_stream stream_{};
};

}  // namespace misfit::io
