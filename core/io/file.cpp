// SPDX-License-Identifier: BSD-3-Clause
#include "file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace misfit::io {

namespace {

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

void fail(const std::string& path, const std::string& what) { throw FileError(path + ": " + what); }

void fail_with_reason(const std::string& path, const std::string& what) {
  fail(path, what + ": " + reason());
}

void require_regular_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) fail_with_reason(path, "cannot be opened");
  if (S_ISDIR(status.st_mode)) fail(path, "is a directory, not a file");
  if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file");
}

std::string file_to_replace(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int most_links = 40;  // as many as Linux follows
  std::error_code error;
  if (fs::exists(path, error)) require_regular_file(path);
  fs::path target = path;
  for (int links = 0; fs::is_symlink(target, error); ++links) {
    if (links == most_links) fail(path, "cannot be written: leads through too many links");
    const auto next = fs::read_symlink(target, error);
    if (error) fail(path, "cannot be written: " + error.message());
    target = target.parent_path() / next;  // `next` alone where it is absolute
  }
  return target.string();
}

InputFile::InputFile(const std::string& path) : path_(path) {
  require_regular_file(path);
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail_with_reason(path, "cannot be opened");
  const auto end = ::lseek(descriptor_, 0, SEEK_END);
  if (end < 0) {
    const auto what = "has no size: " + reason();
    ::close(descriptor_);
    fail(path, what);
  }
  size_ = static_cast<std::size_t>(end);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(std::size_t first, std::size_t count, void* into) const {
  constexpr std::size_t at_once = std::size_t{1} << 30;  // Linux reads no more than 2 GiB
  for (std::size_t done = 0; done < count;) {
    const auto got = ::pread(descriptor_, static_cast<char*>(into) + done,
                             std::min(count - done, at_once), static_cast<off_t>(first + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_with_reason(path_, "cannot be read");
    if (got == 0) fail(path_, "ends before byte " + std::to_string(first + count));
    done += static_cast<std::size_t>(got);
  }
}

OutputFile::OutputFile(const std::string& path) : path_(path), target_(file_to_replace(path)) {
  static std::atomic<unsigned> counter{0};
  int descriptor = -1;
  do {
    temporary_ =
        target_ + "." + std::to_string(::getpid()) + "-" + std::to_string(++counter) + ".part";
    descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor >= 0) stream_ = ::fdopen(descriptor, "wb");
  if (stream_ != nullptr) return;
  const auto what = "cannot be written: " + reason();
  if (descriptor >= 0) {
    ::close(descriptor);
    ::unlink(temporary_.c_str());
  }
  fail(path, what);
}

OutputFile::~OutputFile() {
  if (stream_ != nullptr) std::fclose(stream_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(const void* data, std::size_t bytes) {
  if (bytes > 0 && std::fwrite(data, 1, bytes, stream_) != bytes)
    fail_with_reason(path_, "cannot be written");
}

void OutputFile::close() {
  if (stream_ == nullptr) return;
  const bool wrote = std::ferror(stream_) == 0;
  if (std::fclose(std::exchange(stream_, nullptr)) != 0 || !wrote)
    fail_with_reason(path_, "cannot be written");
}

void OutputFile::commit() {
  close();
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0)
    fail_with_reason(path_, "cannot be written");
  temporary_.clear();
}

}  // namespace misfit::io
