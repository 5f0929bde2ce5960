# SPDX-License-Identifier: BSD-3-Clause
#
# Finds FFTW 3 in double and in single precision: the imported targets misfit::fftw3 and misfit::fftw3f,
# FFTW3_FOUND if both are there. FFTW3_ROOT, or CMAKE_PREFIX_PATH, say where else to look.

find_path(FFTW3_INCLUDE_DIR fftw3.h)
find_library(FFTW3_LIBRARY fftw3)
find_library(FFTW3F_LIBRARY fftw3f)
mark_as_advanced(FFTW3_INCLUDE_DIR FFTW3_LIBRARY FFTW3F_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(FFTW3
  REQUIRED_VARS FFTW3_LIBRARY FFTW3F_LIBRARY FFTW3_INCLUDE_DIR)

# Of names of its own: FFTW's package for CMake exports FFTW3::fftw3.
if(FFTW3_FOUND)
  foreach(FFTW3_name IN ITEMS fftw3 fftw3f)
    if(NOT TARGET misfit::${FFTW3_name})
      string(TOUPPER ${FFTW3_name} FFTW3_variable)
      add_library(misfit::${FFTW3_name} UNKNOWN IMPORTED)
      set_target_properties(misfit::${FFTW3_name} PROPERTIES
        IMPORTED_LOCATION "${${FFTW3_variable}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${FFTW3_INCLUDE_DIR}")
    endif()
  endforeach()
endif()
