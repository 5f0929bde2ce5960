// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace misfit::test {

/// Which allocations of this process are refused: none, one, or all from one on.
enum class Refused { none, one, all_from };

/// While it lives, allocations are counted: by `new`, of Views, and of memory that a node shares.
/// The one of number `number`, from 1 on, is refused, or all from this one on.
class RefusedMemory {
 public:
  RefusedMemory(Refused which, int number);
  ~RefusedMemory();
  RefusedMemory(const RefusedMemory&) = delete;
  RefusedMemory& operator=(const RefusedMemory&) = delete;

  /// How many were asked for since the last of these objects was made.
  static int asked();
};

}  // namespace misfit::test
