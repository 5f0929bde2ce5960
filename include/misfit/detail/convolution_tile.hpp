// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/axis.hpp>
#include <misfit/detail/convolution_layout.hpp>
#include <misfit/detail/convolution_sum.hpp>
#include <misfit/detail/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

namespace misfit::detail {

/// The weights of a convolution: the flipped kernel, and if it is an outer product, its factors
/// along b, c and d, one behind the other; else null.
template <typename W>
struct ConvolutionWeights {
  const W* all;
  const W* factors;
};

/// phase_q(i) = line(S i + q), for the `count` entries of a line; any stride with S = 0.
template <int S, typename T, typename X>
void split_line(T* KOKKOS_RESTRICT phase, std::int64_t distance, std::int64_t n_phases,
                std::int64_t stride, const X* KOKKOS_RESTRICT line, std::int64_t count) {
  if constexpr (S > 0) {
    const std::int64_t whole = count / S;
    for (std::int64_t i = 0; i < whole; ++i)
      for (int q = 0; q < S; ++q) phase[q * distance + i] = line[S * i + q];
    for (std::int64_t q = 0; q < count % S; ++q) phase[q * distance + whole] = line[S * whole + q];
  } else {
    for (std::int64_t q = 0; q < n_phases; ++q)
      for (std::int64_t i = 0; q + stride * i < count; ++i)
        phase[q * distance + i] = line[q + stride * i];
  }
}

/// x(S i + q) += phase_q(i), for the `count` entries of x; any stride with S = 0.
template <int S, typename T>
void add_phases(T* KOKKOS_RESTRICT x, const T* KOKKOS_RESTRICT phase, std::int64_t distance,
                std::int64_t stride, std::int64_t count) {
  if constexpr (S > 0) {
    const std::int64_t whole = count / S;
    for (std::int64_t i = 0; i < whole; ++i)
      for (int q = 0; q < S; ++q) x[S * i + q] += phase[q * distance + i];
    for (std::int64_t q = 0; q < count % S; ++q) x[S * whole + q] += phase[q * distance + whole];
  } else {
    for (std::int64_t q = 0; q < std::min(stride, count); ++q)
      for (std::int64_t i = 0; q + stride * i < count; ++i)
        x[q + stride * i] += phase[q * distance + i];
  }
}

/// Computes one tile of a convolution, or of its adjoint, on a CPU, row by row. All arithmetic is
/// in weighted sums of contiguous rows; padding and strides are dealt with by copying rows into
/// the cache.
///
/// A line holds the sources of a row that the tile reads, as if the row were padded. If the kernel
/// is separable, lines are summed over b (and kept for the next rows), then over c, then along d.
/// Else, they are kept and summed all at once.
template <bool Adjoint, typename T, typename W, typename S>
class ConvolutionTile {
 public:
  ConvolutionTile(const Axes& axes, const TileLayout& layout, const ConvolutionWeights<W>& weights,
                  const S* source, T* target, std::int64_t item)
      : b_(axes[1]),
        c_(axes[2]),
        d_(axes[3]),
        layout_(layout),
        weights_(weights),
        line_(memory() + layout.slots() * layout.slot),
        sums_(line_ + layout.line) {
    begin_ = item % layout.tiles * layout.width;
    count_ = std::min(layout.width, targets(d_) - begin_);
    item /= layout.tiles;
    first_ = item % layout.blocks * layout.height;
    item /= layout.blocks;
    b_target_ = item % targets(b_);
    target_ = target + item * targets(c_) * targets(d_) + begin_;
    source_ = nullptr;
    for_each_tap<Adjoint>(axes[0], item / targets(b_), [&](std::int64_t, std::int64_t a) {
      source_ = source + a * sources(b_) * sources(c_) * sources(d_);
    });
    std::fill_n(kept_.begin(), layout.slots(), -1);
    Adjoint ? place_outputs() : place_inputs();
  }

  void run() {
    if (source_ == nullptr) return;  // no output reads this channel
    if (b_.taps == 1 && !has_source_along_b()) return;
    const std::int64_t last = std::min(targets(c_), first_ + layout_.height);
    for (std::int64_t i = first_; i < last; ++i) {
      out_ = target_ + i * targets(d_);
      started_ = false;
      weights_.factors != nullptr ? separable_row(i) : direct_row(i);
      sum_over_d();
      if constexpr (Adjoint)
        if (started_) add_sums();
    }
  }

