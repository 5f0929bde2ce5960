// SPDX-License-Identifier: BSD-3-Clause
#include "collectives/scarce_memory.hpp"

#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <new>

namespace {

/// `new` is refused blocks of begin to end − 1 bytes.
std::size_t refused_begin = 0, refused_end = 0;

void* block_of(std::size_t bytes) noexcept {
  const bool refused = bytes >= refused_begin && bytes < refused_end;
  return refused ? nullptr : std::malloc(bytes > 0 ? bytes : 1);
}

}  // namespace

// The linker takes these instead of the library's.
void* operator new(std::size_t bytes) {
  if (void* const block = block_of(bytes)) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return block_of(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace misfit::test {

NoMoreMemory::NoMoreMemory(bool here, std::size_t less_than) {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);  // what is large goes back to the system when it is freed
  getrlimit(RLIMIT_AS, &before_);
  if (!here) return;
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit now = before_;
  now.rlim_cur = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + less_than;
  setrlimit(RLIMIT_AS, &now);
}

NoMoreMemory::~NoMoreMemory() { setrlimit(RLIMIT_AS, &before_); }

NothingNew::NothingNew(bool here, std::size_t begin, std::size_t end) {
  if (!here) return;
  refused_begin = begin;
  refused_end = end;
}

NothingNew::~NothingNew() { refused_begin = refused_end = 0; }

}  // namespace misfit::test
