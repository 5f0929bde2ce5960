# SPDX-License-Identifier: BSD-3-Clause
#
# misfit.pc and misfit_io.pc: programs compiled and linked by lines that pkg-config completes, of the compiler itself
# and of MPI's wrapper; and what such a line says of a Kokkos with conditions among its flags.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
find_program(pkg_config pkg-config)
if(NOT pkg_config)
  message("skipped: there is no pkg-config")
  return()
endif()
install_misfit(consumer_pkg_config)
set(ENV{PKG_CONFIG_PATH} ${work}/installed/lib/pkgconfig)
set(ENV{LD_LIBRARY_PATH} ${work}/installed/lib:$ENV{LD_LIBRARY_PATH})

function(expect_answer answer)
  run(${pkg_config} ${ARGN})
  string(STRIP "${output}" output)
  if(NOT output STREQUAL answer)
    message(FATAL_ERROR "pkg-config ${ARGN} says ${output}, not ${answer}")
  endif()
endfunction()
expect_answer(${VERSION} --modversion misfit)
expect_answer(${VERSION} --modversion misfit_io)
run(${pkg_config} --validate misfit misfit_io)

# option(<name>): the variable of OPTIONS.
function(option_of name)
  string(REGEX MATCH "-D${name}=([^;]*)" found "${OPTIONS}")
  set(${name} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()
option_of(CMAKE_CXX_COMPILER)
option_of(MPI_CXX_COMPILER)

# As a Makefile would have it.
set(programs ${SOURCE_DIR}/tests/consumer)
file(WRITE ${work}/build "set -e
${CMAKE_CXX_COMPILER} -std=c++20 ${programs}/files.cpp -o ${work}/files_consumer $(pkg-config --cflags --libs misfit_io)
${MPI_CXX_COMPILER} -std=c++20 ${programs}/version.cpp -o ${work}/version_consumer $(pkg-config --cflags --libs misfit)
")
set(ENV{OMPI_CXX} ${CMAKE_CXX_COMPILER})
run(sh ${work}/build)
set(FOURIER OFF)
run_consumers(${work})
