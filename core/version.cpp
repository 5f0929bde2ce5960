// SPDX-License-Identifier: BSD-3-Clause
#include <misfit/version.hpp>

#include <Kokkos_Core.hpp>
#include <mpi.h>

#include <algorithm>
#include <cstddef>

namespace misfit {
namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

/// By the names that Kokkos gives them.
std::vector<std::string> execution_spaces() {
  std::vector<std::string> names{
#if defined(KOKKOS_ENABLE_CUDA)
      "Cuda",
#endif
#if defined(KOKKOS_ENABLE_HIP)
      "HIP",
#endif
#if defined(KOKKOS_ENABLE_SYCL)
      "SYCL",
#endif
#if defined(KOKKOS_ENABLE_OPENMPTARGET)
      "OpenMPTarget",
#endif
#if defined(KOKKOS_ENABLE_OPENACC)
      "OpenACC",
#endif
#if defined(KOKKOS_ENABLE_OPENMP)
      "OpenMP",
#endif
#if defined(KOKKOS_ENABLE_THREADS)
      "Threads",
#endif
#if defined(KOKKOS_ENABLE_HPX)
      "HPX",
#endif
#if defined(KOKKOS_ENABLE_SERIAL)
      "Serial",
#endif
  };
  std::stable_partition(names.begin(), names.end(), [](const std::string& name) {
    return name == Kokkos::DefaultExecutionSpace::name();
  });
  return names;
}

/// What the library calls itself, without the places and dates that follow.
std::string mpi_library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  if (MPI_Get_library_version(text, &length) != MPI_SUCCESS) return "unknown";
  const std::string all(text, static_cast<std::size_t>(length));
  return all.substr(0, all.find_first_of(",\n"));
}

std::vector<std::string> formats() {
  return {
      "BART",
#if defined(MISFIT_HDF5)
      "checkpoints",
#endif
#if defined(MISFIT_NIFTI)
      "NIfTI",
#endif
#if defined(MISFIT_ISMRMRD)
      "ISMRMRD",
#endif
#if defined(MISFIT_PNG)
      "PNG",
#endif
  };
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::string BuildInfo::text() const {
  return "misfit " + version + "\nKokkos " + kokkos + ": " + joined(backends) + "\nMPI: " + mpi +
         "\ncompiler: " + compiler + "\nFourier operators: " + (fourier ? "yes" : "no") +
         "\nfiles: " + joined(files) + "\n";
}

BuildInfo build_info() {
  BuildInfo info;
  info.version = dotted(MISFIT_VERSION_MAJOR, MISFIT_VERSION_MINOR, MISFIT_VERSION_PATCH);
  info.kokkos = dotted(KOKKOS_VERSION / 10000, KOKKOS_VERSION / 100 % 100, KOKKOS_VERSION % 100);
  info.backends = execution_spaces();
  info.mpi = mpi_library();
  info.compiler = MISFIT_COMPILER;
#if defined(MISFIT_FOURIER)
  info.fourier = true;
#endif
  info.files = formats();
  return info;
}

}  // namespace misfit
