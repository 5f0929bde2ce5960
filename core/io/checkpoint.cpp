// SPDX-License-Identifier: BSD-3-Clause
#include "checkpoint_call.hpp"

#include <misfit/error.hpp>
#include <misfit/io/checkpoint.hpp>

#include <Kokkos_Core.hpp>

#include <filesystem>
#include <optional>
#include <system_error>

namespace misfit::io {

namespace {

void agree_on_path(const Communicator& communicator, const std::string& path, std::string& kept) {
  const std::int64_t tag = detail::fingerprint(path.data(), path.size());
  detail::Internals::of(communicator)
      .together({"Checkpoint", {{"the path", tag}}}, [&](detail::ErrorContext&) {
        if (path.empty()) throw ArgumentError("path: is empty");
        if (path.find('\0') != std::string::npos) throw ArgumentError("path: has a zero byte");
        kept = path;
      });
}

}  // namespace

Checkpoint::Checkpoint(MPI_Comm comm, const std::string& path) : communicator_(comm) {
  agree_on_path(communicator_, path, path_);
}

Checkpoint::Checkpoint(const Slabs& slabs, const std::string& path)
    : communicator_(slabs.space().native()), cut_(detail::Internals::of(slabs).cut) {
  agree_on_path(communicator_, path, path_);
}

bool Checkpoint::exists() const {
  std::optional<Kokkos::DefaultHostExecutionSpace> exec;
  const auto found = communicator_.agree("Checkpoint::exists", [&] {
    exec.emplace();
    const Kokkos::View<int, Kokkos::HostSpace> here("misfit::io::Checkpoint::exists");
    std::error_code error;
    if (communicator_.rank() == 0) here() = std::filesystem::exists(path_, error);
    if (error) throw FileError(path_ + ": cannot be looked up: " + error.message());
    return here;
  });
  communicator_.broadcast(*exec, found, 0);
  return found() != 0;
}

void Checkpoint::write_after(const std::function<void()>& fence, const SolverState& state) const {
  CheckpointCall(communicator_, cut_, path_, state).write(fence);
}

void Checkpoint::read_after(const std::function<void()>& fence, const SolverState& state) const {
  CheckpointCall(communicator_, cut_, path_, state).read(fence);
}

}  // namespace misfit::io