 private:
  static constexpr int most_rows = 64;

  static std::int64_t targets(const Axis& axis) { return Adjoint ? axis.inputs : axis.outputs; }
  static std::int64_t sources(const Axis& axis) { return Adjoint ? axis.outputs : axis.inputs; }
  static W weight(const W& w) { return Adjoint ? conj(w) : w; }

  /// Sources `from`, ..., `to` − 1 along d, which lie at `offset` in a line.
  struct Range {
    std::int64_t from, to, offset;
  };

  /// Padded positions `begin`, ..., `end` − 1 along d that an adjoint computes. The output that
  /// reads the first of them through tap (begin + front) mod stride lies at `offset` in a line.
  /// Their sums lie at `sums`, by phases.
  struct Piece {
    std::int64_t begin, end, offset, sums, distance;
  };

  void place_inputs() {
    origin_ = d_.stride * begin_ - d_.front;
    reach_ = d_.stride * (count_ - 1) + d_.taps;
    distance_ = phase_distance(d_, count_);
    const std::int64_t from = std::max<std::int64_t>(origin_, 0);
    const std::int64_t to = std::min(origin_ + reach_, d_.inputs);
    ranges_[n_ranges_++] = {from, to, from - origin_};
    // Padding reads entries of the tile, or else entries next to each other elsewhere.
    std::int64_t end = reach_;
    const auto pad = [&](std::int64_t first, std::int64_t last) {
      std::int64_t low = d_.inputs, high = -1;
      for (std::int64_t p = first; p < last; ++p) {
        const std::int64_t j = d_.input_at(p);
        if (j >= from && j < to) continue;
        low = std::min(low, j);
        high = std::max(high, j);
      }
      if (low > high) return;
      ranges_[n_ranges_++] = {low, high + 1, end};
      end += high + 1 - low;
    };
    pad(origin_, from);
    pad(to, origin_ + reach_);
    in_place_ = n_ranges_ == 1 && to - from == reach_;
  }

  void place_outputs() {
    std::int64_t end = 0, sums = 0;
    in_place_ = true;
    const auto place = [&](std::int64_t begin, std::int64_t stop) {
      if (begin >= stop) return;
      const std::int64_t first = (begin + d_.front + d_.stride) / d_.stride - 1;
      const std::int64_t low = first - d_.taps / d_.stride;
      const std::int64_t high = (stop - 1 + d_.front) / d_.stride + 1;
      const std::int64_t from = std::clamp<std::int64_t>(low, 0, d_.outputs);
      const std::int64_t to = std::clamp<std::int64_t>(high, from, d_.outputs);
      const std::int64_t distance = (stop - begin + d_.stride - 1) / d_.stride;
      in_place_ = in_place_ && n_pieces_ == 0 && from == low && to == high;
      ranges_[n_ranges_++] = {from, to, end + from - low};
      pieces_[n_pieces_++] = {begin, stop, end + first - low, sums, distance};
      std::fill_n(line_ + end, high - low, T(0));  // for outputs that do not exist
      end += high - low;
      sums += d_.stride * distance;
    };
    // Padding repeats inputs of this tile at positions next to each other on each side, or at none:
    // next to the tile, or elsewhere.
    const auto mine = [&](std::int64_t p) {
      const std::int64_t j = d_.input_at(p);
      return j >= begin_ && j < begin_ + count_;
    };
    std::int64_t low = begin_, high = begin_ + count_;
    if (low == 0)
      while (low > -d_.front && mine(low - 1)) --low;
    if (high == d_.inputs)
      while (high < d_.inputs + d_.back && mine(high)) ++high;
    const auto pad = [&](std::int64_t begin, std::int64_t stop) {
      while (begin < stop && !mine(begin)) ++begin;
      while (begin < stop && !mine(stop - 1)) --stop;
      place(begin, stop);
    };
    // By whole strides, so that the tile begins with the first phase.
    place(begin_ - round_up(begin_ - low, d_.stride), high);
    pad(-d_.front, std::min<std::int64_t>(low, 0));
    pad(std::max(high, d_.inputs), d_.inputs + d_.back);
    reach_ = end;
  }

