# SPDX-License-Identifier: BSD-3-Clause
#
# misfit::tao, misfit::rol and misfit::nlopt, where PETSc, ROL and NLopt are found: misfit::misfit and what programs need
# beside it that include misfit/tao.hpp, misfit/rol.hpp or misfit/nlopt.hpp. Nothing of them is compiled with misfit.

set(misfit_optimizers tao rol nlopt)
set(misfit_needed_by_tao "a PETSc, from 3.17 on, of real numbers in double precision, and pkg-config (Debian: libpetsc-real-dev)")
set(misfit_needed_by_rol "ROL and Teuchos (Debian: libtrilinos-rol-dev libtrilinos-teuchos-dev)")
set(misfit_needed_by_nlopt "NLopt and pkg-config (Debian: libnlopt-dev)")

# misfit_optimizer(<name> <folders> <library>...)
function(misfit_optimizer name folders)
  add_library(misfit::${name} INTERFACE IMPORTED GLOBAL)
  set_target_properties(misfit::${name} PROPERTIES
    INTERFACE_LINK_LIBRARIES "misfit::misfit;${ARGN}" INTERFACE_INCLUDE_DIRECTORIES "${folders}")
endfunction()

# misfit_find_optimizers(): leaves no variable behind, but for entries in the cache.
function(misfit_find_optimizers)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND AND NOT TARGET misfit::tao)
    pkg_search_module(misfit_petsc QUIET petsc>=3.17 PETSc>=3.17)  # which have TaoSetSolution
    find_file(misfit_petsc_header petscconf.h PATHS ${misfit_petsc_INCLUDE_DIRS} NO_DEFAULT_PATH)
    mark_as_advanced(misfit_petsc_header)
    if(misfit_petsc_FOUND AND misfit_petsc_header)
      # There are PETScs of float and of complex numbers.
      file(STRINGS ${misfit_petsc_header} scalars REGEX "define PETSC_USE_(COMPLEX|REAL_DOUBLE) ")
      if(scalars MATCHES "REAL_DOUBLE" AND NOT scalars MATCHES "COMPLEX")
        misfit_optimizer(tao "${misfit_petsc_INCLUDE_DIRS}" ${misfit_petsc_LINK_LIBRARIES})
      endif()
    endif()
  endif()
  if(PkgConfig_FOUND AND NOT TARGET misfit::nlopt)
    pkg_check_modules(misfit_nlopt QUIET nlopt)
    if(misfit_nlopt_FOUND)
      misfit_optimizer(nlopt "${misfit_nlopt_INCLUDE_DIRS}" ${misfit_nlopt_LINK_LIBRARIES})
    endif()
  endif()
  if(NOT TARGET misfit::rol)
    # As Trilinos names them, and as Debian does. (Trilinos's own package would bring its Kokkos.)
    find_path(misfit_rol_folder ROL_Objective.hpp PATH_SUFFIXES trilinos)
    set(libraries)
    foreach(library IN ITEMS parameterlist numerics core)
      find_library(misfit_teuchos_${library} NAMES teuchos${library} trilinos_teuchos${library})
      mark_as_advanced(misfit_teuchos_${library})
      list(APPEND libraries ${misfit_teuchos_${library}})
    endforeach()
    mark_as_advanced(misfit_rol_folder)
    if(misfit_rol_folder AND NOT libraries MATCHES "NOTFOUND")
      misfit_optimizer(rol ${misfit_rol_folder} ${libraries})
    endif()
  endif()
endfunction()
misfit_find_optimizers()
