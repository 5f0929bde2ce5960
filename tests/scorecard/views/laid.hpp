// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Views that lie in many ways in a block of memory.

#include "scorecard/catalogue/catalogue.hpp"

#include <misfit/detail/base/scalar.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace misfit::test {

/// Where a View lies in a block of memory.
struct Place {
  const char* name;
  std::size_t offset = 0;  ///< entries before it
  std::size_t step = 1;    ///< from an entry to the next
  std::size_t gap = 0;     ///< entries between signals
};

inline constexpr std::size_t signals = 3, unknowns = 5, rows = 4;

/// Without anything between entries; and of LayoutStride besides.
inline std::vector<Place> dense_places() { return {{"whole"}, {"the middle of a block", 3}}; }
inline std::vector<Place> strided_places() {
  return {{"of step 1"}, {"of step 2", 0, 2}, {"of step 3, in a block", 2, 3, 1}};
}

/// A View of type V in a block of which all else is 7.
template <typename V>
struct Laid {
  using T = typename V::non_const_value_type;
  static constexpr bool is_batch = static_cast<std::size_t>(V::rank) == 2;
  static constexpr bool strided = std::is_same_v<typename V::array_layout, Kokkos::LayoutStride>;

  Kokkos::View<T*> memory;
  typename V::non_const_type entries;  ///< the same, to write to
  V view;

  Laid(std::size_t n, const Place& at)
      : memory("memory", at.offset + signals * (n * at.step + at.gap) + 4) {
    Kokkos::deep_copy(memory, T(7));
    entries = over<typename V::non_const_type>(n, at, at.step);
    view = over<V>(n, at, at.step);
  }

  /// The canary: one that steps by an entry more or less.
  void ignore_step(std::size_t n, Place at) {
    if (at.step == 1) at.offset += 1;
    view = over<V>(n, at, at.step == 1 ? 1 : at.step - 1);
  }

  template <typename Function>
  void for_each(Function&& function) const {
    for (std::size_t b = 0; b < (is_batch ? signals : 1); ++b)
      for (std::size_t j = 0; j < entries.extent(is_batch ? 1 : 0); ++j) function(at(b, j), b, j);
  }
  void fill(std::uint64_t seed) const {
    const std::size_t n = entries.extent(is_batch ? 1 : 0);
    const auto values = numbers<T>(seed, signals * n);
    for_each([&](T& entry, std::size_t b, std::size_t j) { entry = values(b * n + j); });
  }
  /// Whether all that lies beside the View is still 7; its own entries are lost.
  bool neighbours_untouched() const {
    for_each([](T& entry, std::size_t, std::size_t) { entry = T(7); });
    bool all = true;
    for (std::size_t j = 0; j < memory.extent(0); ++j) all = all && memory(j) == T(7);
    return all;
  }

 private:
  T& at(std::size_t b, std::size_t j) const {
    if constexpr (is_batch)
      return entries(b, j);
    else
      return entries(j);
  }
  template <typename W>
  W over(std::size_t n, const Place& at, std::size_t step) const {
    T* const first = memory.data() + at.offset;
    if constexpr (strided && is_batch)
      return W(first, Kokkos::LayoutStride(signals, n * step + at.gap, n, step));
    else if constexpr (strided)
      return W(first, Kokkos::LayoutStride(n, step));
    else if constexpr (is_batch)
      return W(first, signals, n);
    else
      return W(first, n);
  }
};

template <typename T>
void append(std::vector<double>& all, const T& number) {
  if constexpr (detail::is_complex<T>) {
    all.push_back(number.real());
    all.push_back(number.imag());
  } else {
    all.push_back(number);
  }
}
template <typename V>
void append(std::vector<double>& all, const Laid<V>& laid) {
  laid.for_each([&](const auto& entry, std::size_t, std::size_t) { append(all, entry); });
}
inline void append(std::vector<double>& all, const std::vector<double>& values) {
  all.insert(all.end(), values.begin(), values.end());
}

}  // namespace misfit::test