  bool has_source_along_b() {
    bool any = false;
    for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t, std::int64_t b) {
      b_source_ = b;
      any = true;
    });
    return any;
  }

  const S* row(std::int64_t b, std::int64_t c) const {
    return source_ + (b * sources(c_) + c) * sources(d_);
  }

  /// Sums over b and c.
  void separable_row(std::int64_t i) {
    const W* factor = weights_.factors + b_.taps;
    bool any = false;
    for (int n = 0; n < n_ranges_; ++n) {
      const Range& range = ranges_[n];
      const auto add_rows_to = [&](auto& sum, const auto& at) {
        for_each_tap<Adjoint>(c_, i, [&](std::int64_t tap, std::int64_t c) {
          sum.add(at(c), weight(factor[tap]));
          any = true;
        });
        if (any) sum.finish();
      };
      if (b_.taps == 1) {
        RowSum<T, W, S> sum(line_ + range.offset, range.to - range.from);
        add_rows_to(sum, [&](std::int64_t c) { return row(b_source_, c) + range.from; });
      } else {
        RowSum<T, W> sum(line_ + range.offset, range.to - range.from);
        add_rows_to(sum, [&](std::int64_t c) {
          return kept(0, c, [&](const T*) { sum.flush(); }) + range.offset;
        });
      }
    }
    if (!any) return;
    rows_[0] = line_;
    if constexpr (!Adjoint) {
      pad(line_);
      if (d_.stride > 1) {
        split(sums_, line_);
        rows_[0] = sums_;
      }
    }
    row_weights_[0] = factor + c_.taps;
    n_rows_ = 1;
  }

  /// Lists the rows of all b and c.
  void direct_row(std::int64_t i) {
    std::int64_t group = 0;
    for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t b_tap, std::int64_t b) {
      b_source_ = b;
      for_each_tap<Adjoint>(c_, i, [&](std::int64_t c_tap, std::int64_t c) {
        if (n_rows_ == most_rows) sum_over_d();
        rows_[n_rows_] = kept(group, c, [&](const T*) { sum_over_d(); });
        row_weights_[n_rows_++] = weights_.all + (b_tap * c_.taps + c_tap) * d_.taps;
      });
      ++group;
    });
  }

  /// The slot with source c. `release` is called before a slot changes that may still be needed.
  template <typename Release>
  const T* kept(std::int64_t group, std::int64_t c, const Release& release) {
    const bool direct = weights_.factors == nullptr;
    if constexpr (std::is_same_v<S, T>)
      if (direct && in_place_ && (Adjoint || d_.stride == 1))
        return row(b_source_, c) + ranges_[0].from;
    const std::int64_t slot = group % layout_.groups * layout_.ring + c % layout_.ring;
    const std::int64_t key = direct ? b_source_ * sources(c_) + c : c;
    T* entries = memory() + slot * layout_.slot;
    auto& kept_key = kept_[static_cast<std::size_t>(slot)];
    if (kept_key != key) {
      release(entries);
      direct ? copy_row(entries, c) : sum_over_b(entries, c);
      kept_key = key;
    }
    return entries;
  }

  void sum_over_b(T* slot, std::int64_t c) {
    for (int n = 0; n < n_ranges_; ++n) {
      const Range& range = ranges_[n];
      RowSum<T, W, S> sum(slot + range.offset, range.to - range.from);
      for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t tap, std::int64_t b) {
        sum.add(row(b, c) + range.from, weight(weights_.factors[tap]));
      });
      sum.finish();
    }
  }

  void copy_row(T* slot, std::int64_t c) {
    const S* in = row(b_source_, c);
    if (!Adjoint && d_.stride > 1 && in_place_) return split(slot, in + origin_);
    T* line = !Adjoint && d_.stride > 1 ? line_ : slot;
    if constexpr (Adjoint) std::fill_n(line, reach_, T(0));
    for (int n = 0; n < n_ranges_; ++n)
      std::copy(in + ranges_[n].from, in + ranges_[n].to, line + ranges_[n].offset);
    if constexpr (!Adjoint) {
      pad(line);
      if (d_.stride > 1) split(slot, line);
    }
  }

  /// Fills the entries of a line that lie outside the image.
  void pad(T* line) const {
    const auto fill = [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t p = begin; p < end; ++p) {
        const std::int64_t j = d_.input_at(p);
        int n = 0;
        while (j < ranges_[n].from || j >= ranges_[n].to) ++n;
        line[p - origin_] = line[ranges_[n].offset + (j - ranges_[n].from)];
      }
    };
    fill(origin_, ranges_[0].from);
    fill(ranges_[0].to, origin_ + reach_);
  }

  template <typename X>
  void split(T* phase, const X* line) const {
    if (d_.stride == 2 && d_.taps > 1)
      split_line<2>(phase, distance_, 2, 2, line, reach_);
    else
      split_line<0>(phase, distance_, phases(d_), d_.stride, line, reach_);
  }

  /// Sums along d over the rows that are listed.
  void sum_over_d() {
    if (n_rows_ == 0) return;
    if constexpr (Adjoint) {
      for (int k = 0; k < n_pieces_; ++k) {
        const Piece& piece = pieces_[k];
        const std::int64_t phase = (piece.begin + d_.front + d_.stride) % d_.stride;
        for (std::int64_t q = 0; q < std::min(d_.stride, piece.end - piece.begin); ++q) {
          RowSum<T, W> sum(sums_ + piece.sums + q * piece.distance,
                           (piece.end - piece.begin - q + d_.stride - 1) / d_.stride, started_);
          for (int n = 0; n < n_rows_; ++n) {
            const T* in = rows_[n] + piece.offset + (phase + q) / d_.stride;
            for (std::int64_t t = (phase + q) % d_.stride; t < d_.taps; t += d_.stride)
              sum.add(in--, weight(row_weights_[n][t]));
          }
          sum.finish();
        }
      }
    } else {
      RowSum<T, W> sum(out_, count_, started_);
      for (int n = 0; n < n_rows_; ++n)
        for (std::int64_t t = 0, q = 0, i = 0; t < d_.taps; ++t) {
          sum.add(rows_[n] + q * distance_ + i, row_weights_[n][t]);
          if (++q == d_.stride) {
            q = 0;
            ++i;
          }
        }
      sum.finish();
    }
    started_ = true;
    n_rows_ = 0;
  }

  void add_sums() {
    const Piece& own = pieces_[0];
    const T* sums = sums_ + own.sums + (begin_ - own.begin) / d_.stride;
    if (d_.stride == 1)
      add_phases<1>(out_, sums, own.distance, 1, count_);
    else if (d_.stride == 2)
      add_phases<2>(out_, sums, own.distance, 2, count_);
    else
      add_phases<0>(out_, sums, own.distance, d_.stride, count_);

    const auto fold = [&](const Piece& piece, std::int64_t begin, std::int64_t end) {
      if (begin >= end) return;
      const std::int64_t at = begin - piece.begin;
      std::int64_t i = at / d_.stride, q = at - i * d_.stride;
      for (std::int64_t p = begin; p < end; ++p) {
        out_[d_.input_at(p) - begin_] += sums_[piece.sums + q * piece.distance + i];
        if (++q == d_.stride) {
          q = 0;
          ++i;
        }
      }
    };
    fold(own, std::max(own.begin, -d_.front), begin_);
    fold(own, begin_ + count_, own.end);
    for (int k = 1; k < n_pieces_; ++k) fold(pieces_[k], pieces_[k].begin, pieces_[k].end);
  }

  T* memory() { return reinterpret_cast<T*>(memory_); }

  const Axis &b_, &c_, &d_;
  const TileLayout& layout_;
  const ConvolutionWeights<W> weights_;
  T *line_, *sums_;
  const S* source_;  // of this a
  T* target_;        // of this a and b
  T* out_ = nullptr;
  std::int64_t begin_, count_, first_;  // targets along d, along c
  std::int64_t b_target_, b_source_ = 0;
  std::int64_t origin_ = 0, reach_ = 0,
               distance_ = 0;  // of a line: first position, entries, phases
  bool in_place_ = false;      // a line is part of a source row
  bool started_ = false;       // the row of targets holds a sum
  int n_ranges_ = 0, n_pieces_ = 0, n_rows_ = 0;
  Range ranges_[3];
  Piece pieces_[3];
  std::array<const T*, most_rows> rows_;
  std::array<const W*, most_rows> row_weights_;
  std::array<std::int64_t, TileLayout::most_slots> kept_;
  // Bytes, for complex numbers would be set to zero.
  alignas(64) unsigned char memory_[TileLayout::bytes];
};

}  // namespace misfit::detail
