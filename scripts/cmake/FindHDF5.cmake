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
  foreach(part IN ITEMS MAJOR MINOR RELEASE)
    file(STRINGS ${HDF5_INCLUDE_DIR}/H5public.h line REGEX "^#define[ \t]+H5_VERS_${part}[ \t]")
    if(line MATCHES "H5_VERS_${part}[ \t]+([0-9]+)")
      list(APPEND HDF5_VERSION ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(JOIN HDF5_VERSION . HDF5_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HDF5 REQUIRED_VARS HDF5_LIBRARY HDF5_INCLUDE_DIR VERSION_VAR HDF5_VERSION)

# Of a name of its own: CMake's module, which may be asked for another HDF5 later, keeps HDF5::HDF5 where it is.
if(HDF5_FOUND AND NOT TARGET misfit::hdf5)
  add_library(misfit::hdf5 UNKNOWN IMPORTED)
  set_target_properties(misfit::hdf5 PROPERTIES
    IMPORTED_LOCATION "${HDF5_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${HDF5_INCLUDE_DIR}")
endif()
