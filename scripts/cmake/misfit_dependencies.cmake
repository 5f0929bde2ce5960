# SPDX-License-Identifier: BSD-3-Clause
#
# Finds MPI, Kokkos and Kokkos Kernels, for misfit's own build and for those who link an installed
# misfit, and sees to it that the targets Kokkos::kokkos and Kokkos::kokkoskernels are usable. The Kokkos 3
# that Debian ships inside Trilinos defines the first with an include folder that does not exist, and the
# second not at all; its variables are right.

include(CMakeFindDependencyMacro)

set(MPI_CXX_SKIP_MPICXX ON)
find_dependency(MPI COMPONENTS CXX)

# Kokkos 3 forces this itself, with a warning, where nobody has decided.
if(NOT DEFINED CMAKE_CXX_EXTENSIONS)
  set(CMAKE_CXX_EXTENSIONS OFF)
endif()
find_dependency(Kokkos CONFIG)
find_dependency(KokkosKernels CONFIG)

if("trilinos_kokkoscore" IN_LIST Kokkos_LIBRARIES)
  get_filename_component(misfit_kokkos_include "${Kokkos_INCLUDE_DIRS}" ABSOLUTE)
  set_target_properties(Kokkos::kokkos PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${misfit_kokkos_include}")
  if(NOT TARGET Kokkos::kokkoskernels)
    add_library(Kokkos::kokkoskernels INTERFACE IMPORTED)
    target_link_libraries(Kokkos::kokkoskernels INTERFACE trilinos_kokkoskernels Kokkos::kokkos)
  endif()
endif()
