# SPDX-License-Identifier: BSD-3-Clause
#
# Finds MPI, Kokkos and Kokkos Kernels, for misfit's own build and for those who link an installed
# misfit, and sees to it that the targets Kokkos::kokkos and Kokkos::kokkoskernels are usable, whatever
# their package calls them:
#
#   Kokkos's and Kokkos Kernels' own builds, Spack   Kokkos::kokkos, Kokkos::kokkoskernels
#   Trilinos from 13.4 on                            Kokkos::all_libs, KokkosKernels::all_libs
#   Trilinos before (Debian 12 and 13)               what Kokkos_LIBRARIES and KokkosKernels_LIBRARIES list

include(CMakeFindDependencyMacro)

# misfit_find_dependency(<package> <argument>...): what misfit's own build needs is an error if it is
# missing; an installed misfit leaves that to whoever looks for it.
macro(misfit_find_dependency)
  if(CMAKE_FIND_PACKAGE_NAME)
    find_dependency(${ARGV})
  else()
    find_package(${ARGV} REQUIRED)
  endif()
endmacro()

# misfit_provide_target(<target> <package> <name>...): defines <target>, unless the package has, as the
# first <name> that is a target. Where the package says in a variable which folders it includes, the
# variable is right: the Kokkos::kokkos of Trilinos 13.2 has a folder that does not exist.
macro(misfit_provide_target target package)
  foreach(misfit_name IN ITEMS ${ARGN})
    if(NOT TARGET ${target} AND TARGET ${misfit_name})
      add_library(${target} INTERFACE IMPORTED)
      set_property(TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES ${misfit_name})
    endif()
  endforeach()
  if(NOT TARGET ${target})
    string(REPLACE ";" ", " misfit_names "${ARGN}")
    set(misfit_message "misfit needs the target ${target}, or one of ${misfit_names}; the package \
${package} in ${${package}_DIR} defines none of them.")
    if(NOT CMAKE_FIND_PACKAGE_NAME)
      message(FATAL_ERROR "${misfit_message}")
    endif()
    set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
    set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE "${misfit_message}")
    return()
  endif()
  if(${package}_INCLUDE_DIRS)
    set(misfit_folders)
    foreach(misfit_folder IN LISTS ${package}_INCLUDE_DIRS)
      get_filename_component(misfit_folder "${misfit_folder}" ABSOLUTE)
      list(APPEND misfit_folders "${misfit_folder}")
    endforeach()
    set_property(TARGET ${target} PROPERTY INTERFACE_INCLUDE_DIRECTORIES ${misfit_folders})
  endif()
endmacro()

# misfit_for_now(<variable> <value>): sets it for what this file does, unless the project has decided.
macro(misfit_for_now variable value)
  if(NOT DEFINED ${variable})
    set(${variable} ${value})
    list(APPEND misfit_set_for_now ${variable})
  endif()
endmacro()
# What it set. The packages that find_dependency() misses end this file before its end.
macro(misfit_as_before)
  foreach(misfit_variable IN LISTS misfit_set_for_now)
    unset(${misfit_variable})
  endforeach()
endmacro()
set(misfit_set_for_now)
misfit_for_now(MPI_CXX_SKIP_MPICXX ON)
misfit_for_now(CMAKE_CXX_EXTENSIONS OFF)  # Kokkos 3 forces this itself, with a warning, where nobody has decided

misfit_find_dependency(MPI 3.0 COMPONENTS CXX)
misfit_find_dependency(Kokkos CONFIG ${misfit_Kokkos_HINTS})
misfit_provide_target(Kokkos::kokkos Kokkos Kokkos::all_libs ${Kokkos_LIBRARIES})
misfit_find_dependency(KokkosKernels CONFIG ${misfit_KokkosKernels_HINTS})
misfit_provide_target(Kokkos::kokkoskernels KokkosKernels
  KokkosKernels::all_libs KokkosKernels::kokkoskernels ${KokkosKernels_LIBRARIES})

misfit_as_before()
