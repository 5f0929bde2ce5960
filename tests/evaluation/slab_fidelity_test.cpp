// SPDX-License-Identifier: BSD-3-Clause

// A data fidelity of an image in slabs against that of the whole image on one rank.

#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/slabs.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <string>
#include <vector>

namespace {

using misfit::DistributedOperator;
using misfit::Padding;
using misfit::Reduction;
using misfit::Scope;
using misfit::Shape;
using misfit::Slabs;
using misfit::test::Batch;
using misfit::test::batch_of;
using misfit::test::Exec;
using misfit::test::on_host;
using misfit::test::slab_cases;
using misfit::test::SlabCase;
using misfit::test::world_rank;
using misfit::test::world_size;

template <typename T>
class SlabFidelity : public misfit::test::SlabTest<T> {};
TYPED_TEST_SUITE(SlabFidelity, misfit::test::TwoScalars);

std::vector<int> numbers_of_operators(const SlabCase& test) {
  if (test.padding == Padding::valid && test.factor == 2) return {0, 1, world_size() + 1};
  return {world_size() + 1};
}

TYPED_TEST(SlabFidelity, is_that_of_the_whole_image) {
  using T = TypeParam;
  for (const SlabCase& test : slab_cases())
    for (const int n : numbers_of_operators(test)) {
      SCOPED_TRACE(test.text() + ", " + std::to_string(n) + " operators");
      const auto make = [&](int i) { return test.make<T>(i); };
      misfit::SlabsOptions options{.dimension = test.dimension};
      if (test.dimension == 0)  // as a code of its own may have cut it: all but one row at the end
        options.rows = world_size() == 1                 ? test.shape[0]
                       : world_rank() == 0               ? 1
                       : world_rank() + 1 < world_size() ? 0
                                                         : test.shape[0] - 1;
      const Slabs slabs(MPI_COMM_WORLD, test.shape, options);
      const DistributedOperator parts(slabs, n, make);
      const DistributedOperator whole(MPI_COMM_SELF, n, make);
      const auto data = [&](int i) {
        return batch_of<T>(30 + static_cast<std::size_t>(i), 3, whole.range_size(i));
      };
      const auto y = parts.measurements(data), all_y = whole.measurements(data);
      const auto x = batch_of<T>(1, 3, test.shape.size());
      const Batch<T> g("gradient", 3, test.shape.size());
      const auto own_x = this->cut(slabs, x);
      const Batch<T> own_g("gradient", 3, slabs.owned_size());
      for (const Reduction reduction : {Reduction::sum, Reduction::mean}) {
        const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7}, reduction);
        const auto expected = fidelity.fn_and_grad(this->exec, x, all_y, whole, g);
        const auto values = fidelity.fn_and_grad(this->exec, own_x, y, parts, own_g);
        for (std::size_t b = 0; b < 3; ++b)
          EXPECT_NEAR(values[b], expected[b], 100 * this->epsilon * (1 + expected[b]));
        this->expect_near(own_g, this->cut(slabs, g), 50.0 * (n + 1));
        EXPECT_EQ(fidelity.fn(this->exec, own_x, y, parts), values);
        const Batch<T> alone("gradient alone", 3, slabs.owned_size());
        fidelity.grad(this->exec, own_x, y, parts, alone);
        EXPECT_EQ(on_host(alone), on_host(own_g));

        auto shares = fidelity.fn(this->exec, own_x, y, parts, Scope::local);
        parts.communicator().sum(shares.data(), shares.size());
        for (std::size_t b = 0; b < 3; ++b)
          EXPECT_NEAR(shares[b], values[b], 1e-12 * (1 + values[b]));
      }
    }
}

TYPED_TEST(SlabFidelity, calls_of_operators_are_those_of_the_whole_image) {
  using T = TypeParam;
  for (const SlabCase& test : slab_cases()) {
    SCOPED_TRACE(test.text());
    const int n = 3;
    const auto make = [&](int i) { return test.make<T>(i); };
    const Slabs slabs(MPI_COMM_WORLD, test.shape, {.dimension = test.dimension});
    const DistributedOperator parts(slabs, n, make);
    const DistributedOperator whole(MPI_COMM_SELF, n, make);
    const auto x = batch_of<T>(1, 2, test.shape.size());
    const auto own_x = this->cut(slabs, x);
    auto y = whole.template allocate_measurements<T>(2);
    auto own_y = parts.template allocate_measurements<T>(2);
    whole.forward(this->exec, x, y, Scope::local);
    for (const Scope scope : {Scope::local, Scope::global}) {
      parts.forward(this->exec, own_x, own_y, scope);
      this->exec.fence();
      const auto expected =
          parts.measurements([&](int i) { return y[static_cast<std::size_t>(i)]; });
      for (std::size_t k = 0; k < own_y.size(); ++k) this->expect_near(own_y[k], expected[k], 20);
    }

    const Batch<T> g("g", 2, test.shape.size()), own_g("own g", 2, slabs.owned_size());
    whole.adjoint(this->exec, y, g);
    parts.adjoint(this->exec, own_y, own_g);
    this->expect_near(own_g, this->cut(slabs, g), 500);
    whole.vjp(this->exec, x, y, g);
    parts.vjp(this->exec, own_x, own_y, own_g);
    this->expect_near(own_g, this->cut(slabs, g), 500);
    whole.normal(this->exec, x, g);
    parts.normal(this->exec, own_x, own_g);
    this->expect_near(own_g, this->cut(slabs, g), 500);
  }
}

TYPED_TEST(SlabFidelity, measurements_are_whole_or_in_rows) {
  using T = TypeParam;
  const SlabCase test{{2, 9, 4}, 1, Padding::replicate, 2};
  const Slabs slabs(MPI_COMM_WORLD, test.shape, {.dimension = 1});
  const DistributedOperator parts(slabs, 2, [&](int i) { return test.make<T>(i); });
  const Shape range = test.make<T>(0).range_shape();
  const auto all = batch_of<T>(5, 2, range.size());
  const auto whole = parts.measurements([&](int) { return all; });
  const auto rows = parts.measurements([&](int, const misfit::Rows& own) {
    const std::size_t line = own.size() * range[2];
    const Batch<T> part("rows", 2, range[0] * line);
    for (std::size_t b = 0; b < 2; ++b)
      for (std::size_t c = 0; c < range[0]; ++c) {
        const std::size_t from = (c * range[1] + own.begin) * range[2];
        Kokkos::deep_copy(Kokkos::subview(part, b, std::pair(c * line, (c + 1) * line)),
                          Kokkos::subview(all, b, std::pair(from, from + line)));
      }
    return part;
  });
  ASSERT_EQ(whole.size(), rows.size());
  for (std::size_t k = 0; k < whole.size(); ++k) EXPECT_EQ(on_host(whole[k]), on_host(rows[k]));
}

}  // namespace
