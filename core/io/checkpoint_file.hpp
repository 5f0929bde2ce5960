// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Checkpoints in the hands of the one rank that reads and writes them. All functions throw
// FileError.

#include "checkpoint_box.hpp"
#include "hdf5.hpp"
#include "part_file.hpp"

#include <misfit/io/solver_state.hpp>

#include <hdf5.h>

#include <cstddef>
#include <string>
#include <vector>

namespace misfit::io {

/// The number that tells that a file is a checkpoint, and in which form.
constexpr const char* checkpoint_marker = "misfit_checkpoint";

/// A vector as the file has it.
struct StoredVector {
  std::string name;
  bool is_complex, is_double;
  std::vector<hsize_t> extents;
  std::size_t signal;  ///< the first dimension of a signal: those before are of the batch

  /// The size of an entry [bytes].
  std::size_t entry() const noexcept {
    return std::size_t{is_double ? 8U : 4U} * (is_complex ? 2 : 1);
  }
  Box whole() const { return {std::vector<hsize_t>(extents.size(), 0), extents}; }
};

/// A checkpoint that is being written.
class CheckpointWriter {
 public:
  /// Of a state with these vectors.
  CheckpointWriter(const std::string& path, const std::vector<StoredVector>& vectors);
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;
  ~CheckpointWriter();

  void add(const std::string& name, const detail::KeptNumber& number);
  /// Entries of the how manieth vector.
  void write(std::size_t vector, const Box& box, const void* entries);
  void commit();

 private:
  void add(const StoredVector& vector);
  [[noreturn]] void fail_to_write() const;

  std::string path_;
  Hdf5Silence silence_;  // ends after the handles below are closed
  PartFile place_;
  Hdf5Handle file_;
  struct Dataset {
    std::string name;
    Hdf5Handle type, space, array;
  };
  std::vector<Dataset> vectors_;
};

/// A checkpoint that is read.
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::string& path);

  /// The names of all that it has.
  std::vector<std::string> numbers() const;
  std::vector<std::string> vectors() const;
  detail::KeptNumber number(const std::string& name, bool is_integer) const;
  /// Expects one of this type, and of these extents, or as many entries where one of the two was
  /// whole. read() finds it as the how manieth it is.
  void expect(const StoredVector& vector);
  /// All of it, as it is there.
  Box whole(std::size_t vector) const;
  /// `box` is of the extents that it has there, or that were expected.
  void read(std::size_t vector, const Box& box, void* entries) const;

 private:
  std::string path_;
  Hdf5Silence silence_;  // ends after the handles below are closed
  Hdf5Handle file_;
  struct Dataset {
    StoredVector wanted;
    Hdf5Array array;
  };
  std::vector<Dataset> vectors_;
};

}  // namespace misfit::io
