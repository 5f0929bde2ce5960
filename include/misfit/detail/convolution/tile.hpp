// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/convolution/adjoint_line.hpp>
#include <misfit/detail/convolution/axis.hpp>
#include <misfit/detail/convolution/forward_line.hpp>
#include <misfit/detail/convolution/layout.hpp>
#include <misfit/detail/convolution/line.hpp>
#include <misfit/detail/convolution/row_pair_sum.hpp>
#include <misfit/detail/convolution/row_sum.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
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

/// The memory of a tile. Bytes, for complex numbers would be set to zero.
struct alignas(64) TileMemory {
  unsigned char bytes[TileLayout::bytes];
};

/// Computes one tile of a convolution, or of its adjoint, on a CPU, row by row. All arithmetic is
/// in weighted sums of contiguous rows; padding and strides are dealt with by copying rows into
/// the cache.
///
/// If the kernel is separable, source rows are summed over b (and kept for the next rows of the
/// tile), then over c, then along d. Else, they are kept and summed over all three at once, for two
/// rows at a time.
template <bool Adjoint, typename T, typename W, typename S>
class ConvolutionTile {
 public:
  ConvolutionTile(const Axes& axes, const TileLayout& layout, const ConvolutionWeights<W>& weights,
                  const S* source, T* target, std::int64_t item, TileMemory& memory)
      : b_(axes[1]),
        c_(axes[2]),
        layout_(layout),
        weights_(weights),
        slots_(reinterpret_cast<T*>(memory.bytes)),
        line_(slots_ + layout.slots() * layout.slot),
        sums_(line_ + layout.line),
        begin_(item % layout.tiles * layout.width),
        along_d_(axes[3], begin_, std::min(layout.width, targets(axes[3]) - begin_), sums_,
                 layout.sums),
        d_taps_(axes[3].taps),
        source_length_(sources(axes[3])),
        target_length_(targets(axes[3])) {
    item /= layout.tiles;
    first_ = item % layout.blocks * layout.height;
    item /= layout.blocks;
    b_target_ = item % targets(b_);
    target_ = target + item * targets(c_) * target_length_ + begin_;
    for_each_tap<Adjoint>(axes[0], item / targets(b_), [&](std::int64_t, std::int64_t a) {
      source_ = source + a * sources(b_) * sources(c_) * source_length_;
    });
    std::fill_n(kept_, layout.slots(), -1);
    along_d_.start(line_);
  }

  void run() {
    if (source_ == nullptr) return;  // no output reads this channel
    const std::int64_t last = std::min(targets(c_), first_ + layout_.height);
    for (std::int64_t i = first_; i < last; i += n_rows_) {
      n_rows_ = weights_.factors == nullptr && i + 1 < last ? 2 : 1;
      for (int k = 0; k < n_rows_; ++k) outs_[k] = target_ + (i + k) * target_length_;
      started_ = false;
      weights_.factors != nullptr ? sum_separable(i) : sum_all(i);
      if constexpr (Adjoint)
        for (int k = 0; k < n_rows_ && started_; ++k) along_d_.add_to(outs_[k], k);
    }
  }

 private:
  static std::int64_t targets(const Axis& axis) { return Adjoint ? axis.inputs : axis.outputs; }
  static std::int64_t sources(const Axis& axis) { return Adjoint ? axis.outputs : axis.inputs; }
  static W weight(const W& w) { return Adjoint ? conj(w) : w; }

  const S* source_row(std::int64_t b, std::int64_t c) const {
    return source_ + (b * sources(c_) + c) * source_length_;
  }

