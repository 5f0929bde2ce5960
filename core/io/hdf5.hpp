// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <hdf5.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace misfit::io {

/// Owns one of HDF5's identifiers.
class Hdf5Handle {
 public:
  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }

  /// Closes, if that was not done; whether that went well.
  bool close() { return id_ < 0 || close_(std::exchange(id_, -1)) >= 0; }

  explicit operator bool() const noexcept { return id_ >= 0; }
  hid_t get() const noexcept { return id_; }

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

/// While it lives, HDF5 prints nothing.
class Hdf5Silence {
 public:
  Hdf5Silence() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  Hdf5Silence(const Hdf5Silence&) = delete;
  Hdf5Silence& operator=(const Hdf5Silence&) = delete;
  ~Hdf5Silence() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// The file at `path`, open for reading, with `access`, a list of HDF5's. Throws FileError.
Hdf5Handle open_hdf5(const std::string& path, hid_t access = H5P_DEFAULT);

/// An array in an HDF5 file, whose entries are read as one type. All functions throw FileError.
class Hdf5Array {
 public:
  /// `file` is borrowed for this call; `name` is that of the array in it. Of a compound `type` the
  /// array must have every member.
  Hdf5Array(const std::string& path, const Hdf5Handle& file, const std::string& name,
            Hdf5Handle type);

  const std::vector<hsize_t>& extents() const noexcept { return extents_; }
  /// Whether its entries are stored in this very type, but for the order of bytes.
  bool is_stored_so() const noexcept { return stored_so_; }
  /// Entries [first, first + count) in each of its dimensions.
  void read(const std::vector<hsize_t>& first, const std::vector<hsize_t>& count, void* into) const;
  /// Those in `count` blocks of extents `block`, which begin at `first` and `stride` apart.
  void read(const std::vector<hsize_t>& first, const std::vector<hsize_t>& stride,
            const std::vector<hsize_t>& count, const std::vector<hsize_t>& block, void* into) const;

 private:
  std::string path_, name_;
  Hdf5Handle array_, space_, type_;
  std::vector<hsize_t> extents_;
  bool stored_so_ = false;
};

/// A group of an HDF5 file, open for reading. All functions throw FileError.
class Hdf5Group {
 public:
  Hdf5Group(const std::string& path, const std::string& group);

  /// The size of the file [bytes].
  std::size_t file_size() const noexcept { return file_size_; }
  bool has(const std::string& name) const;
  /// A text of variable length.
  std::string text(const std::string& name) const;
  Hdf5Array array(const std::string& name, Hdf5Handle type) const {
    return {path_, file_, group_ + "/" + name, std::move(type)};
  }

 private:
  Hdf5Silence silence_;  // ends after the handles below are closed
  std::string path_, group_;
  std::size_t file_size_ = 0;
  Hdf5Handle file_;
};

/// A type made of members, by name, offset and type.
struct Hdf5Member {
  const char* name;
  std::size_t offset;
  hid_t type;
};
Hdf5Handle hdf5_compound(std::size_t size, const std::vector<Hdf5Member>& members);

}  // namespace misfit::io
