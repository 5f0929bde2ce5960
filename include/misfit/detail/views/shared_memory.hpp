// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/views/packed_signals.hpp>
#include <misfit/error.hpp>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstddef>
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

/// Whether a call that reads `in` and writes `out` may write what it has still to read.
///
/// A View that is not packed is copied before anything is written, or written after all is read:
/// with it, only the same View given twice counts.
template <typename In, typename Out>
bool share_memory(const In& in, const Out& out) {
  if (in.size() == 0 || out.size() == 0) return false;
  const MemoryOf a(in), b(out);
  if (a.begin == b.begin) return true;
  const std::less<const char*> before;
  return is_packed(in) && is_packed(out) && before(a.begin, b.end) && before(b.begin, a.end);
}

/// Throws ArgumentError if an input and an output of a call share memory.
template <typename In, typename Out>
void require_apart(const char* in_name, const In& in, const char* out_name, const Out& out) {
  if (share_memory(in, out))
    throw ArgumentError(std::string(out_name) + ": shares memory with " + in_name);
}

/// Throws ArgumentError if two of the outputs at(0) … at(count − 1) of a call share memory.
template <typename At>
void require_outputs_apart(const char* name, std::size_t count, At&& at) {
  std::vector<MemoryOf> used;
  for (std::size_t k = 0; k < count; ++k)
    if (at(k).size() > 0 && is_packed(at(k))) used.emplace_back(at(k));
  const std::less<const char*> before;
  std::sort(used.begin(), used.end(),
            [&](const MemoryOf& a, const MemoryOf& b) { return before(a.begin, b.begin); });
  for (std::size_t k = 1; k < used.size(); ++k)
    if (before(used[k].begin, used[k - 1].end))
      throw ArgumentError(std::string(name) + ": two of its Views share memory");
}

}  // namespace misfit::detail
