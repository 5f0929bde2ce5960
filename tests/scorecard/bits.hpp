// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Hashes of results: equal where all bits are.

#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace misfit::test {

/// A hash of all bytes that it is given: FNV-1a of 64 bits.
class Bits {
 public:
  template <typename T>
  void add(const T* data, std::size_t count) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(data);
    for (std::size_t k = 0; k < count * sizeof(T); ++k) hash_ = (hash_ ^ bytes[k]) * 0x100000001b3U;
  }
  /// Contiguous.
  template <KokkosView V>
  void add(const V& view) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
    add(host.data(), host.span());
  }
  void add(double value) { add(&value, 1); }

  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

/// For scripts/scorecard: in all launches of a check, lines of one key have one hash.
inline void print_hash(const std::string& key, std::uint64_t hash) {
  std::printf("hash %s %016" PRIx64 "\n", key.c_str(), hash);
}

}  // namespace misfit::test
