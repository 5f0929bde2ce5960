// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Several operators of one transform: SeveralTerms between one transform of x and one back.

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/distances/distance_entry.hpp>
#include <misfit/detail/fourier/passes.hpp>
#include <misfit/detail/fourier/several_terms.hpp>
#include <misfit/partial_sum.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// In how many groups `count` terms go, each with transforms of its own, by one thread: in one,
/// unless they are many and their images so small that threads could not share the transforms. By
/// these alone, so that bits do not depend on the number of threads.
template <typename Transform>
std::int64_t groups_of_terms(const Transform& fft, std::int64_t count) {
  constexpr std::int64_t many = 1024, groups = 8;
  if constexpr (Transform::takes_images_side_by_side)
    if (count >= many && fft.blocks() < groups && fft.fits_one_core()) return groups;
  return 1;
}

/// How many sums run_terms() leaves.
template <typename Transform>
std::size_t sums_of_terms(const Transform& fft, std::int64_t count) {
  return static_cast<std::size_t>(groups_of_terms(fft, count) * fft.sums());
}

/// What HostFft::run_side_by_side() does to the images of groups of terms.
template <typename Term, typename X>
struct TermGroups {
  using R = Real<X>;
  auto load(std::int64_t) const { return load_times(Ones<R>(), x); }
  auto middle(std::int64_t w) const {
    const std::int64_t first = count * w / groups, end = count * (w + 1) / groups;
    return SeveralTerms<Term>{terms + first, end - first};
  }
  auto set(std::int64_t, X* sum) const { return set_times(Ones<R>(), sum); }
  auto add(std::int64_t, X* sum) const { return add_times(Ones<R>(), sum); }
  PartialSum* sums(std::int64_t w) const { return first_sum + w * sums_of_one; }

  const Term* terms;
  std::int64_t count, groups;
  const X* x;
  PartialSum* first_sum;
  std::int64_t sums_of_one;
};

/// Transforms x, lets `count` terms do their parts, and unless Wanted is the value transforms their
/// sum back: into g where `fft` sums the planes of x, else added to g. Asynchronous on `exec`.
template <Quantity Wanted, typename Exec, typename Transform, typename Term, typename X, typename G,
          typename Sums>
void run_terms(const Exec& exec, const Transform& fft, const Term* terms, std::int64_t count,
               const X& x, const G& g, const Sums& sums) {
  using T = typename X::non_const_value_type;
  using R = Real<T>;
  constexpr bool backward = Wanted != Quantity::value;
  if constexpr (Transform::takes_images_side_by_side)
    if (const std::int64_t groups = groups_of_terms(fft, count); groups > 1)
      return fft.template run_side_by_side<backward>(
          exec, groups, g.data(),
          TermGroups<Term, T>{terms, count, groups, x.data(), sums.data(), fft.sums()});
  const auto load = load_times(Ones<R>(), x);
  const SeveralTerms<Term> all{terms, count};
  if constexpr (!backward)
    fft.template run<true, false>(exec, load, all, Nothing{}, sums.data());
  else if constexpr (Transform::sums_planes)
    fft.template run<true, true>(exec, load, all, set_times(Ones<R>(), g), sums.data());
  else
    fft.template run<true, true>(exec, load, all, add_times(Ones<R>(), g), sums.data());
}

}  // namespace misfit::detail