  /// Row i from one row: the sum over b and c.
  void sum_separable(std::int64_t i) {
    bool any = false;
    const auto sum_over_c = [&](auto& sum, const auto& row_at) {
      for_each_tap<Adjoint>(c_, i, [&](std::int64_t tap, std::int64_t c) {
        sum.add(row_at(c), weight(weights_.factors[b_.taps + tap]));
        any = true;
      });
      if (any) sum.finish();
    };
    for (int n = 0; n < along_d_.n_ranges(); ++n) {
      const SourceRange& range = along_d_.range(n);
      if (b_.taps > 1) {
        RowSum<T, W> sum(line_ + range.offset, range.to - range.from);
        sum_over_c(sum, [&](std::int64_t c) {
          return range.offset + kept(0, c, [&](const T* slot) {
                   if (sum.awaits(slot + range.offset)) sum.flush();
                 });
        });
      } else {
        for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t, std::int64_t b) {
          RowSum<T, W, S> sum(line_ + range.offset, range.to - range.from);
          sum_over_c(sum, [&](std::int64_t c) { return source_row(b, c) + range.from; });
        });
      }
    }
    if (!any) return;
    lists_[0].add(along_d_.complete(line_, sums_), weights_.factors + b_.taps + c_.taps);
    sum_along_d();
  }

  /// Row i, and i + 1 if there are two, from those of all b and c.
  void sum_all(std::int64_t i) {
    std::int64_t group = 0;
    for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t b_tap, std::int64_t b) {
      b_source_ = b;
      for (int k = 0; k < n_rows_; ++k)
        for_each_tap<Adjoint>(c_, i + k, [&](std::int64_t c_tap, std::int64_t c) {
          if (lists_[k].n == lists_[k].most) sum_along_d();
          const T* row = kept(group, c, [&](const T* slot) {
            if (lists_[0].has(slot) || lists_[1].has(slot)) sum_along_d();
          });
          lists_[k].add(row, weights_.all + (b_tap * c_.taps + c_tap) * d_taps_);
        });
      // Each b on its own, so that what two rows have in common lies together.
      sum_along_d();
      ++group;
    });
  }

  /// The slot with source c. `release` is called with a slot before it changes.
  template <typename Release>
  const T* kept(std::int64_t group, std::int64_t c, const Release& release) {
    const bool direct = weights_.factors == nullptr;
    if constexpr (std::is_same_v<S, T>)
      if (direct && along_d_.is_part_of_row())
        return source_row(b_source_, c) + along_d_.range(0).from;
    // Small numbers: they are divided faster.
    const auto position = static_cast<std::uint32_t>(c) % static_cast<std::uint32_t>(layout_.ring);
    const std::int64_t slot =
        (layout_.groups == 1 ? 0 : group % layout_.groups * layout_.ring) + position;
    const std::int64_t key = direct ? b_source_ * sources(c_) + c : c;
    T* row = slots_ + slot * layout_.slot;
    if (kept_[slot] != key) {
      release(row);
      direct ? along_d_.load(row, line_, source_row(b_source_, c)) : sum_over_b(row, c);
      kept_[slot] = key;
    }
    return row;
  }

  void sum_over_b(T* slot, std::int64_t c) {
    for (int n = 0; n < along_d_.n_ranges(); ++n) {
      const SourceRange& range = along_d_.range(n);
      RowSum<T, W, S> sum(slot + range.offset, range.to - range.from);
      for_each_tap<Adjoint>(b_, b_target_, [&](std::int64_t tap, std::int64_t b) {
        sum.add(source_row(b, c) + range.from, weight(weights_.factors[tap]));
      });
      sum.finish();
    }
  }

  void sum_along_d() {
    if (lists_[0].n + lists_[1].n == 0) return;
    along_d_.sum(lists_, outs_, n_rows_, started_);
    started_ = true;
    lists_[0].n = lists_[1].n = 0;
  }

  const Axis &b_, &c_;
  const TileLayout& layout_;
  const ConvolutionWeights<W> weights_;
  T* slots_;
  T* line_;
  T* sums_;
  std::int64_t begin_;  // target along d
  ConvolutionLine<Adjoint, T> along_d_;
  std::int64_t d_taps_, source_length_, target_length_;
  std::int64_t first_ = 0;  // target along c
  std::int64_t b_target_ = 0, b_source_ = 0;
  const S* source_ = nullptr;  // of this a
  T* target_ = nullptr;        // of this a and b
  int n_rows_ = 0;             // that are computed at once
  T* outs_[2] = {};            // these rows
  bool started_ = false;       // they hold sums
  WeightedRows<T, W> lists_[2];
  std::int64_t kept_[TileLayout::most_slots];  // the source in each slot
};

}  // namespace misfit::detail
