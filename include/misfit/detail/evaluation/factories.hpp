// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/operators/slab_part.hpp>
#include <misfit/error.hpp>
#include <misfit/geometry/slab.hpp>
#include <misfit/measurements.hpp>
#include <misfit/partition.hpp>
#include <misfit/rows.hpp>
#include <misfit/shape.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace misfit::detail {

/// A function that makes a part of what belongs to operator i: called with i and the rows of the
/// measurement that the part has.
template <typename F>
concept FactoryOfRows = std::invocable<F&, int, const Rows&> && !std::invocable<F&, int> &&
                        !std::invocable<F&, int, std::size_t>;

/// A function that makes what belongs to operator i: called with i, or with i and k, where i is the
/// k-th operator of its rank; or one of parts. (A View can be called, too.)
template <typename F>
concept Factory =
    !KokkosView<std::remove_cvref_t<F>> &&
    (std::invocable<F&, int> || std::invocable<F&, int, std::size_t> || FactoryOfRows<F>);

/// What `factory` makes for operator i, the k-th of its rank, of which the rank has `rows`; none
/// where operators are whole.
template <Factory F>
decltype(auto) make(F&& factory, int i, std::size_t k, const Rows* rows = nullptr) {
  if constexpr (std::invocable<F&, int>) {
    return factory(i);
  } else if constexpr (std::invocable<F&, int, std::size_t>) {
    return factory(i, k);
  } else {
    if (rows == nullptr)
      throw ArgumentError(
          "the factory takes rows, but misfit has not cut the operators: they are neither split "
          "nor "
          "in slabs");
    return factory(i, *rows);
  }
}

/// The type of what a factory makes.
template <Factory F>
using MadeBy = std::remove_cvref_t<decltype(make(std::declval<F&>(), 0, std::size_t{0}))>;

/// Round-robin for a number of operators.
inline Partition as_partition(int n) { return Partition::round_robin(n); }
inline const Partition& as_partition(const Partition& partition) { return partition; }

/// The type of the parts of operators of type A in slabs.
template <typename A>
struct PartIn {
  static_assert(SlabOperator<A> || SplittableOperator<A>,
                "misfit: these operators cannot be cut into slabs: they need "
                "halo_width(dimension), outputs_of(slab) and on_slab(slab), or measurement_rows() "
                "and on_rows(rows); see SlabOperator and SplittableOperator");
};
template <typename A>
  requires(SlabOperator<A> || SplittableOperator<A>)
struct PartIn<A> {
  using type =
      std::remove_cvref_t<decltype(part_in(std::declval<const A&>(), std::declval<const Slab&>()))>;
};
template <typename A>
using PartOf = typename PartIn<A>::type;

/// A function that makes the part of operator i for a slab: called with both, it gives a SlabPart.
template <typename F>
concept FactoryOfSlabParts = requires(F& factory, const Slab& slab) {
  factory(0, slab).op;
  factory(0, slab).outputs;
};
template <FactoryOfSlabParts F>
using OpOfSlabParts =
    std::remove_cvref_t<decltype(std::declval<F&>()(0, std::declval<const Slab&>()).op)>;

/// The type of the parts that a split makes of operators of type A.
template <typename A>
struct SplitPartIn {
  static_assert(SplittableOperator<A>,
                "misfit: these operators cannot be split: they need measurement_rows() and "
                "on_rows(rows); see SplittableOperator");
};
template <SplittableOperator A>
struct SplitPartIn<A> {
  using type = std::remove_cvref_t<decltype(std::declval<const A&>().on_rows(Rows{}))>;
};

/// The type of the parts where `F` makes them of rows, or makes operators that are split.
template <Factory F>
struct SplitPartOf : SplitPartIn<MadeBy<F>> {};
template <Factory F>
  requires FactoryOfRows<F>
struct SplitPartOf<F> {
  using type = MadeBy<F>;
};

/// The View type of measurements from a factory or from a list.
template <typename Source>
struct MeasurementsFromSource {
  using type = MeasurementView<std::remove_cvref_t<Source>>;
};
template <Factory Source>
struct MeasurementsFromSource<Source> {
  using type = MadeBy<Source>;
};
template <typename Source>
using MeasurementsFrom = typename MeasurementsFromSource<Source>::type;

}  // namespace misfit::detail
