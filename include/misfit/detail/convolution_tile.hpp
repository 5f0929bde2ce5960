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

namespace misfit::detail {

/// The weights of a convolution: the flipped kernel, and if it is an outer product, its factors
/// along b, c and d, one behind the other; else null.
template <typename W>
struct ConvolutionWeights {
  const W* all;
  const W* factors;
};

/// phase_q(i) = line(S i + q), for the `count` entries of a line.
template <int S, typename T, typename X>
void split_line(T* KOKKOS_RESTRICT phase, std::int64_t distance, std::int64_t n_phases,
                std::int64_t stride, const X* KOKKOS_RESTRICT line, std::int64_t count) {
  if constexpr (S > 1) {
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

/// x(S i + q) += phase_q(i), for the `count` entries of x.
template <int S, typename T>
void add_merged(T* KOKKOS_RESTRICT x, const T* KOKKOS_RESTRICT phase, std::int64_t distance,
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

/// Computes the tiles of a convolution, or of its adjoint, on a CPU. A source row is prepared once
/// for all targets of the tile that read it: summed over b if the kernel is separable, padded, and
/// taken apart into phases where the stride is not 1, so that all that follows are weighted sums
/// of contiguous rows.
template <bool Adjoint, typename T, typename W, typename S>
class ConvolutionTile {
 public:
  ConvolutionTile(const Axes& axes, const TileLayout& layout, const ConvolutionWeights<W>& weights,
                  const S* source, T* target, std::int64_t item)
      : a_(axes[0]),
        b_(axes[1]),
        c_(axes[2]),
        d_(axes[3]),
        layout_(layout),
        weights_(weights),
        source_(source),
        target_(target) {
    std::int64_t rest = item / layout.tiles;
    begin_ = item % layout.tiles * layout.width;
    count_ = std::min(layout.width, targets(d_) - begin_);
    first_ = rest % layout.blocks * layout.height;
    rest /= layout.blocks;
    b_target_ = rest % targets(b_);
    for_each_tap<Adjoint>(a_, rest / targets(b_), [&](std::int64_t, std::int64_t s) { a_source_ = s; });
    row_ = rest * targets(c_);
    place_pieces();
    const std::int64_t slots = layout.slots();
    slot_length_ = round_up(length_, 16);
    mixed_ = memory() + slots * slot_length_;
    line_ = mixed_ + slot_length_;
    std::fill_n(keys_.begin(), slots, -1);
  }

  void run() {
    const std::int64_t last = std::min(targets(c_), first_ + layout_.height);
    if (a_source_ < 0) return;  // no output reads this channel
    for (std::int64_t i = first_; i < last; ++i) {
      T* out = target_ + (row_ + i) * targets(d_) + begin_;
      started_ = false;
      weights_.factors != nullptr ? separable_row(i, out) : direct_row(i, out);
      spread(out);
      if constexpr (Adjoint)
        if (started_) add_pieces(out);
    }
  }

 private:
  static std::int64_t targets(const Axis& axis) { return Adjoint ? axis.inputs : axis.outputs; }
  static std::int64_t sources(const Axis& axis) { return Adjoint ? axis.outputs : axis.inputs; }

  /// The padded positions `begin`, ..., `end` − 1 along d of a tile of the adjoint, the outputs
  /// that read them, and where these lie in a prepared row and their sums in a line.
  struct Piece {
    std::int64_t begin, end;
    std::int64_t from, to;
    std::int64_t offset, sums, distance;
  };

  void place_pieces() {
    if constexpr (Adjoint) {
      length_ = 0;
      std::int64_t sums = 0;
      const auto place = [&](std::int64_t begin, std::int64_t end) {
        if (begin >= end) return;
        // Not below zero, for rounding: the sum below is at least 1 − taps.
        const std::int64_t from = (begin + d_.front - d_.taps + 1 + d_.taps * d_.stride) / d_.stride - d_.taps;
        const std::int64_t to = (end - 1 + d_.front) / d_.stride + 1;
        const std::int64_t distance = (end - begin + d_.stride - 1) / d_.stride;
        pieces_[n_pieces_++] = {begin, end, from, to, length_, sums, distance};
        length_ += to - from;
        sums += d_.stride * distance;
      };
      // Padding repeats inputs of this tile at a range of positions on each side, or at none.
      const auto range = [&](std::int64_t begin, std::int64_t end) {
        const auto mine = [&](std::int64_t p) {
          const std::int64_t j = d_.input_at(p);
          return j >= begin_ && j < begin_ + count_;
        };
        while (begin < end && !mine(begin)) ++begin;
        while (begin < end && !mine(end - 1)) --end;
        place(begin, end);
      };
      place(begin_, begin_ + count_);
      range(-d_.front, 0);
      range(d_.inputs, d_.inputs + d_.back);
    } else {
      origin_ = d_.stride * begin_ - d_.front;
      reach_ = d_.stride * (count_ - 1) + d_.taps;
      distance_ = phase_length(d_, count_);
      length_ = phases(d_) * distance_;
    }
  }

  void separable_row(std::int64_t i, T* out) {
    const T* row = nullptr;
    if (c_.taps == 1) {
      for_each_tap<Adjoint>(c_, i, [&](std::int64_t, std::int64_t c) {
        row = prepared(0, c, [](const T*) {});
      });
    } else {
      const W* factor = weights_.factors + b_.taps;
      RowSum<T, W> sum(mixed_, length_);
      for_each_tap<Adjoint>(c_, i, [&](std::int64_t tap, std::int64_t c) {
        sum.add(prepared(0, c,
                         [&](const T* slot) {
                           if (sum.awaits(slot)) sum.flush();
                         }),
                weight(factor[tap]));
        row = mixed_;
      });
      if (row != nullptr) sum.finish();
    }
    if (row != nullptr) {
      lines_[0] = row;
      line_weights_[0] = weights_.factors + b_.taps + c_.taps;
      n_lines_ = 1;
    }
    (void)out;
  }

  void direct_row(std::int64_t i, T* out) {
    std::int64_t group = 0;
    for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t b_tap, std::int64_t b) {
      b_source_ = b;
      for_each_tap<Adjoint>(c_, i, [&](std::int64_t c_tap, std::int64_t c) {
        if (n_lines_ == most_lines) spread(out);
        const T* row = prepared(group, c, [&](const T* slot) {
          if (std::find(lines_.begin(), lines_.begin() + n_lines_, slot) != lines_.begin() + n_lines_)
            spread(out);
        });
        lines_[n_lines_] = row;
        line_weights_[n_lines_++] = weights_.all + (b_tap * c_.taps + c_tap) * d_.taps;
      });
      ++group;
    });
  }

  /// The prepared row of source c. `release` is called before a slot is used anew.
  template <typename Release>
  const T* prepared(std::int64_t group, std::int64_t c, const Release& release) {
    const std::int64_t slot = group % layout_.groups * layout_.ring + c % layout_.ring;
    const std::int64_t key = weights_.factors != nullptr ? c : b_source_ * sources(c_) + c;
    T* row = memory() + slot * slot_length_;
    auto& kept = keys_[static_cast<std::size_t>(slot)];
    if (kept != key) {
      release(row);
      prepare(row, c);
      kept = key;
    }
    return row;
  }

  void prepare(T* row, std::int64_t c) {
    if constexpr (Adjoint) {
      for (int i = 0; i < n_pieces_; ++i) {
        const Piece& piece = pieces_[i];
        T* out = row + piece.offset;
        const std::int64_t from = std::clamp<std::int64_t>(piece.from, 0, d_.outputs);
        const std::int64_t to = std::clamp<std::int64_t>(piece.to, from, d_.outputs);
        std::fill_n(out, from - piece.from, T(0));
        sum_over_b(out + (from - piece.from), c, from, to - from);
        std::fill_n(out + (to - piece.from), piece.to - to, T(0));
      }
    } else {
      T* line = d_.stride == 1 ? row : line_;
      const std::int64_t from = std::max<std::int64_t>(origin_, 0);
      const std::int64_t to = std::min(origin_ + reach_, d_.inputs);
      sum_over_b(line + (from - origin_), c, from, to - from);
      const auto pad = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t p = begin; p < end; ++p) {
          const std::int64_t j = d_.input_at(p);
          if (j >= from && j < to)
            line[p - origin_] = line[j - origin_];
          else
            sum_over_b(line + (p - origin_), c, j, 1);
        }
      };
      pad(origin_, from);
      pad(to, origin_ + reach_);
      if (d_.stride == 1) {
        std::fill(row + reach_, row + length_, T(0));
        return;
      }
      // What is between the phases is read in sums, and dropped.
      for (std::int64_t q = 0; q < phases(d_); ++q)
        std::fill(row + q * distance_ + (reach_ - q + d_.stride - 1) / d_.stride,
                  row + (q + 1) * distance_, T(0));
      if (d_.stride == 2 && d_.taps > 1)
        split_line<2>(row, distance_, 2, 2, line, reach_);
      else
        split_line<0>(row, distance_, phases(d_), d_.stride, line, reach_);
    }
  }

