// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"
#include "tasks.hpp"
#include "volume.hpp"

#include <misfit/communicator.hpp>
#include <misfit/run.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

namespace {

/// Rank 0 reads, and has the voxels; all ranks get the rest, or throw what went wrong.
brain::Volume load(const brain::Options& options, const misfit::Communicator& communicator) {
  brain::Volume volume{misfit::Shape{1, 1, 1}, {}, {}};
  communicator.agree("reading the image", [&] {
    if (communicator.rank() != 0) return;
    volume = brain::read_volume(options.image, options.volume);
    if (options.quick) volume = brain::halved(volume);
  });
  const auto from_rank_0 = [&](auto* data, std::size_t n) {
    using T = std::remove_pointer_t<decltype(data)>;
    communicator.broadcast(Kokkos::DefaultHostExecutionSpace(),
                           Kokkos::View<T*, Kokkos::HostSpace>(data, n), 0);
  };
  std::uint64_t extents[] = {volume.shape[0], volume.shape[1], volume.shape[2]};
  from_rank_0(extents, 3);
  volume.shape = misfit::Shape{extents[0], extents[1], extents[2]};
  from_rank_0(volume.spacing.data(), volume.spacing.size());
  return volume;
}

void run(const brain::Options& options) {
  const misfit::Communicator communicator(MPI_COMM_WORLD);
  const brain::Volume truth = load(options, communicator);
  communicator.agree("describing the problem", [&] {
    if (communicator.rank() == 0) brain::describe(options, truth);
  });
  brain::reconstruct(options, truth, communicator);
}

}  // namespace

int main(int argc, char* argv[]) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  // Before MPI starts; and Kokkos would print its own.
  if (std::any_of(argv + 1, argv + argc,
                  [](std::string_view word) { return word == "--help" || word == "-h"; })) {
    std::fputs(brain::usage, stdout);
    return 0;
  }
  return misfit::run(argc, argv, [&] { run(brain::parse(argc, argv)); });
}
