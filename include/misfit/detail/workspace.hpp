// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>

#include <Kokkos_Core.hpp>

#include <any>
#include <cstddef>
#include <string>

namespace misfit::detail {

/// Uninitialised memory of any type and space that is kept between calls and only ever grows.
class Workspace {
 public:
  /// `count` entries, valid until the next call of get().
  template <typename T, typename Space>
  Vector<T, Space> get(std::size_t count, const char* label) {
    using Bytes = Kokkos::View<char*, Space>;
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
