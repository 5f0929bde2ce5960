// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/round_up.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/axis.hpp>
#include <misfit/detail/convolution/layout.hpp>
#include <misfit/detail/convolution/phases.hpp>
#include <misfit/detail/convolution/row_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

/// Sources `from`, ..., `to` − 1 along d, which lie at `offset` in a line.
struct SourceRange {
  std::int64_t from, to, offset;
};

/// Rows, each with its weights along d.
template <typename T, typename W>
struct WeightedRows {
  static constexpr int most = 64;
  int n = 0;
  const T* rows[most];
  const W* weights[most];

  bool has(const T* row) const {
    for (int i = 0; i < n; ++i)
      if (rows[i] == row) return true;
    return false;
  }
};

/// What a tile does along d. Its lines hold the sources that it reads: those of each range are put
/// there, then complete() makes the row that sum() reads.
template <bool Adjoint, typename T>
class ConvolutionLine;

/// Forward: a line holds the inputs of the tile, padding included; behind them those that padding
/// needs from elsewhere. complete() takes it apart into phases where the stride is not 1.
template <typename T>
class ConvolutionLine<false, T> {
 public:
  ConvolutionLine(const Axis& d, std::int64_t begin, std::int64_t count, T*, T*)
      : d_(d),
        count_(count),
        origin_(d.stride * begin - d.front),
        entries_(d.stride * (count - 1) + d.taps),
        distance_(phase_distance(d, count)) {
    const std::int64_t from = std::max<std::int64_t>(origin_, 0);
    const std::int64_t to = std::min(origin_ + entries_, d.inputs);
    ranges_[n_ranges_++] = {from, to, from - origin_};
    place_padding(origin_, from);
    place_padding(to, origin_ + entries_);
  }

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

  /// out = Σ over rows and taps, or += with `add`.
  template <typename W>
  void sum(const WeightedRows<T, W>& list, T* out, bool add) {
    RowSum<T, W> sum(out, count_, add);
    for (int n = 0; n < list.n; ++n)
      for (std::int64_t t = 0, q = 0, i = 0; t < d_.taps; ++t) {
        sum.add(list.rows[n] + q * distance_ + i, list.weights[n][t]);
        if (++q == d_.stride) {
          q = 0;
          ++i;
        }
      }
    sum.finish();
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
  int n_ranges_ = 0;
  SourceRange ranges_[3];
};

/// Adjoint: a line holds the outputs that read the inputs of the tile, with zeros for outputs that
/// do not exist; behind them those that read these inputs elsewhere, as padding.
template <typename T>
class ConvolutionLine<true, T> {
 public:
  /// Sets `line` to zero; `sums` is memory for sums on their way to the inputs.
  ConvolutionLine(const Axis& d, std::int64_t begin, std::int64_t count, T* line, T* sums)
      : d_(d), begin_(begin), end_(begin + count), sums_(sums) {
    // Padding repeats inputs of this tile at positions next to each other on each side, or at none:
    // next to the tile, or elsewhere.
    std::int64_t low = begin_, high = end_;
    if (low == 0)
      while (low > -d.front && is_own(low - 1)) --low;
    if (high == d.inputs)
      while (high < d.inputs + d.back && is_own(high)) ++high;
    // By whole strides, so that the tile begins with the first phase.
    place(begin_ - round_up(begin_ - low, d.stride), high);
    place_padding(-d.front, std::min<std::int64_t>(low, 0));
    place_padding(std::max(high, d.inputs), d.inputs + d.back);
    std::fill_n(line, entries_, T(0));
  }

  int n_ranges() const { return n_pieces_; }
  const SourceRange& range(int n) const { return pieces_[n].range; }

  bool is_part_of_row() const { return n_pieces_ == 1 && entries_ == range(0).to - range(0).from; }

  const T* complete(const T* line, T*) const { return line; }

