// SPDX-License-Identifier: BSD-3-Clause

// What misfit says of itself is what CMake and Kokkos say.

#include <misfit/version.hpp>

#include <Kokkos_Core.hpp>
#include <gtest/gtest.h>
#include <mpi.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

namespace {

/// The words of a list of CMake's, as the test's CMakeLists.txt hands it over.
std::vector<std::string> words(const std::string& list) {
  std::istringstream in(list);
  std::vector<std::string> found;
  for (std::string word; in >> word;) found.push_back(word);
  return found;
}

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

TEST(Version, IsThatOfTheProjectInHeadersAndLibrary) {
  EXPECT_EQ(dotted(MISFIT_VERSION_MAJOR, MISFIT_VERSION_MINOR, MISFIT_VERSION_PATCH),
            EXPECTED_VERSION);
  EXPECT_EQ(misfit::build_info().version, EXPECTED_VERSION);
}

TEST(Version, KokkosIsTheOneThatCMakeFound) {
  int major = 0, minor = 0, patch = 0;
  char dot = 0;
  std::istringstream(EXPECTED_KOKKOS) >> major >> dot >> minor >> dot >> patch;  // "3.4.01"

  EXPECT_EQ(misfit::build_info().kokkos, dotted(major, minor, patch)) << EXPECTED_KOKKOS;
}

TEST(Version, BackendsAreThoseOfKokkosTheDefaultOneFirst) {
  std::vector<std::string> backends = misfit::build_info().backends;
  ASSERT_FALSE(backends.empty());
  EXPECT_EQ(backends.front(), Kokkos::DefaultExecutionSpace::name());

  for (std::string& name : backends)
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::vector<std::string> expected = words(EXPECTED_BACKENDS);
  std::sort(backends.begin(), backends.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(backends, expected);
}

TEST(Version, MpiAndCompilerAreThoseInUse) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  const misfit::BuildInfo info = misfit::build_info();

  const std::string all(text, static_cast<std::size_t>(length));  // "Open MPI v4.1.4, package: …"
  EXPECT_FALSE(info.mpi.empty());
  EXPECT_EQ(info.mpi, all.substr(0, info.mpi.size()));
  EXPECT_TRUE(info.mpi == all || all[info.mpi.size()] == ',' || all[info.mpi.size()] == '\n');
  EXPECT_EQ(info.compiler, EXPECTED_COMPILER);
}

TEST(Version, PartsAreThoseThatCMakeBuilds) {
  const misfit::BuildInfo info = misfit::build_info();

  EXPECT_EQ(info.fourier, bool(EXPECTED_FOURIER));
  EXPECT_EQ(info.files, words(EXPECTED_FILES));
}

TEST(Version, TextHasALineForEach) {
  misfit::BuildInfo info;
  info.version = "1.2.3";
  info.kokkos = "4.5.6";
  info.backends = {"Cuda", "Serial"};
  info.mpi = "Some MPI 7";
  info.compiler = "GNU 8";
  info.fourier = true;
  info.files = {"BART", "PNG"};

  EXPECT_EQ(info.text(),
            "misfit 1.2.3\nKokkos 4.5.6: Cuda, Serial\nMPI: Some MPI 7\ncompiler: GNU 8\n"
            "Fourier operators: yes\nfiles: BART, PNG\n");
}

}  // namespace
