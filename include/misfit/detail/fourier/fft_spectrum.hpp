// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The second pass of FftLines: what is done to a block of the spectrum between the transforms.

#include <misfit/detail/base/prefetch.hpp>
#include <misfit/detail/fourier/fft_grid.hpp>
#include <misfit/detail/fourier/fft_rows.hpp>
#include <misfit/detail/fourier/several_terms.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/detail/sums/wide_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace misfit::detail {

/// What is done to blocks of the spectrum of images of `T`, by one thread.
template <typename T>
struct FftSpectrum : FftRows<T> {
  using Rows = FftRows<T>;
  using Rows::beside, Rows::far, Rows::gather, Rows::scatter;
  using Rows::chunk, Rows::rows_together, Rows::rows_ahead;
  using Rows::FftRows;
  using Rows::grid, Rows::plane, Rows::line, Rows::together;
  using typename Rows::Complex, typename Rows::SpectrumBlock;

  /// Does `middle` to a block of the spectrum, which is in place, or in lines.
  template <typename Middle>
  PartialSum entries(const SpectrumBlock& at, Complex* spectrum, Complex* turned,
                     const Middle& middle) const {
    double value[chunk] = {}, outside[chunk] = {};
    if constexpr (Middle::own) {
      if (beside[0])
        rows_of(at, spectrum, turned, middle, value, outside);
      else
        lines_of(at, spectrum, middle, value, outside);
    } else {
      SpectrumBlock parts[2];
      this->cut(at, parts);
      for (const SpectrumBlock& part : parts)
        if (part.width > 0)
          rows_of(part, spectrum + (part.begin - at.begin), turned, middle, value, outside);
    }
    return total_of(value, outside);
  }

  // Lines are turned into rows, a few at a time, for it is rows that `middle` finds behind one
  // another in its own arrays; and by then what was just written can be read as vectors.
  template <typename Middle>
  void rows_of(const SpectrumBlock& at, Complex* spectrum, Complex* turned, const Middle& middle,
               double (&value)[chunk], double (&outside)[chunk]) const {
    const std::size_t bytes = static_cast<std::size_t>(at.width) * sizeof(Complex);
    SpectrumPlace here = this->place(at, 0), ahead = here;
    for (std::int64_t p = 0; p < rows_ahead; ++p, this->next_row(at, ahead))
      middle.row(ahead).prefetch(at.width);
    for (std::int64_t p0 = 0; p0 < grid.n[0]; p0 += rows_together) {
      const std::int64_t count = std::min(rows_together, grid.n[0] - p0);
      if (!beside[0]) scatter(spectrum + p0, count, at.width, turned, together);
      for (std::int64_t p = 0; p < count; ++p) {
        Complex* const v = beside[0] ? spectrum + (p0 + p) * plane : turned + p * together;
        middle.row(ahead).prefetch(at.width);
        this->next_row(at, ahead);
        if (far && beside[0]) prefetch(v + together, bytes);  // of the next block
        each(middle.row(here), v, at.width, value, outside);
        this->next_row(at, here);
      }
      if (!beside[0]) gather(turned, together, count, at.width, spectrum + p0);
    }
  }

  // The arrays of `middle` lie as the lines do.
  template <typename Middle>
  void lines_of(const SpectrumBlock& at, Complex* spectrum, const Middle& middle,
                double (&value)[chunk], double (&outside)[chunk]) const {
    for (std::int64_t l = 0; l < at.width; ++l) {
      SpectrumBlock of_line = at;
      of_line.begin += l;
      each(middle.line(this->place(of_line, 0)), spectrum + l * line, grid.n[0], value, outside);
    }
  }

  template <typename Entry>
  [[gnu::always_inline]] static void each(const Entry& entry, Complex* v, std::int64_t count,
                                          double (&value)[chunk], double (&outside)[chunk]) {
    std::int64_t l = 0;
    for (; l + chunk <= count; l += chunk)
      for_lanes<chunk>([&](int c) { entry(l + c, v[l + c], value[c], outside[c]); });
    for (std::int64_t c = 0; l + c < count; ++c) entry(l + c, v[l + c], value[c], outside[c]);
  }

