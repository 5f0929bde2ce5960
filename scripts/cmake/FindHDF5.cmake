# SPDX-License-Identifier: BSD-3-Clause
#
# Finds HDF5 for C, the serial one where Debian has several: the imported target misfit::hdf5. HDF5_ROOT, or
# CMAKE_PREFIX_PATH, say where else to look. (CMake's own FindHDF5 asks compiler wrappers, of a language C that a
# project need not have.)

find_path(HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
find_library(HDF5_LIBRARY NAMES hdf5_serial hdf5 NAMES_PER_DIR PATH_SUFFIXES hdf5/serial)
mark_as_advanced(HDF5_INCLUDE_DIR HDF5_LIBRARY)

set(HDF5_VERSION)
if(HDF5_INCLUDE_DIR)
  foreach(HDF5_part IN ITEMS MAJOR MINOR RELEASE)
    file(STRINGS ${HDF5_INCLUDE_DIR}/H5public.h HDF5_line REGEX "^#define[ \t]+H5_VERS_${HDF5_part}[ \t]")
    if(HDF5_line MATCHES "H5_VERS_${HDF5_part}[ \t]+([0-9]+)")
      list(APPEND HDF5_VERSION ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(JOIN HDF5_VERSION . HDF5_VERSION)
endif()

# 1.12.0 is older than 1.10.7: it cannot leave files unlocked.
set(HDF5_fits TRUE)
if(HDF5_VERSION VERSION_EQUAL 1.12.0 AND HDF5_FIND_VERSION VERSION_GREATER_EQUAL 1.10.7)
  set(HDF5_fits FALSE)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HDF5 REQUIRED_VARS HDF5_LIBRARY HDF5_INCLUDE_DIR HDF5_fits VERSION_VAR HDF5_VERSION)

# Of a name of its own: CMake's module, which may be asked for another HDF5 later, keeps HDF5::HDF5 where it is.
if(HDF5_FOUND AND NOT TARGET misfit::hdf5)
  add_library(misfit::hdf5 UNKNOWN IMPORTED)
  set_target_properties(misfit::hdf5 PROPERTIES
    IMPORTED_LOCATION "${HDF5_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${HDF5_INCLUDE_DIR}")
endif()
