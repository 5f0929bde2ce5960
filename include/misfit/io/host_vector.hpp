// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <misfit/concepts.hpp>

#include <Kokkos_Core.hpp>

#include <type_traits>

/// Reading and writing files of images, on the host: the library misfit::io.
///
/// No call is collective, but those of a Checkpoint: each rank reads and writes for itself. With
/// Communicator::agree() an error of one rank becomes that of all.
namespace misfit::io {

/// Numbers in host memory, as files are read to and written from; T may be const.
template <typename T>
  requires Scalar<std::remove_const_t<T>>
using HostVector = Vector<T, Kokkos::HostSpace>;

}  // namespace misfit::io
