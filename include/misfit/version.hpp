// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// MISFIT_VERSION_MAJOR, MISFIT_VERSION_MINOR and MISFIT_VERSION_PATCH: the version of the headers.
#include <misfit/detail/base/version_numbers.hpp>

#include <string>
#include <vector>

namespace misfit {

/// What the library misfit was built from and runs on: for reports of bugs, and beside results.
struct BuildInfo {
  /// "0.1.0": of the library. Of the headers the macros MISFIT_VERSION_MAJOR, MISFIT_VERSION_MINOR
  /// and MISFIT_VERSION_PATCH tell it.
  std::string version;
  std::string kokkos;                 ///< its version, "3.4.1"
  std::vector<std::string> backends;  ///< execution spaces of Kokkos, the default one first
  std::string mpi;                    ///< library and version, "Open MPI v4.1.4"
  std::string compiler;               ///< of the library, "GNU 12.2.0"
  bool fourier = false;               ///< whether there are Fourier operators
  std::vector<std::string> files;  ///< formats of misfit::io: "BART", "checkpoints", "NIfTI", ...

  /// All of it, one line each.
  std::string text() const;
};

/// Also before MPI and Kokkos are initialized.
BuildInfo build_info();

}  // namespace misfit
