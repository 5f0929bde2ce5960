// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>
#include <misfit/views.hpp>

#include <Kokkos_Core.hpp>

#include <any>
#include <cstddef>
#include <limits>
#include <string>

namespace misfit::detail {

/// Uninitialised memory of any type and space that is kept between calls and only ever grows. A
/// copy has memory of its own, so that two copies of an owner may be used at once.
class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) {}
  Workspace(Workspace&&) noexcept = default;
  Workspace& operator=(const Workspace&) { return *this; }  // NOLINT: keeps its own memory
  Workspace& operator=(Workspace&&) noexcept = default;
  ~Workspace() = default;

  /// `count` entries, valid until the next call of get(). Throws ArgumentError if no machine has as
  /// many bytes.
  template <typename T, typename Space>
  Vector<T, Space> get(std::size_t count, const char* label) {
    return Vector<T, Space>(reinterpret_cast<T*>(bytes<Space>(count, sizeof(T), label)), count);
  }

 private:
  // Where `count` entries of `size` bytes are.
  template <typename Space>
  char* bytes(std::size_t count, std::size_t size, const char* label);

  std::any bytes_;
};

template <typename Space>
char* Workspace::bytes(std::size_t count, std::size_t size, const char* label) {
  using Bytes = Kokkos::View<char*, Space>;
  if (count > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / size)
    throw ArgumentError(std::string(label) + ": " + std::to_string(count) +
                        " entries do not fit into memory");
  auto* bytes = std::any_cast<Bytes>(&bytes_);
  if (bytes == nullptr || bytes->extent(0) < count * size) {
    bytes_.reset();  // so that old and new memory never exist together
    bytes_ =
        Bytes(Kokkos::view_alloc(Kokkos::WithoutInitializing, std::string(label)), count * size);
    bytes = std::any_cast<Bytes>(&bytes_);
  }
  return bytes->data();
}

// Compiled once, in core/.
extern template char* Workspace::bytes<Kokkos::HostSpace>(std::size_t, std::size_t, const char*);

}  // namespace misfit::detail
