// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/convolution/axis.hpp>
#include <misfit/detail/convolution/layout.hpp>
#include <misfit/detail/convolution/line.hpp>
#include <misfit/detail/convolution/phases.hpp>
#include <misfit/detail/convolution/row_pair_sum.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

/// Forward: a line holds the inputs of the tile, padding included; behind them those that padding
/// needs from elsewhere. complete() takes it apart into phases where the stride is not 1.
template <typename T>
class ConvolutionLine<false, T> {
 public:
  ConvolutionLine(const Axis& d, std::int64_t begin, std::int64_t count, T*, std::int64_t)
      : d_(d),
        count_(count),
        origin_(d.stride * begin - d.front),
        entries_(d.stride * (count - 1) + d.taps),
        distance_(phase_distance(d, count)),
        taps_(d.taps / d.stride),
        more_taps_(d.taps % d.stride) {
    const std::int64_t from = std::max<std::int64_t>(origin_, 0);
    const std::int64_t to = std::min(origin_ + entries_, d.inputs);
    ranges_[n_ranges_++] = {from, to, from - origin_};
    place_padding(origin_, from);
    place_padding(to, origin_ + entries_);
  }

  void start(T*) const {}

  int n_ranges() const { return n_ranges_; }
  const SourceRange& range(int n) const { return ranges_[n]; }

  /// The line is a part of the source row.
  bool is_part_of_row() const { return d_.stride == 1 && is_inside(); }

  /// Pads a line, and takes it apart into `phase` where the stride is not 1. The row to sum.
  const T* complete(T* line, T* phase) const {
    pad(line, origin_, ranges_[0].from);
    pad(line, ranges_[0].to, origin_ + entries_);
    if (d_.stride == 1) return line;
    split(phase, distance_, phases(d_), d_.stride, line, entries_);
    return phase;
  }

  /// The same from one source row, into `slot`.
  template <typename S>
  void load(T* slot, T* line, const S* row) const {
    if (d_.stride == 1) line = slot;
    if (d_.stride > 1 && is_inside())
      return split(slot, distance_, phases(d_), d_.stride, row + origin_, entries_);
    for (int n = 0; n < n_ranges_; ++n)
      std::copy(row + ranges_[n].from, row + ranges_[n].to, line + ranges_[n].offset);
    complete(line, slot);
  }

  /// out_k = Σ over the rows and taps of list k, or += with `add`.
  template <typename W>
  void sum(const WeightedRows<T, W> (&lists)[2], T* const (&outs)[2], int n_outs, bool add) {
    const auto for_taps = [&](const auto& f) {
      for (std::int64_t q = 0; q < phases(d_); ++q)
        f(Taps{taps_ + (q < more_taps_), q * distance_, 1, q, d_.stride});
    };
    sum_rows<false>(lists, outs, n_outs, count_, add, d_.taps, for_taps);
  }

 private:
  bool is_inside() const { return ranges_[0].to - ranges_[0].from == entries_; }

  /// Padding reads entries of the tile, or else entries next to each other elsewhere.
  void place_padding(std::int64_t begin, std::int64_t end) {
    const SourceRange& own = ranges_[0];
    const SourceRange& last = ranges_[n_ranges_ - 1];
    std::int64_t low = d_.inputs, high = -1;
    for (std::int64_t p = begin; p < end; ++p) {
      const std::int64_t j = d_.input_at(p);
      if (j >= own.from && j < own.to) continue;
      low = std::min(low, j);
      high = std::max(high, j);
    }
    if (low > high) return;
    const std::int64_t offset = n_ranges_ == 1 ? entries_ : last.offset + last.to - last.from;
    ranges_[n_ranges_++] = {low, high + 1, offset};
  }

  void pad(T* line, std::int64_t begin, std::int64_t end) const {
    for (std::int64_t p = begin; p < end; ++p) {
      const std::int64_t j = d_.input_at(p);
      int n = 0;
      while (j < ranges_[n].from || j >= ranges_[n].to) ++n;
      line[p - origin_] = line[ranges_[n].offset + (j - ranges_[n].from)];
    }
  }

  const Axis& d_;
  std::int64_t count_;
  std::int64_t origin_;   // the padded position of the first entry
  std::int64_t entries_;  // without those from elsewhere
  std::int64_t distance_;
  std::int64_t taps_, more_taps_;  // of a phase, and phases with one more
  int n_ranges_ = 0;
  SourceRange ranges_[3];
};

}  // namespace misfit::detail
