# SPDX-License-Identifier: BSD-3-Clause
#
# misfit as a part of a user's project, by FetchContent: what that leaves in the project; and that its headers give no
# warning there, where they are no system headers, with this build's compiler and with clang.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
set(work ${BINARY_DIR}/consumer_subdirectory)
file(REMOVE_RECURSE ${work})

function(expect_no_warning name)
  run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/consumer/subdirectory -B ${work}/${name} ${generator}
    -D FETCHCONTENT_SOURCE_DIR_MISFIT=${SOURCE_DIR} -D MISFIT_KOKKOS_VIEW_WORKS=TRUE -D CMAKE_BUILD_TYPE=None ${ARGN})
  run(${CMAKE_COMMAND} --build ${work}/${name} --target programs)
endfunction()

expect_no_warning(this_compiler ${OPTIONS})
find_program(clang NAMES clang++ clang++-19 clang++-16 clang++-14)
if(clang)
  list(FILTER OPTIONS EXCLUDE REGEX "CMAKE_CXX_COMPILER")
  expect_no_warning(clang ${OPTIONS} -D CMAKE_CXX_COMPILER=${clang})
endif()
