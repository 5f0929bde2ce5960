// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/communicator.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/decomposition/image_cut.hpp>
#include <misfit/io/solver_state.hpp>
#include <misfit/slabs.hpp>
#include <misfit/views.hpp>

#include <mpi.h>

#include <functional>
#include <optional>
#include <string>

namespace misfit::io {

/// The state of a solver in an HDF5 file, from which it goes on after its program has ended, on any
/// number of ranks.
///
/// A file is whole: it is written as "PATH.part", and takes the place of the one before when it is
/// on the disk. What ends the program at any moment, kill -9 too, leaves the last whole one. Check
/// sums tell one that was damaged later. Rank 0 alone reads and writes, and needs some 40 MiB:
/// others send it theirs, in pieces of 4 MiB, one after the other. One program at a time writes a
/// file.
///
/// In the file a vector is a dataset, of shape (n), or in slabs of the shape of the image, before
/// it the B of a batch; complex numbers have members r and i; numbers are attributes of the root.
///
/// Move-only.
class Checkpoint {
 public:
  /// Vectors are whole on every rank, and the same. Collective over `comm`, which is duplicated;
  /// opens no file. Throws ArgumentError if `path` is empty or differs between ranks.
  Checkpoint(MPI_Comm comm, const std::string& path);
  /// As above, over a duplicate of `communicator`.
  Checkpoint(const Communicator& communicator, const std::string& path)
      : Checkpoint(communicator.native(), path) {}
  /// Vectors are cut as `slabs` says, which need not live longer. Collective over slabs.space(): of
  /// an Ensemble let one member write.
  Checkpoint(const Slabs& slabs, const std::string& path);

  /// As it was given.
  const std::string& path() const noexcept { return path_; }
  /// Whether there is something at path(). Collective; blocks.
  bool exists() const;

  /// Writes the file, or replaces it. Collective; blocks, until the disk has it.
  ///
  /// Ranks give the same names and types, in one order; numbers, and vectors that are whole, are
  /// those of rank 0. Throws ArgumentError if a name is empty, has a "/" or is there twice, or if a
  /// vector has another size than slabs; FileError if it cannot be written, and then what was there
  /// still is, or if it is written and the disk cannot keep the folder's names.
  template <ExecutionSpace Exec>
  void write(const Exec& exec, const SolverState& state) const {
    write_after([&] { detail::fence(exec, "misfit::io::Checkpoint: ready to be written"); }, state);
  }

  /// Sets all of `state` to what the file says. Collective; blocks.
  ///
  /// Throws FileError if there is no such file, if it is damaged or no checkpoint, and if it has
  /// other names, types, sizes or another shape than `state`. (Where a vector is an image in slabs
  /// in one of both and whole in the other, the sizes of signals are compared alone; and a batch
  /// may be read as one vector of all its entries.) What is damaged in a vector is found on the
  /// way; vectors then hold anything, and numbers what they held.
  template <ExecutionSpace Exec>
  void read(const Exec& exec, const SolverState& state) const {
    read_after([&] { detail::fence(exec, "misfit::io::Checkpoint: may be overwritten"); }, state);
  }

 private:
  void write_after(const std::function<void()>& fence, const SolverState& state) const;
  void read_after(const std::function<void()>& fence, const SolverState& state) const;

  Communicator communicator_;
  std::optional<detail::ImageCut> cut_;  // none where vectors are whole
  std::string path_;
};

}  // namespace misfit::io
