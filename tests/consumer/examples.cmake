# SPDX-License-Identifier: BSD-3-Clause
#
# The installed misfit brings its README, its licence, and the examples, which build there.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
install_misfit(consumer_examples)
foreach(file IN ITEMS doc/misfit/README.md doc/misfit/LICENSE doc/misfit/docs/design.md misfit/examples/CMakeLists.txt
    misfit/examples/README.md)
  if(NOT EXISTS ${work}/installed/share/${file})
    message(FATAL_ERROR "share/${file} is not installed")
  endif()
endforeach()

# Links and pictures of the README lead to what is installed.
file(READ ${work}/installed/share/doc/misfit/README.md readme)
string(REGEX MATCHALL "[(][A-Za-z_/]+[.](md|cpp|png)" links "${readme}")
list(TRANSFORM links REPLACE "^[(]" "${work}/installed/share/doc/misfit/")
list(LENGTH links count)
foreach(link IN LISTS links)
  if(NOT EXISTS ${link})
    message(FATAL_ERROR "README.md names ${link}, which is not installed")
  endif()
endforeach()
if(count LESS 20)
  message(FATAL_ERROR "README.md has ${count} links")
endif()

# The lines of docs/packages.md; of the examples one is built.
file(STRINGS ${SOURCE_DIR}/docs/packages.md lines REGEX "^    cmake (-S WHERE/share|--build examples)")
string(REPLACE "WHERE" "${work}/installed" lines "${lines}")
string(REPLACE " examples" " ${work}/build" lines "${lines}")
string(REPLACE "Release" "None" lines "${lines}")  # which takes less time
list(TRANSFORM lines REPLACE "^    cmake " "")
list(LENGTH lines count)
if(NOT count EQUAL 2)
  message(FATAL_ERROR "docs/packages.md does not tell how the examples are built: ${lines}")
endif()
list(POP_FRONT lines configure)
separate_arguments(configure)
separate_arguments(build UNIX_COMMAND "${lines}")
run(${CMAKE_COMMAND} ${configure} ${generator} ${OPTIONS} -D CMAKE_DISABLE_PRECOMPILE_HEADERS=ON)
run(${CMAKE_COMMAND} ${build} --target misfit_smallest)
run(${RUN} ${work}/build/smallest)
expect_output("step 0  f = 2.400000e+04" "step 1  f = " "step 2  f = ")
