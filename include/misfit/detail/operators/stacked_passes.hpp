// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>
#include <misfit/detail/distances/shifted_distance.hpp>
#include <misfit/detail/operators/fused_parts.hpp>
#include <misfit/detail/operators/stacked_parts.hpp>
#include <misfit/detail/sums/blas1.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace misfit::detail {

/// The passes of a Stack, where all parts, of the types `Ops`, have some (see FusedOperator,
/// StartingOperator, PreparingOperator): each with the distance of its own entries, its data and
/// its sums.
template <typename Parts, typename... Ops>
class StackedPasses : public StackedParts<Parts> {
  template <typename V>
  using Entry = typename V::non_const_value_type;
  using First = std::tuple_element_t<0, std::tuple<Ops...>>;

  template <typename D, typename X, typename Y, typename Exec>
  static constexpr bool all_fused =
      SeparableDistance<D, Entry<Y>> &&
      (FusedOperator<Ops, DistanceOfPart<D>, Entry<X>, Entry<Y>, Exec> && ...);
  template <typename D, typename X, typename Y, typename Exec>
  static constexpr bool first_starts =
      StartingOperator<First, DistanceOfPart<D>, Entry<X>, Entry<Y>, Exec>;
  static constexpr bool some_prepare = (Prepares<Ops> || ...);

 public:
  template <typename D>
  std::size_t partial_sums(const D& distance) const
    requires(TakesDistance<Ops, DistanceOfPart<D>> && ...)
  {
    std::size_t sum = 0;
    this->for_each([&](const auto& part, std::size_t k) {
      sum += part.partial_sums(distance_from(distance, this->begin_of(k)));
    });
    return sum;
  }

  template <typename Exec, typename D, typename X, typename Y, typename Sums>
    requires all_fused<D, X, Y, Exec>
  void fused_fn(const Exec& exec, const D& distance, const X& x, const Y& data,
                const Sums& sums) const {
    for_each_fused(distance, data, sums,
                   [&](const auto& part, std::size_t, const auto& own, const auto& own_data,
                       const auto& own_sums) { part.fused_fn(exec, own, x, own_data, own_sums); });
  }

  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
    requires all_fused<D, X, Y, Exec>
  void fused_fn_and_grad(const Exec& exec, const D& distance, const X& x, const Y& data,
                         double factor, const G& g, const Sums& sums) const {
    for_each_fused(distance, data, sums,
                   [&](const auto& part, std::size_t, const auto& own, const auto& own_data,
                       const auto& own_sums) {
                     part.fused_fn_and_grad(exec, own, x, own_data, factor, g, own_sums);
                   });
  }

  /// The first part begins the gradient, and sees to it that what is not finite shows.
  template <typename Exec, typename D, typename X, typename Y, typename G, typename Sums>
    requires(all_fused<D, X, Y, Exec> && first_starts<D, X, Y, Exec>)
  void fused_fn_and_set_grad(const Exec& exec, const D& distance, const X& x, const Y& data,
                             double factor, const G& g, const Sums& sums) const {
    for_each_fused(
        distance, data, sums,
        [&](const auto& part, std::size_t k, const auto& own, const auto& own_data,
            const auto& own_sums) {
          if constexpr (requires {
                          part.fused_fn_and_set_grad(exec, own, x, own_data, factor, g, own_sums);
                        })
            if (k == 0)
              return part.fused_fn_and_set_grad(exec, own, x, own_data, factor, g, own_sums);
          part.fused_fn_and_grad(exec, own, x, own_data, factor, g, own_sums);
        });
  }

  std::size_t prepared_size() const
    requires some_prepare
  {
    std::size_t sum = 0;
    this->for_each([&](const auto& part, std::size_t) { sum += data_size(part, some_prepare); });
    return sum;
  }
  template <typename Exec, typename Y, typename P>
    requires some_prepare
  void prepare(const Exec& exec, const Y& y, const P& prepared) const {
    std::size_t at = 0;
    this->for_each([&](const auto& part, std::size_t k) {
      const auto own = this->measurement(y, k);
      if constexpr (Prepares<std::remove_cvref_t<decltype(part)>>)
        part.prepare(exec, own, this->piece(prepared, at, part.prepared_size()));
      else
        copy(exec, own, this->piece(prepared, at, part.range_size()));
      at += data_size(part, some_prepare);
    });
  }

 protected:
  using StackedParts<Parts>::StackedParts;

 private:
  /// use(part, number, distance, data, sums) for all parts, with what of each is the part's.
  template <typename D, typename Y, typename Sums, typename Use>
  void for_each_fused(const D& distance, const Y& data, const Sums& sums, const Use& use) const {
    std::size_t at = 0, next = 0;
    this->for_each([&](const auto& part, std::size_t k) {
      const auto own = distance_from(distance, this->begin_of(k));
      const std::size_t count = part.partial_sums(own);
      use(part, k, own, this->piece(data, at, data_size(part, some_prepare)),
          this->piece(sums, next, count));
      at += data_size(part, some_prepare);
      next += count;
    });
  }
};

}  // namespace misfit::detail
