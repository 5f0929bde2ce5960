# The projects that pages of docs/ quote: against an installed misfit, which is built and run; and with misfit's tree
# in place of what FetchContent would fetch, or as a folder of the project, which is only configured.
#
# cmake -D BINARY_DIR=... -D SOURCE_DIR=... -D GENERATOR=... -D OPTIONS=... -D RUN=... -D OPTIMIZERS=... -P run.cmake
set(work ${BINARY_DIR}/pages)
set(projects ${CMAKE_CURRENT_LIST_DIR})
file(REMOVE_RECURSE ${work})
include(${CMAKE_CURRENT_LIST_DIR}/../consumer/functions.cmake)
set(ENV{CMAKE_BUILD_TYPE} Debug)  # which compiles fastest
set(common -G ${GENERATOR} ${OPTIONS})
set(with_tree -D MISFIT_KOKKOS_VIEW_WORKS=TRUE)

run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${work}/installed)
set(with_installed -D misfit_ROOT=${work}/installed)

run(${CMAKE_COMMAND} -S ${projects}/linking -B ${work}/linking ${common} ${with_installed})
run(${CMAKE_COMMAND} --build ${work}/linking)
run(${RUN} ${work}/linking/program)  # two communicators of one rank: 50 (0 + 1 + 4 + 9 + 16 + 25)
string(REGEX MATCHALL "f = 2750" values "${output}")
list(LENGTH values count)
if(NOT count EQUAL 2)
  message(FATAL_ERROR "The program that starts MPI and Kokkos itself printed\n${output}")
endif()

string(REPLACE ";" "\\;" optimizers "${OPTIMIZERS}")
run(${CMAKE_COMMAND} -S ${projects}/optimizers -B ${work}/optimizers ${common} ${with_installed}
  "-DOPTIMIZERS=${optimizers}")
run(${CMAKE_COMMAND} --build ${work}/optimizers)
foreach(expected IN ITEMS "program:f = 0.0" "rol:x = 3 ... 3")
  string(REGEX MATCH "(.*):(.*)" expected "${expected}")
  set(program ${CMAKE_MATCH_1})
  set(expected "${CMAKE_MATCH_2}")
  if(EXISTS ${work}/optimizers/${program})
    run(${RUN} ${work}/optimizers/${program})
    expect_output("${expected}")
  endif()
endforeach()

if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.24)  # FIND_PACKAGE_ARGS
  set(recipe ${projects}/continuous_integration)
  run(${CMAKE_COMMAND} -S ${recipe} -B ${work}/recipe ${common} ${with_installed})
  run(${CMAKE_COMMAND} --build ${work}/recipe)
  run(${CMAKE_CTEST_COMMAND} --test-dir ${work}/recipe)
  if(NOT output MATCHES "100% tests passed, 0 tests failed out of 3")
    message(FATAL_ERROR "The tests of the recipe:\n${output}")
  endif()
  # What the checkers say of a broken operator, as the page quotes it.
  file(COPY ${recipe} DESTINATION ${work}/broken)
  file(READ ${recipe}/own_operator.hpp operator)
  string(REPLACE "g(j) -= r(j)" "g(j) = -r(j)" operator "${operator}")
  file(WRITE ${work}/broken/continuous_integration/own_operator.hpp "${operator}")
  run(${CMAKE_COMMAND} -S ${work}/broken/continuous_integration -B ${work}/broken/build ${common} ${with_installed})
  run(${CMAKE_COMMAND} --build ${work}/broken/build)
  execute_process(COMMAND ${work}/broken/build/own_operator_test OUTPUT_VARIABLE output RESULT_VARIABLE result)
  file(READ ${SOURCE_DIR}/docs/own_operator_and_distance.md page)
  string(REGEX MATCH "run.cmake -->\n```text\n([^`]*)```" found "${page}")
  string(FIND "${output}" "${CMAKE_MATCH_1}" position)
  if(result EQUAL 0 OR position EQUAL -1)
    message(FATAL_ERROR "docs/own_operator_and_distance.md quotes something else than\n${output}")
  endif()
  run(${CMAKE_COMMAND} -S ${recipe} -B ${work}/fetched ${common} ${with_tree}
    -D FETCHCONTENT_SOURCE_DIR_MISFIT=${SOURCE_DIR})
endif()

file(MAKE_DIRECTORY ${work}/subdirectory)
file(COPY ${projects}/subdirectory/CMakeLists.txt ${projects}/linking/program.cpp DESTINATION ${work}/subdirectory)
file(CREATE_LINK ${SOURCE_DIR} ${work}/subdirectory/misfit SYMBOLIC)
run(${CMAKE_COMMAND} -S ${work}/subdirectory -B ${work}/subdirectory/build ${common} ${with_tree})
