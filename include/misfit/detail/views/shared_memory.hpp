// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/detail/views/signals.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace misfit::detail {

/// The memory of the packed `view`.
struct MemoryOf {
  template <typename V>
  explicit MemoryOf(const V& view)
      : begin(reinterpret_cast<const char*>(view.data())),
        end(begin + view.size() * sizeof(typename V::value_type)) {}

  const char* begin;
  const char* end;
};

/// Whether an entry of `view`, which is not packed, lies in `memory`.
template <typename V>
bool has_entry_in(const V& view, const MemoryOf& memory) {
  constexpr auto entry = static_cast<std::ptrdiff_t>(sizeof(typename V::value_type));
  const auto stride = [&](unsigned r) {
    return entry * static_cast<std::ptrdiff_t>(view.stride(r));
  };
  const auto n = static_cast<std::ptrdiff_t>(signal_size(view));
  const std::ptrdiff_t step = is_batch<V> ? stride(static_cast<unsigned>(V::rank) - 1) : stride(0);
  for (std::size_t b = 0; b < batch_size(view); ++b) {
    const auto first = reinterpret_cast<std::intptr_t>(view.data()) +
                       (is_batch<V> ? static_cast<std::ptrdiff_t>(b) * stride(0) : 0);
    const auto begin = reinterpret_cast<std::intptr_t>(memory.begin) - entry + 1,
               end = reinterpret_cast<std::intptr_t>(memory.end);
    // The first entry that ends behind memory.begin.
    std::ptrdiff_t j = 0;
    if (step > 0 && begin > first) j = (begin - first + step - 1) / step;
    if (j < n && first + j * step >= begin && first + j * step < end) return true;
  }
  return false;
}

/// Whether a call that reads `in` and writes `out` may write what it has still to read. Of two that
/// are not packed, which may be columns of one matrix, only the same View given twice counts.
template <typename In, typename Out>
bool share_memory(const In& in, const Out& out) {
  if (in.size() == 0 || out.size() == 0) return false;
  const MemoryOf a(in), b(out);
  if (a.begin == b.begin) return true;
  const std::less<const char*> before;
  if (is_packed(in) && is_packed(out)) return before(a.begin, b.end) && before(b.begin, a.end);
  return is_packed(in) ? has_entry_in(out, a) : is_packed(out) && has_entry_in(in, b);
}

/// Whether every entry of `in`, of as many signals and entries, lies where that of `out` does.
template <typename In, typename Out>
bool same_entries(const In& in, const Out& out) {
  if constexpr (static_cast<unsigned>(In::rank) != static_cast<unsigned>(Out::rank)) {
    return false;
  } else {
    bool same = static_cast<const void*>(in.data()) == out.data();
    for (unsigned d = 0; d < static_cast<unsigned>(In::rank); ++d)
      same = same && (in.extent(d) <= 1 || in.stride(d) == out.stride(d));
    return same;
  }
}

/// Throws ArgumentError if an input and an output of a call share memory.
template <typename In, typename Out>
void require_apart(const char* in_name, const In& in, const char* out_name, const Out& out) {
  if (share_memory(in, out))
    throw ArgumentError(std::string(out_name) + ": shares memory with " + in_name);
}

/// Throws ArgumentError if two of the outputs at(0) … at(count − 1) of a call share memory; of
/// those that are not packed, which may be columns of one matrix, if they begin at one place.
template <typename At>
void require_outputs_apart(const char* name, std::size_t count, At&& at) {
  std::vector<MemoryOf> used;
  for (std::size_t k = 0; k < count; ++k)
    if (at(k).size() > 0) {
      used.emplace_back(at(k));
      if (!is_packed(at(k))) used.back().end = used.back().begin + 1;
    }
  const std::less<const char*> before;
  std::sort(used.begin(), used.end(),
            [&](const MemoryOf& a, const MemoryOf& b) { return before(a.begin, b.begin); });
  for (std::size_t k = 1; k < used.size(); ++k)
    if (before(used[k].begin, used[k - 1].end))
      throw ArgumentError(std::string(name) + ": two of its Views share memory");
}

}  // namespace misfit::detail
