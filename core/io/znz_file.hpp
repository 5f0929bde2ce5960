// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nifti1_io.h>

#include <cstddef>
#include <string>

namespace misfit::io {

/// A file that is written, compressed or not. Its functions return whether all went well.
class ZnzFile {
 public:
  ZnzFile(const std::string& path, bool compressed)
      : file_(znzopen(path.c_str(), "wb", compressed ? 1 : 0)) {}
  ZnzFile(const ZnzFile&) = delete;
  ZnzFile& operator=(const ZnzFile&) = delete;
  ~ZnzFile() { close(); }

  bool is_open() const { return file_ != nullptr; }
  bool write(const void* data, std::size_t bytes) {
    return znzwrite(data, 1, bytes, file_) == bytes;
  }
  bool close() { return file_ == nullptr || Xznzclose(&file_) == 0; }

 private:
  znzFile file_;
};

}  // namespace misfit::io
