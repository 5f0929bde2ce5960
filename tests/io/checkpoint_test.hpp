// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// States of a solver whose every number tells where it belongs.

#include "io/folder.hpp"
#include "support/errors.hpp"

#include <misfit/communicator.hpp>
#include <misfit/io/checkpoint.hpp>
#include <misfit/shape.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace misfit::test {

using Host = Kokkos::DefaultHostExecutionSpace;

template <typename T>
T entry(std::size_t k) {
  const auto re = static_cast<detail::Real<T>>(k % 9973), im = static_cast<detail::Real<T>>(k % 77);
  return detail::make_scalar<T>(re, im);
}

/// A folder of rank 0's that all ranks know.
class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() {
    MPI_Bcast(path.data(), static_cast<int>(path.size()), MPI_CHAR, 0, MPI_COMM_WORLD);
  }
  ~CheckpointTest() override { MPI_Barrier(MPI_COMM_WORLD); }

  const MPI_Comm world = MPI_COMM_WORLD;
  const Host exec{};
  const Folder folder;
  std::string path = folder / "state.h5";
};

/// The first ranks of the world, alone.
class FirstRanks {
 public:
  explicit FirstRanks(int count) {
    MPI_Comm_split(MPI_COMM_WORLD, world_rank() < count ? 0 : MPI_UNDEFINED, 0, &comm_);
  }
  FirstRanks(const FirstRanks&) = delete;
  FirstRanks& operator=(const FirstRanks&) = delete;
  ~FirstRanks() {
    if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
  }

  explicit operator bool() const { return comm_ != MPI_COMM_NULL; }
  MPI_Comm comm() const { return comm_; }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

/// How an image is held: whole, or cut along a dimension.
using Cut = std::optional<std::size_t>;

/// This rank's part of images, and the checkpoint of them.
class Held {
 public:
  Held(MPI_Comm comm, const Shape& shape, const Cut& cut, const std::string& path)
      : shape_(shape), dimension_(cut.value_or(0)) {
    if (cut) slabs_.emplace(comm, shape, SlabsOptions{*cut});
    if (cut)
      checkpoint.emplace(*slabs_, path);
    else
      checkpoint.emplace(comm, path);
    rows_ = cut ? slabs_->owned() : Rows{0, shape[0]};
    size = cut ? slabs_->owned_size() : shape.size();
  }

  /// Which entry of the image entry j of this rank's part is.
  std::size_t index(std::size_t j) const {
    std::size_t row = 1;
    for (std::size_t d = dimension_ + 1; d < shape_.rank(); ++d) row *= shape_[d];
    const std::size_t line = j / (rows_.size() * row), in_line = j % (rows_.size() * row);
    return (line * shape_[dimension_] + rows_.begin) * row + in_line;
  }

  std::optional<io::Checkpoint> checkpoint;
  std::size_t size = 0;

 private:
  Shape shape_;
  std::size_t dimension_;
  std::optional<Slabs> slabs_;
  Rows rows_;
};

}  // namespace misfit::test