  /// The same of several terms. Each of them does its part to a copy of the block before the next:
  /// what it reads lies one behind the other, and the copy and the sum stay in cache.
  template <typename Term>
  PartialSum terms(const SpectrumBlock& at, Complex* column, Complex*& image, Complex*& spectrum,
                   const SeveralTerms<Term>& all) const {
    double value[chunk] = {}, outside[chunk] = {};
    if (beside[0]) {
      for (std::int64_t p = 0; p < grid.n[0]; ++p)
        move_row(column + p * plane, at.width, image + p * together);
      terms_by_rows(at, image, column, plane, all, value, outside);
    } else if constexpr (Term::own) {
      for (std::int64_t l = 0; l < at.width; ++l)
        move_row(spectrum + l * line, grid.n[0], image + l * line);
      for (std::int64_t w = 0; w < all.count; ++w)
        for (std::int64_t l = 0; l < at.width; ++l) {
          SpectrumBlock of_line = at;
          of_line.begin += l;
          const auto entries = all.terms[w].line(this->place(of_line, 0));
          each(AddTerm<std::remove_const_t<decltype(entries)>, Complex>{entries, image + l * line},
               spectrum + l * line, grid.n[0], value, outside);
        }
    } else {
      scatter(spectrum, grid.n[0], at.width, image, together);
      std::fill_n(spectrum, grid.n[0] * together, Complex(0));
      terms_by_rows(at, image, spectrum, together, all, value, outside);
      gather(spectrum, together, grid.n[0], at.width, image);
      std::swap(image, spectrum);
    }
    return total_of(value, outside);
  }

  static void move_row(Complex* from, std::int64_t count, Complex* to) {
    std::copy_n(from, count, to);
    std::fill_n(from, count, Complex(0));
  }

  /// Adds what all terms make of rows z, `together` apart, to rows v, `stride` apart.
  template <typename Term>
  void terms_by_rows(const SpectrumBlock& at, const Complex* z, Complex* v, std::int64_t stride,
                     const SeveralTerms<Term>& all, double (&value)[chunk],
                     double (&outside)[chunk]) const {
    SpectrumBlock parts[2] = {at, {at.image, at.p1, at.begin + at.width, 0}};
    if constexpr (!Term::own) this->cut(at, parts);
    for (std::int64_t w = 0; w < all.count; ++w)
      for (const SpectrumBlock& part : parts)
        if (part.width > 0)
          term_by_rows(part, z + (part.begin - at.begin), v + (part.begin - at.begin), stride,
                       all.terms[w], value, outside);
  }

  template <typename Term>
  void term_by_rows(const SpectrumBlock& at, const Complex* z, Complex* v, std::int64_t stride,
                    const Term& term, double (&value)[chunk], double (&outside)[chunk]) const {
    SpectrumPlace here = this->place(at, 0), ahead = here;
    for (std::int64_t p = 0; p < rows_ahead; ++p, this->next_row(at, ahead))
      term.row(ahead).prefetch(at.width);
    for (std::int64_t p = 0; p < grid.n[0]; ++p) {
      term.row(ahead).prefetch(at.width);
      this->next_row(at, ahead);
      const auto entries = term.row(here);
      each(AddTerm<std::remove_const_t<decltype(entries)>, Complex>{entries, z + p * together},
           v + p * stride, at.width, value, outside);
      this->next_row(at, here);
    }
  }

  static PartialSum total_of(const double (&value)[chunk], const double (&outside)[chunk]) {
    PartialSum tally;
    for (std::int64_t c = 0; c < chunk; ++c) tally += PartialSum{value[c], outside[c]};
    return tally;
  }
};

}  // namespace misfit::detail
