// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "checkpoint_box.hpp"
#include "checkpoint_file.hpp"

#include <misfit/communicator.hpp>
#include <misfit/detail/collectives/messages.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/io/solver_state.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace misfit::io {

/// A state that ranks write to a file, or read from it, together: rank 0 has the file, and what
/// others have of vectors goes through it in pieces.
class CheckpointCall {
  using Bytes = Kokkos::View<char*, Kokkos::HostSpace>;
  using Integers = Kokkos::View<std::uint64_t*, Kokkos::HostSpace>;

 public:
  /// All arguments are borrowed.
  CheckpointCall(const Communicator& communicator, const std::optional<detail::ImageCut>& cut,
                 const std::string& path, const SolverState& state);

  void write(const std::function<void()>& fence);
  void read(const std::function<void()>& fence);

 private:
  /// Runs work on which ranks agree, and on what they were called with.
  template <typename Work>
  void begin(const char* name, const Work& work);
  template <typename Work>
  void end(const char* name, const Work& work);
  void check_names() const;
  void take_memory();
  StoredVector stored(const detail::StateEntryInternals& variable) const;
  bool has_file() const { return communicator_.rank() == 0; }

  void open_writer();
  void open_reader();
  void expect_names(std::vector<std::string> there, bool vectors) const;
  /// Calls `visit(variable, number)` with what the file has.
  template <typename Visit>
  void for_each_number(const Visit& visit) const;
  void check_numbers() const;
  void set_numbers() const;

  void write_whole(std::size_t vector);
  void write_slabs(std::size_t vector);
  void read_whole();
  void share_next();
  void read_slabs(std::size_t vector);
  /// A part of the slab of `rank`, which fits the buffer; `place` is that of its first entry there.
  struct Part {
    int rank;
    Box box;
    std::size_t place;
  };
  /// Those that this rank sends or receives, in the order of the messages.
  std::vector<Part> parts_of_slabs(const StoredVector& array) const;
  /// Other ranks wait for the messages that follow, whatever fails here.
  template <typename Step>
  void keep_failure(const Step& step);

  const Communicator& communicator_;
  const std::optional<detail::ImageCut>& cut_;
  const std::string& path_;
  const SolverState& state_;

  detail::Messages messages_;
  std::vector<detail::KeptVector*> vectors_;  // of this rank
  std::vector<StoredVector> stored_;          // the same in the file
  std::vector<std::vector<Part>> parts_;      // of each, where they are in slabs
  const Kokkos::DefaultHostExecutionSpace host_{};
  Bytes buffer_;      // for one piece
  Integers numbers_;  // the bits of each, in the order of the state
  Integers next_;     // of a vector that is read whole: which, from which entry on, how many
  std::exception_ptr failure_;
  std::optional<CheckpointWriter> writer_;  // on the rank that has the file
  std::optional<CheckpointReader> reader_;
};

}  // namespace misfit::io
