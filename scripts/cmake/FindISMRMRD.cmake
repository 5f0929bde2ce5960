# SPDX-License-Identifier: BSD-3-Clause
#
# Finds libismrmrd and the HDF5 that it reads with: the imported target misfit::ismrmrd. ISMRMRD_ROOT,
# or CMAKE_PREFIX_PATH, say where else to look. (The ISMRMRDConfig.cmake of Debian 12 stops with an error
# in a project without the language C.)

find_path(ISMRMRD_INCLUDE_DIR ismrmrd/xml.h)
find_library(ISMRMRD_LIBRARY ismrmrd)
mark_as_advanced(ISMRMRD_INCLUDE_DIR ISMRMRD_LIBRARY)
find_package(HDF5 1.10.5 MODULE QUIET)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ISMRMRD REQUIRED_VARS
  ISMRMRD_LIBRARY ISMRMRD_INCLUDE_DIR HDF5_FOUND)

if(ISMRMRD_FOUND AND NOT TARGET misfit::ismrmrd)
  add_library(misfit::ismrmrd UNKNOWN IMPORTED)
  set_target_properties(misfit::ismrmrd PROPERTIES
    IMPORTED_LOCATION "${ISMRMRD_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${ISMRMRD_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES misfit::hdf5)
endif()
