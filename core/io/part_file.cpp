// SPDX-License-Identifier: BSD-3-Clause
#include "part_file.hpp"

#include "file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace misfit::io {

namespace {

/// Waits until the disk has the names in the folder of `path`, where the file system can tell.
void synchronise_folder_of(const std::string& path, const std::string& target) {
  const auto parent = std::filesystem::path(target).parent_path().string();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = folder >= 0 && (::fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP);
  const int code = errno;
  if (folder >= 0) ::close(folder);
  errno = code;
  if (!done) fail_with_reason(path, "is written, but may not outlast a loss of power");
}

}  // namespace

PartFile::PartFile(const std::string& path)
    : path_(path), target_(file_to_replace(path)), part_(target_ + ".part") {
  while (!is_still_there()) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::open(part_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_with_reason(path, "cannot be written");
    // Some file systems have no locks: there one is on one's own.
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(descriptor_);
      fail(path, "cannot be written: another program is writing it");
    }
  }
}

// The one who had the lock before may have renamed what was opened.
bool PartFile::is_still_there() const {
  struct stat opened{}, named{};
  return descriptor_ >= 0 && ::fstat(descriptor_, &opened) == 0 &&
         ::stat(part_.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

PartFile::~PartFile() {
  if (!committed_) ::unlink(part_.c_str());
  ::close(descriptor_);
}

void PartFile::require_room(std::size_t some, std::size_t all) {
  const std::vector<char> zeros(some);
  bool done = true;
  for (std::size_t at = 0; done && at < some;) {
    const auto wrote = ::pwrite(descriptor_, zeros.data() + at, some - at, static_cast<off_t>(at));
    done = wrote > 0;
    if (done) at += static_cast<std::size_t>(wrote);
  }
  if (!done || ::ftruncate(descriptor_, static_cast<off_t>(all)) != 0)
    fail_with_reason(path_, "cannot be written");
}

void PartFile::clear() noexcept {
  if (::ftruncate(descriptor_, 0) != 0) return;  // what follows tells
}

void PartFile::commit() {
  if (::fsync(descriptor_) != 0 || std::rename(part_.c_str(), target_.c_str()) != 0)
    fail_with_reason(path_, "cannot be written");
  committed_ = true;
  synchronise_folder_of(path_, target_);
}

}  // namespace misfit::io
