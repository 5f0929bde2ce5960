// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nifti1_io.h>

#include <cstddef>
#include <string>

namespace misfit::io {

inline bool is_compressed(const std::string& path) { return nifti_is_gzfile(path.c_str()) != 0; }

/// A file that may be compressed. Its functions return whether all went well.
class ZnzFile {
 public:
  ZnzFile(const std::string& path, const char* mode, bool compressed)
      : file_(znzopen(path.c_str(), mode, compressed ? 1 : 0)) {}
  ZnzFile(const ZnzFile&) = delete;
  ZnzFile& operator=(const ZnzFile&) = delete;
  ~ZnzFile() { close(); }

  bool is_open() const { return file_ != nullptr; }
  bool seek(std::size_t byte) {
    return znzseek(file_, static_cast<znz_off_t>(byte), SEEK_SET) >= 0;
  }
  bool read(void* into, std::size_t bytes) { return znzread(into, 1, bytes, file_) == bytes; }
  bool write(const void* data, std::size_t bytes) {
    return znzwrite(data, 1, bytes, file_) == bytes;
  }
  /// Reads to the end, where a compressed file has its check sum, and closes.
  bool ends_well() {
    char rest[4096];
    std::size_t got = 0;
    do {
      got = znzread(rest, 1, sizeof rest, file_);
    } while (got > 0 && got <= sizeof rest);  // -1 for an error
    return got == 0 && close();  // fails for a file that was cut off
  }
  bool close() { return file_ == nullptr || Xznzclose(&file_) == 0; }

 private:
  znzFile file_;
};

}  // namespace misfit::io
