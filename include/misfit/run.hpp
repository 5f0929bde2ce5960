// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>

namespace misfit {

namespace detail {
int run(int& argc, char**& argv, const std::function<int()>& body);
}

/// What main() returns: starts MPI and Kokkos, runs `body()` on every rank, and ends both.
///
///     int main(int argc, char* argv[]) { return misfit::run(argc, argv, [] { … }); }
///
/// Takes MPI's and Kokkos's own options out of argv before. `body` returns nothing, or an int that
/// is the exit status of its rank. Collective over all processes; all get the same status, that of
/// the lowest rank whose own is not 0.
///
/// What `body` throws is printed on stderr, once, by the lowest rank that threw, which tells its
/// number unless all threw the same; the status is 1. Where others do not come to an end, for they
/// wait for a rank that threw alone, the job is aborted after two seconds. (The objects of `body`
/// are destroyed first. None of their destructors may wait for other ranks, as MPI_Win_free and
/// MPI_File_close do.)
template <std::invocable Body>
int run(int& argc, char**& argv, Body&& body) {
  using Result = std::invoke_result_t<Body&>;
  static_assert(std::is_void_v<Result> || std::is_same_v<Result, int>,
                "misfit: the body of run() returns nothing, or an int, the exit status");
  return detail::run(argc, argv, [&body] {
    if constexpr (std::is_void_v<Result>) {
      body();
      return 0;
    } else {
      return body();
    }
  });
}

}  // namespace misfit