  /// out(i) = Σ_b w_b x(a, b, c, column + i), or of one b if the kernel is not separable.
  void sum_over_b(T* out, std::int64_t c, std::int64_t column, std::int64_t count) {
    if (count <= 0) return;
    const auto at = [&](std::int64_t b) {
      return source_ + ((a_source_ * sources(b_) + b) * sources(c_) + c) * sources(d_) + column;
    };
    if (weights_.factors == nullptr) {
      std::copy_n(at(b_source_), count, out);
      return;
    }
    if (b_.taps == 1) {
      std::fill_n(out, count, T(0));
      for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t, std::int64_t b) { std::copy_n(at(b), count, out); });
      return;
    }
    RowSum<T, W, S> sum(out, count);
    for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t tap, std::int64_t b) {
      sum.add(at(b), weight(weights_.factors[tap]));
    });
    sum.finish();
  }

  static W weight(const W& w) { return Adjoint ? conj(w) : w; }

  /// Sums along d over the rows that were listed.
  void spread(T* out) {
    if (n_lines_ == 0) return;
    if constexpr (Adjoint) {
      for (int i = 0; i < n_pieces_; ++i) {
        const Piece& piece = pieces_[i];
        for (std::int64_t q = 0; q < std::min(d_.stride, piece.end - piece.begin); ++q) {
          const std::int64_t seen = piece.begin + q + d_.front, o = seen / d_.stride;
          RowSum<T, W> sum(line_ + piece.sums + q * piece.distance,
                           (piece.end - piece.begin - q + d_.stride - 1) / d_.stride, started_);
          for (int n = 0; n < n_lines_; ++n) {
            const T* row = lines_[n] + piece.offset + (o - piece.from);
            for (std::int64_t t = seen % d_.stride; t < d_.taps; t += d_.stride)
              sum.add(row--, weight(line_weights_[n][t]));
          }
          sum.finish();
        }
      }
    } else {
      RowSum<T, W> sum(out, count_, started_);
      for (int n = 0; n < n_lines_; ++n)
        for (std::int64_t t = 0, q = 0, i = 0; t < d_.taps; ++t) {
          sum.add(lines_[n] + q * distance_ + i, line_weights_[n][t]);
          if (++q == d_.stride) q = 0, ++i;
        }
      sum.finish();
    }
    started_ = true;
    n_lines_ = 0;
  }

  void add_pieces(T* out) {
    const Piece& main = pieces_[0];
    const T* sums = line_ + main.sums;
    if (d_.stride == 1)
      add_merged<1>(out, sums, main.distance, 1, count_);
    else if (d_.stride == 2)
      add_merged<2>(out, sums, main.distance, 2, count_);
    else
      add_merged<0>(out, sums, main.distance, d_.stride, count_);
    for (int i = 1; i < n_pieces_; ++i) {
      const Piece& piece = pieces_[i];
      for (std::int64_t p = piece.begin; p < piece.end; ++p) {
        const std::int64_t at = p - piece.begin;
        out[d_.input_at(p) - begin_] +=
            line_[piece.sums + at % d_.stride * piece.distance + at / d_.stride];
      }
    }
  }

  T* memory() { return reinterpret_cast<T*>(memory_); }

  static constexpr int most_lines = 64;

  const Axis &a_, &b_, &c_, &d_;
  const TileLayout& layout_;
  const ConvolutionWeights<W> weights_;
  const S* source_;
  T* target_;
  std::int64_t begin_, count_;         // targets along d
  std::int64_t first_;                 // target along c
  std::int64_t row_;                   // flat index of the row of targets with c = 0
  std::int64_t b_target_, b_source_ = 0, a_source_ = -1;
  std::int64_t origin_ = 0, reach_ = 0, distance_ = 0;  // padded positions along d; phases
  std::int64_t length_ = 0, slot_length_ = 0;
  int n_pieces_ = 0;
  Piece pieces_[3];
  bool started_ = false;
  int n_lines_ = 0;
  std::array<const T*, most_lines> lines_;
  std::array<const W*, most_lines> line_weights_;
  std::array<std::int64_t, TileLayout::most_slots> keys_;
  T* mixed_;
  T* line_;
  // Bytes, for complex numbers would be set to zero.
  alignas(64) unsigned char memory_[TileLayout::bytes];
};

}  // namespace misfit::detail
