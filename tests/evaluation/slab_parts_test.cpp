// SPDX-License-Identifier: BSD-3-Clause

// A user's own operators in slabs: right ones, and those whose parts do not fit what they say; and
// distances that are told their rows.

#include "evaluation/slab_cases.hpp"
#include "support/errors.hpp"
#include "support/matrix_operator.hpp"

#include <misfit/distances/l2.hpp>
#include <misfit/distances/weighted_l2.hpp>
#include <misfit/distributed_data_fidelity.hpp>
#include <misfit/distributed_operator.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/halo_width.hpp>
#include <misfit/geometry/measurement_rows.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/halo.hpp>
#include <misfit/operators/identity.hpp>
#include <misfit/slabs.hpp>
#include <misfit/testing/check_adjoint.hpp>
#include <misfit/testing/check_gradient.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

// A namespace with a name: nvcc takes no kernels of classes without one.
namespace misfit::test::parts_of_slabs {

enum class Fault { none, domain, range, rows, dimension, shape, adjoint, derivative };

/// y_j = (x_j + x_{j+1})² on n rows of one entry, x_n = 0; or the sum without the square. A part of
/// it has a row more of x than of y, but where the image ends.
struct SumsOfNeighbours {
  std::size_t n;
  bool squared = false;
  Fault fault = Fault::none;
  std::size_t inputs = n, outputs = n, first = 0;  ///< of a part; the first input that is its own

  // Sizes may be of any integer type.
  int domain_size() const { return static_cast<int>(inputs); }
  int range_size() const { return static_cast<int>(outputs); }

  HaloWidth halo_width(std::size_t) const { return {0, 1}; }
  MeasurementRows outputs_of(const Slab& slab) const {
    MeasurementRows rows{{n}, 0, slab.owned};
    if (fault == Fault::rows) rows.rows.end = n + 1;
    if (fault == Fault::dimension) rows.dimension = 3;
    if (fault == Fault::shape) rows.shape = {n, 2};
    return rows;
  }
  SumsOfNeighbours on_slab(const Slab& slab) const {
    SumsOfNeighbours part = *this;
    part.inputs = slab.extended().size() + (fault == Fault::domain ? 1 : 0);
    part.outputs = slab.owned.size() + (fault == Fault::range ? 1 : 0);
    part.first = slab.before;
    return part;
  }

  template <typename Exec, typename X, typename Y>
  void apply(const Exec& exec, const X& x, const Y& y) const {
    const auto own = *this;
    Kokkos::parallel_for(
        misfit::detail::range(exec, outputs), KOKKOS_LAMBDA(const std::int64_t j) {
          const double sum = own.sum_at(x, j);
          y(j) = own.squared ? sum * sum : sum;
        });
  }
  template <typename X>
  KOKKOS_FUNCTION double sum_at(const X& x, std::size_t j) const {
    return x(first + j) + (first + j + 1 < inputs ? x(first + j + 1) : 0.0);
  }
};

struct Neighbours : SumsOfNeighbours {
  Neighbours on_slab(const Slab& slab) const { return {SumsOfNeighbours::on_slab(slab)}; }
  template <typename Exec, typename X, typename R, typename G>
  void add_vjp(const Exec& exec, const X& x, const R& r, const G& g) const {
    const auto own = *this;
    Kokkos::parallel_for(
        misfit::detail::range(exec, 1), KOKKOS_LAMBDA(const std::int64_t) {
          for (std::size_t j = 0; j < own.outputs; ++j) {
            const double slope = own.fault == Fault::derivative ? 2.1 : 2;
            const double s = own.squared ? slope * own.sum_at(x, j) * r(j) : r(j);
            g(own.first + j) += s;
            if (own.first + j + 1 < own.inputs) g(own.first + j + 1) += s;
          }
        });
  }
};

/// Without the square, as a linear operator.
struct LinearNeighbours : SumsOfNeighbours {
  LinearNeighbours on_slab(const Slab& slab) const { return {SumsOfNeighbours::on_slab(slab)}; }
  template <typename Exec, typename Y, typename X>
  void add_adjoint(const Exec& exec, const Y& y, const X& x) const {
    const auto own = *this;
    Kokkos::parallel_for(
        misfit::detail::range(exec, 1), KOKKOS_LAMBDA(const std::int64_t) {
          for (std::size_t j = 0; j < own.outputs; ++j) {
            x(own.first + j) += y(j);
            // The fault: what belongs to the next rank is left out.
            const bool last = j + 1 == own.outputs && own.fault == Fault::adjoint;
            if (!last && own.first + j + 1 < own.inputs) x(own.first + j + 1) += y(j);
          }
        });
  }
};

}  // namespace misfit::test::parts_of_slabs

