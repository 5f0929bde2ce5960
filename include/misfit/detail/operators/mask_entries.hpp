// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The entries of a mask: numbers as they are given, or 0 and 1 as bits.

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/product.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/detail/sums/finite.hpp>
#include <misfit/detail/sums/lanes.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace misfit::detail {

/// 0 or 1, a factor for numbers of any type.
struct Bit {
  template <typename T>
  friend KOKKOS_FORCEINLINE_FUNCTION T operator*(const Bit& bit, const T& x) {
    return static_cast<Real<T>>(bit.value) * x;
  }

  int value;  ///< from which conversions to float are cheap in vectors
};

KOKKOS_FORCEINLINE_FUNCTION double squared_abs(const Bit& bit) {
  return static_cast<double>(bit.value);
}

/// The bits of the entries from `first` on, as a mask of those alone.
struct MaskWord {
  KOKKOS_FORCEINLINE_FUNCTION Bit operator()(std::size_t j) const {
    return {static_cast<int>((bits >> static_cast<int>(j - first)) & 1U)};
  }
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION T apply_at(std::size_t j, const T& x) const {
    return (*this)(j)*x;
  }
  template <typename T>
  KOKKOS_FORCEINLINE_FUNCTION T adjoint_at(std::size_t j, const T& r) const {
    return (*this)(j)*r;
  }

  std::uint32_t bits;
  std::size_t first;
};

/// Entries that are kept as they are given.
template <typename Diagonal>
class MaskEntries {
 public:
  using Space = typename Diagonal::memory_space;
  /// Whether a Y holds the product of an entry and an X.
  template <typename Y, typename X>
  static constexpr bool holds = HoldsProductOf<Y, typename Diagonal::non_const_value_type, X>;

  explicit MaskEntries(const Diagonal& diagonal) : diagonal_(diagonal) {
    require_finite(typename Diagonal::execution_space{}, "Mask: diagonal", diagonal_);
  }

  std::size_t size() const { return diagonal_.extent(0); }
  KOKKOS_FORCEINLINE_FUNCTION decltype(auto) operator()(std::size_t j) const {
    return diagonal_(j);
  }
  typename Diagonal::const_type in_full() const { return diagonal_; }

 private:
  typename Diagonal::const_type diagonal_;
};

/// Booleans, of which 32 are kept in a word.
template <typename Diagonal>
  requires std::is_same_v<typename Diagonal::non_const_value_type, bool>
class MaskEntries<Diagonal> {
 public:
  using Space = typename Diagonal::memory_space;
  using Exec = typename Diagonal::execution_space;
  template <typename Y, typename X>
  static constexpr bool holds = HoldsProductOf<Y, X>;
  static constexpr std::size_t bits = 32;

  explicit MaskEntries(const Diagonal& diagonal)
      : words_(packed(diagonal)), size_(diagonal.extent(0)) {}

  std::size_t size() const { return size_; }
  KOKKOS_FORCEINLINE_FUNCTION Bit operator()(std::size_t j) const {
    return {static_cast<int>((words_(j / bits) >> (j % bits)) & 1U)};
  }
  /// What is left from entry j on of the word that holds it.
  KOKKOS_FORCEINLINE_FUNCTION MaskWord word_at(std::size_t j) const {
    return {words_(j / bits) >> (j % bits), j};
  }
  Vector<bool, Space> in_full() const {
    const Vector<bool, Space> full(
        Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::Mask::booleans"), size_);
    const MaskEntries self = *this;
    for_indices(
        Exec{}, "misfit::Mask::unpack", size_,
        KOKKOS_LAMBDA(const std::int64_t j) { full(j) = self(j).value != 0; });
    fence(Exec{}, "misfit::Mask: the bits are unpacked");
    return full;
  }

  /// Public, since nvcc takes no kernels in private functions.
  static Vector<const std::uint32_t, Space> packed(const Diagonal& diagonal) {
    const std::size_t n = diagonal.extent(0);
    const Vector<std::uint32_t, Space> words(
        Kokkos::view_alloc(Kokkos::WithoutInitializing, "misfit::Mask::words"),
        (n + bits - 1) / bits);
    for_indices(
        Exec{}, "misfit::Mask::pack", words.extent(0), KOKKOS_LAMBDA(const std::int64_t w) {
          const std::size_t begin = static_cast<std::size_t>(w) * bits;
          std::uint32_t word = 0;
          for (std::size_t l = 0; l < bits && begin + l < n; ++l)
            word |= (diagonal(begin + l) ? 1U : 0U) << l;
          words(w) = word;
        });
    fence(Exec{}, "misfit::Mask: the bits are packed");
    return words;
  }

 private:
  Vector<const std::uint32_t, Space> words_;
  std::size_t size_;
};

/// body(m, j) for the 32 entries, or fewer at the end of all, of word w.
template <typename Entries, typename Body>
[[gnu::flatten]] void for_word(const Entries& entries, std::size_t w, const Body body) {
  const std::size_t begin = w * Entries::bits;
  if (begin + Entries::bits <= entries.size()) {
    const MaskWord word = entries.word_at(begin);
    for_lanes<static_cast<int>(Entries::bits)>([&](int l) {
      const std::size_t j = begin + static_cast<std::size_t>(l);
      body(word(j), static_cast<std::int64_t>(j));
    });
  } else {
    for (std::size_t j = begin; j < entries.size(); ++j)
      body(entries(j), static_cast<std::int64_t>(j));
  }
}

/// body(m_j, j) for all entries j; no iteration reads what another one writes. On a CPU in vectors.
/// Asynchronous on `exec`.
template <typename Exec, typename Entries, typename Body>
void for_mask(const Exec& exec, const char* label, const Entries& m, const Body& body) {
  if constexpr (in_cpu_form<Exec> && requires { m.word_at(std::size_t{}); })
    for_indices(exec, label, (m.size() + Entries::bits - 1) / Entries::bits,
                [=](const std::int64_t w) { for_word(m, static_cast<std::size_t>(w), body); });
  else
    for_entries(
        exec, label, m.size(),
        KOKKOS_LAMBDA(const std::int64_t j) { body(m(static_cast<std::size_t>(j)), j); });
}

/// y_j = m_j x_j.
template <typename X, typename Y>
struct Masked {
  template <typename M>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const M& m, std::int64_t j) const {
    y(j) = m * x(j);
  }

  X x;
  Y y;
};

/// x_j += conj(m_j) y_j.
template <typename Y, typename X>
struct AddedMasked {
  template <typename M>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const M& m, std::int64_t j) const {
    x(j) += conj(m) * y(j);
  }

  Y y;
  X x;
};

}  // namespace misfit::detail
