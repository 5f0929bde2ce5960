// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/base/for_indices.hpp>
#include <misfit/detail/base/kokkos.hpp>
#include <misfit/detail/base/scalar.hpp>
#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace misfit::detail {

template <typename V>
inline constexpr bool is_batch = static_cast<std::size_t>(V::rank) == 2;

/// B for a View of shape (B, n), 1 for one of shape (n).
template <typename V>
std::size_t batch_size(const V& view) {
  return is_batch<V> ? view.extent(0) : 1;
}

/// n for a View of shape (B, n) or (n).
template <typename V>
std::size_t signal_size(const V& view) {
  return is_batch<V> ? view.extent(1) : view.extent(0);
}

/// Entry j of signal b, in any layout.
template <typename V>
KOKKOS_FORCEINLINE_FUNCTION typename V::reference_type entry_of(const V& view, std::int64_t b,
                                                                std::int64_t j) {
  if constexpr (is_batch<V>)
    return view(b, j);
  else
    return view(j);
}

/// to = from, of one shape and any layouts. Asynchronous on `exec`. Calls do that when ranks have
/// agreed: the label is one for which std::string takes no memory.
template <typename Exec, typename From, typename To>
void copy_signals(const Exec& exec, const From& from, const To& to) {
  const auto n = static_cast<std::int64_t>(signal_size(from));
  for_indices(
      exec, "misfit::copy", batch_size(from) * signal_size(from),
      KOKKOS_LAMBDA(const std::int64_t k) {
        const std::int64_t b = k / n;
        entry_of(to, b, k - b * n) = entry_of(from, b, k - b * n);
      });
}

/// Signal b of the packed `view`; an alias.
template <typename V>
auto signal(const V& view, std::size_t b) {
  using T = typename V::value_type;
  const std::size_t n = signal_size(view);
  return Vector<T, typename V::memory_space>(view.data() + b * n, n);
}

/// The same View, of const entries.
template <typename V>
auto as_const_view(const V& view) {
  return typename V::const_type(view);
}

/// All signals of the packed `view` as one vector; an alias.
template <typename V>
auto all_signals(const V& view) {
  using T = typename V::value_type;
  return Vector<T, typename V::memory_space>(view.data(), view.size());
}

/// A different number for each of the four scalar types, in one and in two dimensions.
template <typename V>
constexpr std::int64_t type_tag() {
  using T = typename V::non_const_value_type;
  return static_cast<std::int64_t>(sizeof(Real<T>)) + (is_complex<T> ? 100 : 0) +
         1000 * static_cast<std::int64_t>(static_cast<std::size_t>(V::rank));
}

/// Throws ArgumentError unless the entries of `view`, of any rank, lie without gaps.
template <typename V>
void require_contiguous(const V& view) {
  if (view.size() > 0 && !view.span_is_contiguous())
    throw ArgumentError("the View " + view.label() + " is not contiguous");
}

/// A View of signals, as its arguments are checked.
struct SignalsFound {
  std::size_t signals, entries;
  bool without_memory;
};
void require_signals(const char* name, const SignalsFound& found, std::size_t batch, std::size_t n);

/// Throws ArgumentError naming `name` unless `view` has `batch` signals of `n` entries.
template <typename V>
void require_signals(const char* name, const V& view, std::size_t batch, std::size_t n) {
  require_signals(
      name,
      SignalsFound{batch_size(view), signal_size(view), view.size() > 0 && view.data() == nullptr},
      batch, n);
}

}  // namespace misfit::detail
