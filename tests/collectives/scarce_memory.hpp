// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <limits>

namespace misfit::test {

/// While it lives, this process gets hardly any more memory from the system, if it is `here`.
class NoMoreMemory {
 public:
  explicit NoMoreMemory(bool here, std::size_t less_than = 1 << 22);
  ~NoMoreMemory();
  NoMoreMemory(const NoMoreMemory&) = delete;
  NoMoreMemory& operator=(const NoMoreMemory&) = delete;

 private:
  rlimit before_{};
};

/// While it lives, `new` gives this process no block of `begin` to `end` − 1 bytes, if it is
/// `here`.
class NothingNew {
 public:
  explicit NothingNew(bool here, std::size_t begin = 0,
                      std::size_t end = std::numeric_limits<std::size_t>::max());
  ~NothingNew();
  NothingNew(const NothingNew&) = delete;
  NothingNew& operator=(const NothingNew&) = delete;
};

}  // namespace misfit::test