  template <typename S>
  void load(T* slot, T*, const S* row) const {
    std::fill_n(slot, entries_, T(0));
    for (int k = 0; k < n_pieces_; ++k)
      std::copy(row + range(k).from, row + range(k).to, slot + range(k).offset);
  }

  /// The sums over rows and taps, or += with `add`; kept by phases until add_to().
  template <typename W>
  void sum(const WeightedRows<T, W>& list, T*, bool add) {
    for (int k = 0; k < n_pieces_; ++k) {
      const Piece& piece = pieces_[k];
      const std::int64_t seen = piece.begin + d_.front;
      const std::int64_t phase = seen - floor_div(seen, d_.stride) * d_.stride;
      for (std::int64_t q = 0; q < std::min(d_.stride, piece.end - piece.begin); ++q) {
        RowSum<T, W> sum(sums_ + piece.sums + q * piece.distance,
                         (piece.end - piece.begin - q + d_.stride - 1) / d_.stride, add);
        for (int n = 0; n < list.n; ++n) {
          const T* in = list.rows[n] + piece.offset + (phase + q) / d_.stride;
          for (std::int64_t t = (phase + q) % d_.stride; t < d_.taps; t += d_.stride)
            sum.add(in--, conj(list.weights[n][t]));
        }
        sum.finish();
      }
    }
  }

  /// Adds the sums to the inputs of the tile.
  void add_to(T* out) const {
    const Piece& own = pieces_[0];
    add_merged(out, sums_ + own.sums + (begin_ - own.begin) / d_.stride, own.distance, d_.stride,
               end_ - begin_);
    add_padding(own, std::max(own.begin, -d_.front), begin_, out);
    add_padding(own, end_, own.end, out);
    for (int k = 1; k < n_pieces_; ++k)
      add_padding(pieces_[k], pieces_[k].begin, pieces_[k].end, out);
  }

 private:
  /// Padded positions `begin`, ..., `end` − 1. The output that reads the first of them through tap
  /// (begin + front) mod stride lies at `offset` in a line. Their sums lie at `sums`, by phases.
  struct Piece {
    std::int64_t begin, end, offset, sums, distance;
    SourceRange range;
  };

  bool is_own(std::int64_t p) const {
    const std::int64_t j = d_.input_at(p);
    return j >= begin_ && j < end_;
  }

  void place_padding(std::int64_t begin, std::int64_t end) {
    while (begin < end && !is_own(begin)) ++begin;
    while (begin < end && !is_own(end - 1)) --end;
    if (begin < end) place(begin, end);
  }

  void place(std::int64_t begin, std::int64_t end) {
    const std::int64_t first = floor_div(begin + d_.front, d_.stride);
    const std::int64_t low = first - d_.taps / d_.stride;
    const std::int64_t high = floor_div(end - 1 + d_.front, d_.stride) + 1;
    const std::int64_t from = std::clamp<std::int64_t>(low, 0, d_.outputs);
    const std::int64_t to = std::clamp<std::int64_t>(high, from, d_.outputs);
    const std::int64_t distance = (end - begin + d_.stride - 1) / d_.stride;
    pieces_[n_pieces_++] = {begin,   end,      entries_ + first - low,
                            n_sums_, distance, {from, to, entries_ + from - low}};
    entries_ += high - low;
    n_sums_ += d_.stride * distance;
  }

  void add_padding(const Piece& piece, std::int64_t begin, std::int64_t end, T* out) const {
    if (begin >= end) return;
    const std::int64_t at = begin - piece.begin;
    std::int64_t i = at / d_.stride, q = at - i * d_.stride;
    for (std::int64_t p = begin; p < end; ++p) {
      out[d_.input_at(p) - begin_] += sums_[piece.sums + q * piece.distance + i];
      if (++q == d_.stride) {
        q = 0;
        ++i;
      }
    }
  }

  const Axis& d_;
  std::int64_t begin_, end_;
  T* sums_;
  std::int64_t entries_ = 0, n_sums_ = 0;
  int n_pieces_ = 0;
  Piece pieces_[3];
};

}  // namespace misfit::detail
