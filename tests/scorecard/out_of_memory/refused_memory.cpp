// SPDX-License-Identifier: BSD-3-Clause
#include "scorecard/out_of_memory/refused_memory.hpp"

#include <Kokkos_Core.hpp>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" void* __libc_malloc(std::size_t bytes);  // NOLINT: of the C library

namespace {

misfit::test::Refused refused = misfit::test::Refused::none;
bool counting = false;
int asked_for = 0, first_refused = 0;

/// Counts an allocation. Whether there is no memory for it.
bool refuses() {
  using misfit::test::Refused;
  if (!counting) return false;
  ++asked_for;
  return (refused == Refused::one && asked_for == first_refused) ||
         (refused == Refused::all_from && asked_for >= first_refused);
}

void* block_of(std::size_t bytes) noexcept {
  return refuses() ? nullptr : __libc_malloc(bytes > 0 ? bytes : 1);
}

void* aligned_block_of(std::size_t bytes, std::align_val_t alignment) noexcept {
  void* block = nullptr;
  if (refuses() || posix_memalign(&block, static_cast<std::size_t>(alignment), bytes) != 0)
    return nullptr;
  return block;
}

void* or_throw(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

/// The code of Kokkos: of its library, or where that is no shared one of this program.
struct Code {
  std::uintptr_t begin = 0, end = 0;
  bool holds(const void* address) const {
    const auto number = reinterpret_cast<std::uintptr_t>(address);
    return number >= begin && number < end;
  }
};

int find_code(dl_phdr_info* object, std::size_t, void* found) {
  const bool kokkos = std::strstr(object->dlpi_name, "kokkoscore") != nullptr;
  if (!kokkos && object->dlpi_name[0] != '\0') return 0;
  for (int k = 0; k < object->dlpi_phnum; ++k) {
    const auto& part = object->dlpi_phdr[k];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = object->dlpi_addr + part.p_vaddr;
    *static_cast<Code*>(found) = {begin, begin + part.p_memsz};
  }
  return kokkos ? 1 : 0;
}

const Code& code_of_kokkos() {
  static const Code code = [] {
    Code found;
    dl_iterate_phdr(find_code, &found);
    return found;
  }();
  return code;
}

}  // namespace

// The linker takes these instead of the libraries'.
void* operator new(std::size_t bytes) { return or_throw(block_of(bytes)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return block_of(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return or_throw(aligned_block_of(bytes, alignment));
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned_block_of(bytes, alignment);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

extern "C" {
// As Kokkos 3 does for Views.
void* malloc(std::size_t bytes) {
  const bool of_a_view = counting && code_of_kokkos().holds(__builtin_return_address(0));
  return of_a_view && refuses() ? nullptr : __libc_malloc(bytes);
}
int shm_open(const char* name, int flags, mode_t mode) {
  using Function = int (*)(const char*, int, mode_t);
  static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "shm_open"));
  if (!refuses()) return next(name, flags, mode);
  errno = ENOMEM;
  return -1;
}
int posix_fallocate(int file, off_t begin, off_t bytes) {
  using Function = int (*)(int, off_t, off_t);
  static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "posix_fallocate"));
  return refuses() ? ENOSPC : next(file, begin, bytes);
}
}

namespace misfit::test {

RefusedMemory::RefusedMemory(Refused which, int number) {
  code_of_kokkos();
  refused = which;
  first_refused = number;
  asked_for = 0;
  counting = true;
}

RefusedMemory::~RefusedMemory() { counting = false; }

int RefusedMemory::asked() { return asked_for; }

}  // namespace misfit::test
