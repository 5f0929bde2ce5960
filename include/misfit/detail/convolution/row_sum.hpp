// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/lanes.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace misfit::detail {

/// target(i) = Σ_n weights(n) rows(n)(i), or += with `Add`, for i < count. The rows are apart from
/// the target. Their number is known when compiling, so that the loop over i vectorises and keeps
/// its sum in a register. Never part of another function, where it would keep fewer there.
template <bool Add, typename T, typename W, typename S, std::size_t... N>
[[gnu::noinline]] void add_rows(T* KOKKOS_RESTRICT target, const S* const* rows, const W* weights,
                                std::int64_t count, std::index_sequence<N...>) {
  const S* const row[] = {rows[N]...};
  const W weight[] = {weights[N]...};
  for_range<std::int64_t>(0, count, [=](std::int64_t i) {
    T sum = Add ? target[i] : T(0);
    ((sum += weight[N] * row[N][i]), ...);
    target[i] = sum;
  });
}

/// target(i) = Σ_n w_n row_n(i) for i < count, of any number of rows. Rows are read when enough of
/// them are there, at the latest by finish().
template <typename T, typename W, typename S = T>
class RowSum {
 public:
  /// With `add`, the sum adds to what is in `target`.
  RowSum(T* target, std::int64_t count, bool add = false)
      : target_(target), count_(count), add_(add) {}

  void add(const S* row, const W& weight) {
    if (terms_ == capacity) flush();
    rows_[terms_] = row;
    weights_[terms_++] = weight;
  }

  /// Whether a row is still to be read that begins at `row`.
  bool awaits(const S* row) const {
    for (int n = 0; n < terms_; ++n)
      if (rows_[n] == row) return true;
    return false;
  }

  /// Reads the rows, which may then change.
  void flush() {
    for (int done = 0; done < terms_;) {
      const int left = terms_ - done, steps = (left + most - 1) / most;
      const int n = (left + steps - 1) / steps;  // 9 rows are 5 and 4, not 8 and 1
      step<most>(n, rows_ + done, weights_ + done);
      add_ = true;
      done += n;
    }
    terms_ = 0;
  }

  void finish() {
    flush();
    if (!add_)
      for (std::int64_t i = 0; i < count_; ++i) target_[i] = T(0);
  }

 private:
  static constexpr int most = 8;  ///< rows in one loop: more would not find registers
  static constexpr int capacity = 4 * most;

  template <int N>
  void step(int n, const S* const* rows, const W* weights) {
    if constexpr (N > 1)
      if (n < N) return step<N - 1>(n, rows, weights);
    constexpr std::make_index_sequence<N> sequence;
    if constexpr (!is_complex<W> && is_complex<S>) {
      // A real weight treats real and imaginary parts alike.
      const Real<T>* parts[N];
      for (int i = 0; i < N; ++i) parts[i] = reinterpret_cast<const Real<T>*>(rows[i]);
      run(reinterpret_cast<Real<T>*>(target_), parts, weights, 2 * count_, sequence);
    } else {
      run(target_, rows, weights, count_, sequence);
    }
  }

  template <typename Target, typename Row, typename Sequence>
  void run(Target* target, const Row* const* rows, const W* weights, std::int64_t count,
           Sequence sequence) {
    if (add_)
      add_rows<true>(target, rows, weights, count, sequence);
    else
      add_rows<false>(target, rows, weights, count, sequence);
  }

  T* target_;
  std::int64_t count_;
  bool add_;
  int terms_ = 0;
  const S* rows_[capacity];
  W weights_[capacity];
};

}  // namespace misfit::detail
