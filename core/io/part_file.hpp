// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>

namespace misfit::io {

/// The name under which a file is written beside the one that it will replace: "PATH.part". What an
/// earlier program left there is written over; that of one that runs is locked. All functions throw
/// FileError.
class PartFile {
 public:
  explicit PartFile(const std::string& path);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  /// Removes what was not committed.
  ~PartFile();

  const std::string& part() const noexcept { return part_; }
  /// Throws unless the disk has room for `some` bytes, and the file may have `all`.
  void require_room(std::size_t some, std::size_t all);
  /// Gives all that was written of it back to the disk.
  void clear() noexcept;
  /// When all that was written is on the disk, lets it take the place of what is at `path`.
  void commit();

 private:
  bool is_still_there() const;
  void remove_what_is_not_ours();

  std::string path_, target_, part_;
  int descriptor_ = -1;  // holds the lock
  bool committed_ = false;
};

}  // namespace misfit::io
