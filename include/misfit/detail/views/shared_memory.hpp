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
#include <tuple>
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

/// The memory of a signal whose entries lie `step` bytes apart.
struct SignalMemory {
  std::intptr_t step, remainder, begin, end;
  std::size_t view;  ///< which has it; an input may hold entries twice

  /// By step and remainder, so that of those that can meet, the one behind is next.
  friend bool operator<(const SignalMemory& a, const SignalMemory& b) {
    return std::tie(a.step, a.remainder, a.begin) < std::tie(b.step, b.remainder, b.begin);
  }
  bool meets_next(const SignalMemory& next) const {
    return step == next.step && remainder == next.remainder && next.begin < end &&
           view != next.view;
  }
};

/// Adds those of the signals of View `number`, which has entries.
template <typename V>
void add_signals(std::size_t number, const V& view, std::vector<SignalMemory>& signals) {
  constexpr auto entry = static_cast<std::intptr_t>(sizeof(typename V::value_type));
  const auto n = static_cast<std::intptr_t>(signal_size(view));
  const auto stride = [&](unsigned r) {
    return entry * static_cast<std::intptr_t>(view.stride(r));
  };
  // Of one entry that stands for all there is but that.
  const std::intptr_t apart = stride(is_batch<V> ? static_cast<unsigned>(V::rank) - 1 : 0),
                      step = apart > 0 ? apart : entry;
  for (std::size_t b = 0; b < batch_size(view); ++b) {
    const auto begin = reinterpret_cast<std::intptr_t>(view.data()) +
                       (is_batch<V> ? static_cast<std::intptr_t>(b) * stride(0) : 0);
    signals.push_back({step, begin % step, begin, begin + (apart > 0 ? n : 1) * step, number});
  }
}

/// Whether two of the Views that have these signals have an entry in common; of two in which
/// entries lie at other distances that is not found.
inline bool signals_meet(std::vector<SignalMemory>& signals) {
  std::sort(signals.begin(), signals.end());
  const auto meets = [](const SignalMemory& a, const SignalMemory& b) { return a.meets_next(b); };
  return std::adjacent_find(signals.begin(), signals.end(), meets) != signals.end();
}

/// The same for a call that does not copy an input that is not packed before it writes.
template <typename In, typename Out>
void require_all_apart(const char* in_name, const In& in, const char* out_name, const Out& out) {
  require_apart(in_name, in, out_name, out);
  if (is_packed(in) || is_packed(out)) return;
  std::vector<SignalMemory> signals;
  add_signals(0, in, signals);
  add_signals(1, out, signals);
  if (signals_meet(signals))
    throw ArgumentError(std::string(out_name) + ": shares memory with " + in_name);
}

/// Throws ArgumentError if two of the outputs at(0) … at(count − 1) of a call share memory. Of a
/// packed View and one that is not, that is found if the second begins inside the first; of two
/// that are not packed, with other strides, if they begin at one place.
template <typename At>
void require_outputs_apart(const char* name, std::size_t count, At&& at) {
  std::vector<MemoryOf> used;
  std::vector<SignalMemory> signals;
  for (std::size_t k = 0; k < count; ++k)
    if (at(k).size() > 0) {
      used.emplace_back(at(k));
      if (is_packed(at(k))) continue;
      used.back().end = used.back().begin + 1;
      add_signals(k, at(k), signals);
    }
  const std::less<const char*> before;
  std::sort(used.begin(), used.end(),
            [&](const MemoryOf& a, const MemoryOf& b) { return before(a.begin, b.begin); });
  bool shared = signals_meet(signals);
  for (std::size_t k = 1; k < used.size(); ++k)
    shared = shared || before(used[k].begin, used[k - 1].end);
  if (shared) throw ArgumentError(std::string(name) + ": two of its Views share memory");
}

}  // namespace misfit::detail
