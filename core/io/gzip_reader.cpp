// SPDX-License-Identifier: BSD-3-Clause
#include "gzip_reader.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <new>
#include <string>

namespace misfit::io {

namespace {

constexpr std::size_t chunk = std::size_t{1} << 17;
constexpr int gzip_alone = 15 + 16;  // the largest window, and no other format than gzip
constexpr unsigned char magic[3] = {0x1f, 0x8b, 8};  // 8 is the method, of which there is one

}  // namespace

GzipReader::GzipReader(const std::string& path) : file_(path) {
  unsigned char first[3] = {};
  if (file_.size() >= sizeof first) file_.read(0, sizeof first, first);
  compressed_ = std::equal(std::begin(first), std::end(first), magic);
  if (!compressed_) return;
  input_.resize(chunk);
  skipped_.resize(chunk);
  if (inflateInit2(&stream_, gzip_alone) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() {
  if (compressed_) inflateEnd(&stream_);
}

bool GzipReader::read(void* into, std::size_t bytes) {
  if (!compressed_) {
    if (position_ > file_.size() || bytes > file_.size() - position_) return false;
    file_.read(position_, bytes, into);
    position_ += bytes;
    return true;
  }
  auto* next = static_cast<unsigned char*>(into);
  while (bytes > 0) {
    if (state_ != State::in_member) return false;
    const auto room = static_cast<uInt>(std::min(bytes, std::size_t{1} << 30));
    stream_.next_out = next;
    stream_.avail_out = room;
    fill();
    const int code = inflate(&stream_, Z_NO_FLUSH);
    next += room - stream_.avail_out;
    bytes -= room - stream_.avail_out;
    if (code == Z_STREAM_END)
      next_member();
    else if (code != Z_OK)  // Z_BUF_ERROR: nothing is left of a file that was cut off
      state_ = State::corrupt;
  }
  return true;
}

bool GzipReader::skip(std::size_t bytes) {
  if (!compressed_) {
    position_ += bytes;
    return true;
  }
  while (bytes > 0) {
    const std::size_t next = std::min(bytes, skipped_.size());
    if (!read(skipped_.data(), next)) return false;
    bytes -= next;
  }
  return true;
}

bool GzipReader::ends_well() {
  if (!compressed_) return true;
  while (state_ == State::in_member) read(skipped_.data(), skipped_.size());
  return state_ == State::ended;
}

void GzipReader::fill() {
  if (stream_.avail_in > 0) return;
  const std::size_t count = std::min(input_.size(), file_.size() - position_);
  if (count > 0) file_.read(position_, count, input_.data());
  position_ += count;
  stream_.next_in = input_.data();
  stream_.avail_in = static_cast<uInt>(count);
}

void GzipReader::next_member() {
  fill();
  if (stream_.avail_in == 0 || *stream_.next_in != magic[0])
    state_ = State::ended;
  else if (inflateReset(&stream_) != Z_OK)
    state_ = State::corrupt;
}

}  // namespace misfit::io
