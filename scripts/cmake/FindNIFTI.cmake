# SPDX-License-Identifier: BSD-3-Clause
#
# Finds niftiio, zlib and the headers of NIfTI-1 and NIfTI-2: the imported target misfit::niftiio. NIFTI_ROOT, or
# CMAKE_PREFIX_PATH, say where else to look. (The NIFTIConfig.cmake of Debian 12 stops with an error: it
# names folders that do not exist. The library nifti2 is not linked with: it has functions of niftiio's
# names with other arguments.)

find_path(NIFTI_INCLUDE_DIR nifti1_io.h PATH_SUFFIXES nifti)
find_path(NIFTI_2_INCLUDE_DIR nifti2.h PATH_SUFFIXES nifti)
find_library(NIFTI_LIBRARY niftiio)
find_library(NIFTI_znz_LIBRARY znz)
find_package(ZLIB MODULE QUIET)
mark_as_advanced(NIFTI_INCLUDE_DIR NIFTI_2_INCLUDE_DIR NIFTI_LIBRARY NIFTI_znz_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(NIFTI
  REQUIRED_VARS NIFTI_LIBRARY NIFTI_znz_LIBRARY ZLIB_LIBRARIES NIFTI_INCLUDE_DIR NIFTI_2_INCLUDE_DIR)

if(NIFTI_FOUND AND NOT TARGET misfit::niftiio)
  add_library(misfit::niftiio UNKNOWN IMPORTED)
  set_target_properties(misfit::niftiio PROPERTIES
    IMPORTED_LOCATION "${NIFTI_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${NIFTI_INCLUDE_DIR};${NIFTI_2_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${NIFTI_znz_LIBRARY};ZLIB::ZLIB")
endif()
