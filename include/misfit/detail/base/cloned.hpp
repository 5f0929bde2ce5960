// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/error.hpp>

#include <memory>
#include <string>
#include <utility>

namespace misfit::detail {

/// One object behind `Interface`, of which a copy owns a clone: `clone()`, a std::unique_ptr. Empty
/// when it was moved from.
template <typename Interface>
class Cloned {
 public:
  explicit Cloned(std::unique_ptr<const Interface> object) : object_(std::move(object)) {}
  Cloned(const Cloned& other) : object_(other.object_ ? other.object_->clone() : nullptr) {}
  Cloned(Cloned&&) noexcept = default;
  Cloned& operator=(Cloned other) noexcept {
    object_ = std::move(other.object_);
    return *this;
  }
  ~Cloned() = default;

  /// Throws ArgumentError naming `owner` if it is empty.
  const Interface& get(const char* owner) const {
    if (!object_) throw ArgumentError(std::string(owner) + ": it is empty, for it was moved from");
    return *object_;
  }

 private:
  std::unique_ptr<const Interface> object_;
};

}  // namespace misfit::detail
