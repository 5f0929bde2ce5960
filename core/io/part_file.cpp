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

/// Waits until the disk has the names in the folder of `path`, where it may be read and the file
/// system can tell.
void synchronise_folder_of(const std::string& path, const std::string& target) {
  const auto parent = std::filesystem::path(target).parent_path().string();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_CLOEXEC);
  if (folder < 0 && errno == EACCES) return;
  const bool done = folder >= 0 && (::fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP);
  const int code = errno;
  if (folder >= 0) ::close(folder);
  errno = code;
  if (!done) fail_with_reason(path, "is written, but may not outlast a loss of power");
}

/// Whether another program has locked the file; if not, it is locked by this: by a lock that HDF5's
/// own, which a user may ask for, does not meet on local disks. Some file systems have none: there
/// one is on one's own.
bool is_locked_by_another(int descriptor, bool for_writing) {
#if defined(F_OFD_SETLK)
  struct flock lock{};
  lock.l_type = for_writing ? F_WRLCK : F_RDLCK;
  lock.l_whence = SEEK_SET;
  const bool locked = ::fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
#else
  const bool locked = ::flock(descriptor, (for_writing ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0;
#endif
  return !locked && (errno == EWOULDBLOCK || errno == EAGAIN || errno == EACCES);
}

}  // namespace

PartFile::PartFile(const std::string& path)
    : path_(path), target_(file_to_replace(path)), part_(target_ + ".part") {
  while (!is_still_there()) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::open(part_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor_ < 0) {
      remove_what_is_not_ours();
    } else if (is_locked_by_another(descriptor_, true)) {
      ::close(descriptor_);
      fail(path, "cannot be written: another program is writing it");
    }
  }
}

// A link, or what another user's program has left, which cannot be written to.
void PartFile::remove_what_is_not_ours() {
  const int why = errno;
  bool removed = why == ELOOP && ::unlink(part_.c_str()) == 0;
  if (why == EACCES) {
    const int left = ::open(part_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (left >= 0) {
      const bool in_use = is_locked_by_another(left, false);
      removed = !in_use && ::unlink(part_.c_str()) == 0;  // while it is locked
      ::close(left);
      if (in_use) fail(path_, "cannot be written: another program is writing it");
    }
  }
  errno = why;
  if (!removed) fail_with_reason(path_, "cannot be written");
}

// The one who had the lock before may have renamed what was opened.
bool PartFile::is_still_there() const {
  struct stat opened{}, named{};
  return descriptor_ >= 0 && ::fstat(descriptor_, &opened) == 0 &&
         ::lstat(part_.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
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
