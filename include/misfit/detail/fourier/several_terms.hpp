// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What several operators of one transform do to the spectrum of x, which they have in common: so
// that all of them take one transform of x and one of the gradient.

#include <misfit/detail/fourier/fft_grid.hpp>

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace misfit::detail {

/// The parts of `count` operators between the transforms: each Term does its own to a copy of the
/// entry v, and v becomes the sum of all. (A CPU goes through block after block of the spectrum
/// term by term: see FftSpectrum.)
template <typename Term>
struct SeveralTerms {
  static constexpr bool own = Term::own;

  struct Row {
    template <typename C>
    KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double& value,
                                                double& outside) const {
      const C z = v;
      C sum(0);
      for (std::int64_t w = 0; w < count; ++w) {
        C of_one = z;
        terms[w].row(at)(l, of_one, value, outside);
        sum += of_one;
      }
      v = sum;
    }
    const Term* terms;
    std::int64_t count;
    SpectrumPlace at;
  };
  KOKKOS_FORCEINLINE_FUNCTION Row row(const SpectrumPlace& at) const { return {terms, count, at}; }

  const Term* terms;
  std::int64_t count;
};

template <typename Middle>
inline constexpr bool is_several = false;
template <typename Term>
inline constexpr bool is_several<SeveralTerms<Term>> = true;

/// Adds what one term makes of entries z that lie one behind the other.
template <typename Entries, typename C>
struct AddTerm {
  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t l, C& v, double& value,
                                              double& outside) const {
    C of_one = z[l];
    entries(l, of_one, value, outside);
    v += of_one;
  }

  Entries entries;
  const C* z;
};

}  // namespace misfit::detail
