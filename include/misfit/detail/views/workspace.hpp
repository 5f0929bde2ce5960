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
    using Bytes = Kokkos::View<char*, Space>;
    if (count > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / sizeof(T))
      throw ArgumentError(std::string(label) + ": " + std::to_string(count) +
                          " entries do not fit into memory");
    auto* bytes = std::any_cast<Bytes>(&bytes_);
    if (bytes == nullptr || bytes->extent(0) < count * sizeof(T)) {
      bytes_.reset();  // so that old and new memory never exist together
      bytes_ = Bytes(Kokkos::view_alloc(Kokkos::WithoutInitializing, std::string(label)),
                     count * sizeof(T));
      bytes = std::any_cast<Bytes>(&bytes_);
    }
    return Vector<T, Space>(reinterpret_cast<T*>(bytes->data()), count);
  }

 private:
  std::any bytes_;
};

}  // namespace misfit::detail
