// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/detail/scalar.hpp>

#include <cstddef>
#include <type_traits>

namespace misfit::detail {

/// Real numbers, contiguous, that a collective call sums over the ranks in place.
struct Payload {
  void* data = nullptr;    ///< where MPI reads and writes
  std::size_t count = 0;   ///< 0: nothing to sum
  std::size_t number = 0;  ///< bytes of one number: 4 for float, 8 for double
  bool on_host = true;

  std::size_t bytes() const { return count * number; }
  bool same_shape(const Payload& other) const {
    return count == other.count && number == other.number;
  }
};

/// The `count` entries of type T, complex ones as pairs.
template <typename T>
Payload payload_of(T* data, std::size_t count, bool on_host) {
  constexpr std::size_t parts = is_complex<T> ? 2 : 1;
  return {data, count * parts, count > 0 ? sizeof(Real<T>) : 0, on_host};
}

}  // namespace misfit::detail
