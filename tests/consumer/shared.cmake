# SPDX-License-Identifier: BSD-3-Clause
#
# Shared libraries of misfit: they are installed where they find each other, programs need nothing of what they were
# built with but Kokkos and MPI, and pkg-config's line names no more than that.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
install_misfit(consumer_shared)
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/consumer -B ${work}/build ${generator} ${with_installed}
  -D CMAKE_BUILD_TYPE=None -D CMAKE_CXX_FLAGS=${FLAGS} -D CMAKE_DISABLE_FIND_PACKAGE_FFTW3=ON)
run(${CMAKE_COMMAND} --build ${work}/build)
run_consumers(${work}/build)

file(READ_ELF ${work}/installed/lib/libmisfit_io.so RUNPATH path RPATH old_path)
if(NOT "${path};${old_path}" MATCHES "[$]ORIGIN")
  message(FATAL_ERROR "libmisfit_io.so looks for libmisfit.so in '${path}'")
endif()
file(STRINGS ${work}/installed/lib/pkgconfig/misfit.pc libraries REGEX "^Libs:")
if(NOT libraries MATCHES "-lmisfit .*kokkos" OR libraries MATCHES "fftw|-lrt")
  message(FATAL_ERROR "misfit.pc has ${libraries}")
endif()
