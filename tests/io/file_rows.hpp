// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A file of images that all ranks read, each the rows of its slab.

#include "io/folder.hpp"
#include "support/errors.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace misfit::test {

class FileRows : public testing::Test {
 protected:
  using Host = Kokkos::DefaultHostExecutionSpace;

  FileRows() { MPI_Bcast(path.data(), static_cast<int>(path.size()), MPI_CHAR, 0, MPI_COMM_WORLD); }
  // Rank 0's folder goes when all have read.
  ~FileRows() override { MPI_Barrier(MPI_COMM_WORLD); }

  /// Calls write() on rank 0, for all ranks.
  template <typename Write>
  void write_on_one_rank(const Write& write) {
    if (world_rank() == 0) write();
    MPI_Barrier(MPI_COMM_WORLD);
  }

  /// Expects that the slabs that ranks read of images 0 … images − 1 of `shape` are these images,
  /// and as measurements of operators in slabs give the values that whole images give.
  template <typename File>
  void expect_slabs_are_images(const File& file, int images, const Shape& shape) {
    const Host exec;
    const Slabs slabs(MPI_COMM_WORLD, shape);
    using View = decltype(file.read(0, slabs.owned()));
    for (int i = 0; i < images; ++i) {
      const auto slab = file.read(i, slabs.owned());
      ASSERT_EQ(slab.size(), slabs.owned_size());
      const View whole("whole", world_rank() == 0 ? shape.size() : 0);
      slabs.gather(exec, slab, whole);
      if (world_rank() == 0) expect_equal(whole, file.read(i, {0, shape[0]}));
    }

    const auto identity = [&](int) { return Identity(shape.size()); };
    const DistributedOperator whole(MPI_COMM_WORLD, images, identity);
    const auto y = whole.measurements([&](int i) { return file.read(i, {0, shape[0]}); });
    const DistributedOperator pieces(slabs, images, identity);
    const auto y_of_rows =
        pieces.measurements([&](int i, const Rows& rows) { return file.read(i, rows); });
    const View x("x", shape.size()), x_of_rows("x", slabs.owned_size());
    const DistributedDataFidelity fidelity(L2{0.7});
    const double value = fidelity.fn(exec, x, y, whole);
    EXPECT_GT(value, 1);
    // Squares are added in the precision of the data first, in other groups.
    using Real = detail::Real<typename View::non_const_value_type>;
    EXPECT_NEAR(fidelity.fn(exec, x_of_rows, y_of_rows, pieces), value,
                8 * std::numeric_limits<Real>::epsilon() * value);
  }

  const Folder folder;
  std::string path = folder / "images.nii";
};

}  // namespace misfit::test
