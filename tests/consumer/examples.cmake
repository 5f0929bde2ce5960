# SPDX-License-Identifier: BSD-3-Clause
#
# The installed misfit brings its README, its licence, and the examples, which build there.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
install_misfit(consumer_examples)
foreach(file IN ITEMS doc/misfit/README.md doc/misfit/LICENSE doc/misfit/docs/design.md misfit/examples/CMakeLists.txt)
  if(NOT EXISTS ${work}/installed/share/${file})
    message(FATAL_ERROR "share/${file} is not installed")
  endif()
endforeach()

run(${CMAKE_COMMAND} -S ${work}/installed/share/misfit/examples -B ${work}/build ${generator} ${with_installed}
  -D CMAKE_BUILD_TYPE=None -D CMAKE_DISABLE_PRECOMPILE_HEADERS=ON)
run(${CMAKE_COMMAND} --build ${work}/build --target misfit_smallest)
run(${RUN} ${work}/build/smallest)
expect_output("step 0  f = 2.400000e+04" "step 1  f = " "step 2  f = ")
