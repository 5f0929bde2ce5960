// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdexcept>
#include <string>

namespace misfit {

/// Base of every error that misfit throws.
///
/// An error that came up in a collective call is thrown with the same type and text on every rank
/// of its communicator, and says where it began.
class Error : public std::runtime_error {
 public:
  /// With the text that what() returns.
  explicit Error(const std::string& text) : std::runtime_error(text) {}

  /// The rank on which the error began, or -1 if it was thrown outside a collective call.
  int rank() const noexcept { return rank_; }
  /// The index i of the operator A_i concerned, or -1.
  int operator_index() const noexcept { return operator_index_; }

  /// Says where the error began. Meant for the agreement of a collective call.
  void set_origin(int rank, int operator_index) noexcept {
    rank_ = rank;
    operator_index_ = operator_index;
  }

 private:
  int rank_ = -1;
  int operator_index_ = -1;
};

/// An argument breaks a documented precondition; the text names the argument.
class ArgumentError : public Error {
 public:
  /// With the text that what() returns.
  using Error::Error;
};

/// A distance has no gradient at this point, for instance Poisson where y > 0 and the mean is <= 0.
class DomainError : public Error {
 public:
  /// With the text that what() returns.
  using Error::Error;
};

/// A file cannot be read or written, or holds something else than it should; the text names the
/// file.
class FileError : public Error {
 public:
  /// With the text that what() returns.
  using Error::Error;
};

/// A factory, operator or distance of the user threw something that is no misfit::Error; the text
/// holds what it said.
class CallbackError : public Error {
 public:
  /// With the text that what() returns.
  using Error::Error;
};

/// An MPI call failed. Fatal to the object that made the call; `code()` is MPI's error code.
class MpiError : public Error {
 public:
  /// With MPI's error code and the text that what() returns.
  MpiError(int code, const std::string& text) : Error(text), code_(code) {}
  /// MPI's error code.
  int code() const noexcept { return code_; }

 private:
  int code_;
};

/// A collective call has waited for other ranks for longer than the environment variable
/// MISFIT_TIMEOUT says, in seconds; the text names those that are missing, and `rank()` is the
/// lowest of them.
///
/// Thrown on all ranks that wait, and on the others where they come too late. All later calls on
/// the same communicator throw it again, at once. Nothing mends that: end the program, by MPI_Abort
/// where a missing rank may never come to an end, as run() does.
class TimeoutError : public Error {
 public:
  /// With the text that what() returns.
  using Error::Error;
};

}  // namespace misfit
