// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/round_up.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/axis.hpp>
#include <misfit/detail/convolution/line.hpp>
#include <misfit/detail/convolution/phases.hpp>
#include <misfit/detail/convolution/row_pair_sum.hpp>

#include <algorithm>
#include <cstdint>

namespace misfit::detail {

/// Adjoint: a line holds the outputs that read the inputs of the tile, with zeros for outputs that
/// do not exist; behind them those that read these inputs elsewhere, as padding.
template <typename T>
class ConvolutionLine<true, T> {
 public:
  /// `sums` is memory for sums on their way to the inputs, `sums_of_one` for those of a list.
  ConvolutionLine(const Axis& d, std::int64_t begin, std::int64_t count, T* sums,
                  std::int64_t sums_of_one)
      : d_(d), begin_(begin), end_(begin + count), sums_of_one_(sums_of_one), sums_(sums) {
    // Padding repeats inputs of this tile at positions next to each other on each side, or at none:
    // next to the tile, or elsewhere.
    std::int64_t low = begin_, high = end_;
    if (low == 0)
      while (low > -d.front && is_own(low - 1)) --low;
    if (high == d.inputs)
      while (high < d.inputs + d.back && is_own(high)) ++high;
    low_ = low;
    // By whole strides, so that the tile begins with the first phase.
    place(begin_ - round_up(begin_ - low, d.stride), high);
    place_padding(-d.front, std::min<std::int64_t>(low, 0));
    place_padding(std::max(high, d.inputs), d.inputs + d.back);
  }

  /// Before anything is put into a line.
  void start(T* line) const { std::fill_n(line, entries_, T(0)); }

  int n_ranges() const { return n_pieces_; }
  const SourceRange& range(int n) const { return pieces_[n].range; }

  bool is_part_of_row() const { return n_pieces_ == 1 && entries_ == range(0).to - range(0).from; }

  const T* complete(const T* line, T*) const { return line; }

  template <typename S>
  void load(T* slot, T*, const S* row) const {
    std::int64_t end = 0;
    for (int k = 0; k < n_pieces_; ++k) {
      const SourceRange& r = range(k);
      std::fill(slot + end, slot + r.offset, T(0));
      std::copy(row + r.from, row + r.to, slot + r.offset);
      end = r.offset + r.to - r.from;
    }
    std::fill(slot + end, slot + entries_, T(0));
  }

  /// The sums over the rows and taps of each list, or += with `add`; kept by phases until add_to().
  template <typename W>
  void sum(const WeightedRows<T, W> (&lists)[2], T* const (&)[2], int n_outs, bool add) {
    for (int k = 0; k < n_pieces_; ++k) {
      const Piece& piece = pieces_[k];
      const std::int64_t seen = piece.begin + d_.front;
      const std::int64_t phase = seen - floor_div(seen, d_.stride) * d_.stride;
      for (std::int64_t q = 0; q < std::min(d_.stride, piece.end - piece.begin); ++q) {
        T* const at = sums_ + piece.sums + q * piece.distance;
        const std::int64_t t = (phase + q) % d_.stride;
        const Taps taps = {(d_.taps - t + d_.stride - 1) / d_.stride,
                           piece.offset + (phase + q) / d_.stride, -1, t, d_.stride};
        sum_rows<true>(lists, {at, at + sums_of_one_}, n_outs,
                       (piece.end - piece.begin - q + d_.stride - 1) / d_.stride, add, taps.n,
                       [&](const auto& f) { f(taps); });
      }
    }
  }

  /// Adds the sums of list k to the inputs of the tile.
  void add_to(T* out, int k) const {
    const Piece& own = pieces_[0];
    const T* const sums = sums_ + k * sums_of_one_;
    add_merged(out, sums + own.sums + (begin_ - own.begin) / d_.stride, own.distance, d_.stride,
               end_ - begin_);
    add_padding(own, sums, low_, begin_, out);
    add_padding(own, sums, end_, own.end, out);
    for (int n = 1; n < n_pieces_; ++n)
      add_padding(pieces_[n], sums, pieces_[n].begin, pieces_[n].end, out);
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
    // Of a part of the outputs none may read these inputs: then `from` lies outside of the line.
    const std::int64_t offset = entries_ + std::clamp<std::int64_t>(from - low, 0, high - low);
    pieces_[n_pieces_++] = {begin,   end,      entries_ + first - low,
                            n_sums_, distance, {from, to, offset}};
    entries_ += high - low;
    n_sums_ += d_.stride * distance;
  }

  void add_padding(const Piece& piece, const T* sums, std::int64_t begin, std::int64_t end,
                   T* out) const {
    if (begin >= end) return;
    const std::int64_t at = begin - piece.begin;
    std::int64_t i = at / d_.stride, q = at - i * d_.stride;
    for (std::int64_t p = begin; p < end; ++p) {
      out[d_.input_at(p) - begin_] += sums[piece.sums + q * piece.distance + i];
      if (++q == d_.stride) {
        q = 0;
        ++i;
      }
    }
  }

  const Axis& d_;
  std::int64_t begin_, end_, sums_of_one_;
  std::int64_t low_ = 0;  // the first position of padding before the tile that repeats its inputs
  T* sums_;
  std::int64_t entries_ = 0, n_sums_ = 0;
  int n_pieces_ = 0;
  Piece pieces_[3];
};

}  // namespace misfit::detail
