// SPDX-License-Identifier: BSD-3-Clause
#include "mpi.hpp"

#include <misfit/detail/collectives/node_memory.hpp>

#include <mpi.h>
#if defined(__linux__)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace misfit::detail {

NodeMemory::NodeMemory(NodeMemory&& other) noexcept
    : segment_bytes_(other.segment_bytes_),
      all_bytes_(other.all_bytes_),
      memory_(std::exchange(other.memory_, nullptr)) {}

NodeMemory& NodeMemory::operator=(NodeMemory&& other) noexcept {
  std::swap(segment_bytes_, other.segment_bytes_);
  std::swap(all_bytes_, other.all_bytes_);
  std::swap(memory_, other.memory_);
  return *this;
}

NodeMemory::~NodeMemory() { unmap(); }

#if defined(__linux__)

namespace {

// Not by getpid(), which simulators replace by one of their own for each rank.
pid_t this_process() { return static_cast<pid_t>(syscall(SYS_getpid)); }

bool switched_off() {
  const char* said = std::getenv("MISFIT_NODE_SUM");
  return said != nullptr && std::strcmp(said, "0") == 0;
}

}  // namespace

// Not by MPI_Win_allocate_shared: where rank 0 finds no room, Open MPI 4.1 leaves the others
// waiting in it for ever. Here every rank reserves its own part (so that it lies in memory near to
// it, and is there when written to), and all learn whether all could.
NodeMemory::NodeMemory(MPI_Comm comm, std::size_t segment_bytes, void (*prepare)(void* segment))
    : NodeMemory() {
  int rank = 0, size = 1;
  check_mpi(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(comm, &size), "MPI_Comm_size");
  segment_bytes_ = segment_bytes;
  all_bytes_ = segment_bytes * static_cast<std::size_t>(size);

  struct {
    pid_t process;
    int made;
    char name[64];
  } first{};
  int file = -1;
  if (rank == 0) {
    // The clock tells processes apart that had one number one after the other, the count threads.
    static std::atomic<unsigned long> count{0};
    first.process = this_process();
    std::snprintf(
        first.name, sizeof(first.name), "/misfit-%ld-%llx-%lx", static_cast<long>(first.process),
        static_cast<long long>(std::chrono::steady_clock::now().time_since_epoch().count()),
        count++);
    file = shm_open(first.name, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    first.made = file >= 0 ? 1 : 0;
  }
  check_mpi(MPI_Bcast(&first, sizeof(first), MPI_BYTE, 0, comm), "MPI_Bcast");
  if (first.made == 0) return;  // a file of that name is another's
  if (rank != 0) file = shm_open(first.name, O_RDWR, 0);
  // The name goes before memory is taken, for which the system may end a rank: nothing is left
  // then.
  int opened = file >= 0 ? 1 : 0;
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &opened, 1, MPI_INT, MPI_MIN, comm), "MPI_Allreduce");
  if (rank == 0) shm_unlink(first.name);

  // Ranks that are threads of one process belong to a simulator: they must not wait in a loop.
  const bool alone = rank == 0 || first.process != this_process();
  int ready = alone && !switched_off() && opened == 1 && map(file, rank) ? 1 : 0;
  if (ready == 1) prepare(segment(rank));
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &ready, 1, MPI_INT, MPI_MIN, comm), "MPI_Allreduce");
  if (file >= 0) close(file);
  if (ready == 0) unmap();
}

// False if there is no room.
bool NodeMemory::map(int file, int rank) {
  const auto begin = static_cast<off_t>(rank) * static_cast<off_t>(segment_bytes_);
  if (posix_fallocate(file, begin, static_cast<off_t>(segment_bytes_)) != 0) return false;
  void* const memory = mmap(nullptr, all_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) return false;
  memory_ = memory;
  return true;
}

void NodeMemory::unmap() {
  if (memory_ != nullptr) munmap(memory_, all_bytes_);
  memory_ = nullptr;
}

#else

NodeMemory::NodeMemory(MPI_Comm, std::size_t, void (*)(void*)) {}
bool NodeMemory::map(int, int) { return false; }
void NodeMemory::unmap() {}

#endif

}  // namespace misfit::detail
