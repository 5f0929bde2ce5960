# SPDX-License-Identifier: BSD-3-Clause
#
# What is installed: the libraries, their headers, the packages for CMake and pkg-config, the licence and the pages, and
# the sources of the examples, which build there against the installed misfit.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(misfit_pkg_config)

set(misfit_components io tao rol nlopt)
if(MISFIT_ENABLE_FOURIER)
  list(PREPEND misfit_components fourier)
endif()
string(REPLACE ";" ", " misfit_components "${misfit_components}")

set(misfit_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/misfit)
# Not in the folder of a project that has misfit as a subdirectory.
set(misfit_doc_dir ${CMAKE_INSTALL_DOCDIR})
if(NOT PROJECT_IS_TOP_LEVEL)
  set(misfit_doc_dir ${CMAKE_INSTALL_DATAROOTDIR}/doc/misfit)
endif()
# A shared misfit_io finds the misfit beside it.
set_property(TARGET misfit_io APPEND PROPERTY INSTALL_RPATH $<IF:$<PLATFORM_ID:Darwin>,@loader_path,$ORIGIN>)
install(TARGETS misfit misfit_io EXPORT misfitTargets FILE_SET HEADERS COMPONENT misfit_headers)
install(EXPORT misfitTargets NAMESPACE misfit:: DESTINATION ${misfit_package_dir})
configure_package_config_file(scripts/cmake/misfitConfig.cmake.in misfitConfig.cmake
  INSTALL_DESTINATION ${misfit_package_dir})
write_basic_package_version_file(misfitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/misfitConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/misfitConfigVersion.cmake
  scripts/cmake/misfit_build_type.cmake
  scripts/cmake/misfit_dependencies.cmake
  scripts/cmake/misfit_fourier.cmake
  scripts/cmake/misfit_optimizers.cmake
  scripts/cmake/FindFFTW3.cmake
  scripts/cmake/FindHDF5.cmake
  scripts/cmake/FindISMRMRD.cmake
  scripts/cmake/FindNIFTI.cmake
  DESTINATION ${misfit_package_dir})

misfit_pkg_config(misfit "" Kokkos::kokkos Kokkos::kokkoskernels MPI::MPI_CXX)
misfit_pkg_config(misfit_io "misfit = ${PROJECT_VERSION}")
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/pkgconfig/$<CONFIG>/misfit.pc
  ${CMAKE_CURRENT_BINARY_DIR}/pkgconfig/$<CONFIG>/misfit_io.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES README.md LICENSE CHANGELOG.md CONTRIBUTING.md SECURITY.md DESTINATION ${misfit_doc_dir})
install(DIRECTORY docs DESTINATION ${misfit_doc_dir}
  FILES_MATCHING PATTERN *.md PATTERN *.png PATTERN html EXCLUDE)
# The report of examples/brain is a part of scripts/run, which stays in the source tree.
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DATADIR}/misfit PATTERN *.py EXCLUDE)
# The pages name the examples as if they were beside them.
if(NOT IS_ABSOLUTE "${misfit_doc_dir}${CMAKE_INSTALL_DATADIR}")
  file(RELATIVE_PATH misfit_examples_link /${misfit_doc_dir} /${CMAKE_INSTALL_DATADIR}/misfit/examples)
  install(CODE "file(CREATE_LINK \"${misfit_examples_link}\"
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${misfit_doc_dir}/examples\" SYMBOLIC)")
endif()