namespace {

using namespace misfit::test::parts_of_slabs;
using misfit::ArgumentError;
using misfit::DistributedOperator;
using misfit::HaloWidth;
using misfit::MeasurementRows;
using misfit::Shape;
using misfit::Slab;
using misfit::Slabs;
using misfit::test::expect_same_error;
using misfit::test::positive_vector_of;
using misfit::test::vector_of;

class SlabParts : public testing::Test {
 protected:
  static constexpr std::size_t n = 11;
  const misfit::test::Exec exec{};
  const Slabs slabs{MPI_COMM_WORLD, {n}};

  Kokkos::View<double*> rows_of(const Kokkos::View<double*>& all) const {
    const Kokkos::View<double*> own("own", slabs.owned_size());
    slabs.scatter(exec, all, own);
    return own;
  }
};

TEST_F(SlabParts, of_a_nonlinear_operator_of_a_user) {
  const auto make = [](int i) { return Neighbours{{n, i != 1}}; };
  const DistributedOperator parts(slabs, 3, make), whole(MPI_COMM_SELF, 3, make);
  const auto data = [](int i) { return vector_of<double>(5 + static_cast<std::size_t>(i), n); };
  const auto y = parts.measurements(data), all_y = whole.measurements(data);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = vector_of<double>(1, n);
  const Kokkos::View<double*> g("g", n), own("own", slabs.owned_size());
  const double value = fidelity.fn_and_grad(exec, x, all_y, whole, g);
  EXPECT_NEAR(fidelity.fn_and_grad(exec, rows_of(x), y, parts, own), value, 1e-12 * value);
  const auto found = misfit::test::on_host(own), expected = misfit::test::on_host(rows_of(g));
  for (std::size_t j = 0; j < found.size(); ++j) EXPECT_NEAR(found[j], expected[j], 1e-11);
  EXPECT_TRUE(misfit::check_gradient(exec, fidelity, rows_of(x), y, parts).passed());
}

TEST_F(SlabParts, checkers_see_what_is_wrong) {
  const auto right = [](int) { return LinearNeighbours{{n}}; };
  EXPECT_TRUE(misfit::check_adjoint<double>(exec, DistributedOperator(slabs, 2, right)).passed());
  const auto wrong = [](int i) {
    return LinearNeighbours{{n, false, i == 1 ? Fault::adjoint : Fault::none}};
  };
  // On one rank there is nothing of another rank to leave out.
  EXPECT_EQ(misfit::check_adjoint<double>(exec, DistributedOperator(slabs, 2, wrong)).passed(),
            misfit::test::world_size() == 1);

  const DistributedOperator squares(slabs, 2, [](int i) {
    return Neighbours{{n, true, i == 1 ? Fault::derivative : Fault::none}};
  });
  const auto y = squares.measurements([](int) { return vector_of<double>(5, n); });
  EXPECT_FALSE(misfit::check_gradient(exec, misfit::DistributedDataFidelity(misfit::L2{0.7}),
                                      rows_of(vector_of<double>(1, n)), y, squares)
                   .passed());
}

TEST_F(SlabParts, that_do_not_fit_are_refused_on_all_ranks) {
  const auto refused = [&](Fault fault, const char* what) {
    SCOPED_TRACE(what);
    expect_same_error<ArgumentError>(
        [&] {
          DistributedOperator(
              slabs, 2, [&](int i) { return Neighbours{{n, true, i == 1 ? fault : Fault::none}}; });
        },
        {"operator 1", what});
  };
  refused(Fault::domain, "its part has domain size");
  refused(Fault::range, "its part has range size");
  refused(Fault::rows, "along dimension 0 of a measurement of 11");
  refused(Fault::dimension, "along dimension 3");
  refused(Fault::shape, "of a measurement of 11 x 2, range size is 11");
}

TEST_F(SlabParts, made_without_the_whole) {
  const DistributedOperator whole(slabs, 3, [](int i) { return Neighbours{{n, i != 1}}; });
  const DistributedOperator parts(slabs, {.before = 2, .after = 1}, 3, [](int i, const Slab& slab) {
    const Neighbours of_all{{n, i != 1}};
    return misfit::SlabPart<Neighbours>{of_all.on_slab(slab), {{n}, 0, slab.owned}};
  });
  const auto data = [](int i) { return vector_of<double>(5 + static_cast<std::size_t>(i), n); };
  const auto y = whole.measurements(data), y_of_parts = parts.measurements(data);
  const misfit::DistributedDataFidelity fidelity(misfit::L2{0.7});
  const auto x = rows_of(vector_of<double>(1, n));
  const Kokkos::View<double*> g("g", x.extent(0)), expected("expected", x.extent(0));
  EXPECT_EQ(fidelity.fn_and_grad(exec, x, y_of_parts, parts, g),
            fidelity.fn_and_grad(exec, x, y, whole, expected));
  EXPECT_EQ(misfit::test::on_host(g), misfit::test::on_host(expected));
}

TEST_F(SlabParts, made_without_the_whole_that_do_not_fit) {
  const auto made = [&](Fault fault, int more) {
    DistributedOperator(slabs, {.before = 0, .after = 1}, 2, [&](int i, const Slab& slab) {
      const Neighbours of_all{{n, true, i == 1 ? fault : Fault::none}};
      MeasurementRows rows{{n}, 0, slab.owned};
      // The first rank claims too few rows, so that one of them is nobody's.
      auto part = of_all.on_slab(slab);
      if (slab.owned.begin == 0) {
        rows.rows.end -= static_cast<std::size_t>(more);
        part.outputs -= static_cast<std::size_t>(more);
      }
      return misfit::SlabPart<Neighbours>{part, rows};
    });
  };
  expect_same_error<ArgumentError>([&] { made(Fault::domain, 0); },
                                   {"operator 1", "its part has domain size"});
  expect_same_error<ArgumentError>([&] { made(Fault::range, 0); },
                                   {"operator 1", "its part has range size"});
  expect_same_error<ArgumentError>([&] { made(Fault::none, 1); },
                                   {"operator 0", "all ranks together have 10 of its 11 rows"});
  // As many rows as there are, but those of a rank are those of the one before.
  if (slabs.space().size() > 1 && n % static_cast<std::size_t>(slabs.space().size()) != 0)
    expect_same_error<ArgumentError>(
        [&] {
          DistributedOperator(slabs, {}, 1, [&](int, const Slab& slab) {
            const std::size_t begin = slab.owned.begin == 0 ? 1 : 0;
            const misfit::Rows rows{begin, begin + slab.owned.size()};
            return misfit::SlabPart<misfit::Identity>{misfit::Identity(slab.owned.size()),
                                                      {{n}, 0, rows}};
          });
        },
        {"operator 0", "some of its 11 rows are on two ranks, and some on none"});
  expect_same_error<ArgumentError>(
      [&] {
        DistributedOperator(slabs, {}, -1, [](int, const Slab& slab) {
          return misfit::SlabPart<misfit::Identity>{misfit::Identity(1), {{n}, 0, slab.owned}};
        });
      },
      {"n: is -1"});
}

TEST_F(SlabParts, distances_are_told_their_rows) {
  const auto make = [](int) { return misfit::Identity(n); };
  const DistributedOperator parts(slabs, 2, make), whole(MPI_COMM_SELF, 2, make);
  const auto data = [](int i) { return vector_of<double>(5 + static_cast<std::size_t>(i), n); };
  const auto y = parts.measurements(data), all_y = whole.measurements(data);
  const misfit::DistributedDataFidelity cut(parts, [](int, const misfit::Rows& rows) {
    return misfit::WeightedL2{positive_vector_of(3, rows.size(), rows.begin)};
  });
  const misfit::DistributedDataFidelity uncut(
      whole, [](int) { return misfit::WeightedL2{positive_vector_of(3, n)}; });
  const auto x = vector_of<double>(1, n);
  const double value = uncut.fn(exec, x, all_y, whole);
  EXPECT_NEAR(cut.fn(exec, rows_of(x), y, parts), value, 1e-12 * value);
  for (std::size_t k = 0; k < parts.local_operators().size(); ++k)
    EXPECT_EQ(parts.local_rows(k), slabs.owned());
  EXPECT_FALSE(whole.local_rows(0));
}

TEST_F(SlabParts, vectors_have_the_length_of_the_slab_without_operators_too) {
  const DistributedOperator none(slabs, 0, [](int) { return misfit::Identity(n); });
  const Kokkos::View<double*> x("x", slabs.owned_size() + 1), g("g", slabs.owned_size());
  const auto y = none.allocate_measurements<double>();
  expect_same_error<ArgumentError>([&] { none.normal(exec, x, g); }, {"x: has"});
  expect_same_error<ArgumentError>([&] { none.adjoint(exec, y, x); }, {"x: has"});
}

TEST_F(SlabParts, halos_that_nothing_can_hold) {
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  const misfit::Halo halo(slabs, {.before = huge, .after = huge});
  EXPECT_EQ(halo.extended_size(), slabs.owned().empty() ? 0 : n);
  expect_same_error<ArgumentError>(
      [&] { misfit::Halo(slabs, {.before = huge, .after = 1, .circular = true}); }, {"too many"});
}

}  // namespace
