# SPDX-License-Identifier: BSD-3-Clause
#
# A user's project compiled by clang, against the installed misfit, whatever compiled that.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
find_program(clang NAMES clang++ clang++-19 clang++-16 clang++-14)
if(NOT clang)
  message("skipped: there is no clang++")
  return()
endif()
install_misfit(consumer_clang)
list(FILTER with_installed EXCLUDE REGEX "CMAKE_CXX_COMPILER")
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/consumer -B ${work}/build ${generator} ${with_installed}
  -D CMAKE_CXX_COMPILER=${clang} -D CMAKE_BUILD_TYPE=None)
run(${CMAKE_COMMAND} --build ${work}/build)
run_consumers(${work}/build)
