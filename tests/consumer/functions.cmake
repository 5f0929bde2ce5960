# SPDX-License-Identifier: BSD-3-Clause
#
# What the tests of an installed misfit have in common. They are called with
#
# cmake -D BINARY_DIR=... -D SOURCE_DIR=... -D GENERATOR=... -D OPTIONS=... -D RUN=... -D FOURIER=... -D VERSION=...
set(ENV{CXXFLAGS})
set(ENV{CMAKE_BUILD_TYPE})
set(generator -G ${GENERATOR})

# run(<command>...): sets `output`; a command that fails is an error.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nexit: ${result}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# expect_failure(<command>...): the same of a command that must fail. CMake's breaks of lines are taken out.
function(expect_failure)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nought to fail, and does not:\n${output}")
  endif()
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect_output)
  foreach(line IN LISTS ARGN)
    string(FIND "${output}" "${line}" position)
    if(position EQUAL -1)
      message(FATAL_ERROR "The output\n${output}\nis without '${line}'")
    endif()
  endforeach()
endfunction()

# install_misfit(<name>): makes the folder `work` afresh, with misfit in its folder installed, and `with_installed`, the
# options that a project is configured with to find it.
macro(install_misfit name)
  set(work ${BINARY_DIR}/${name})
  file(REMOVE_RECURSE ${work})
  run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${work}/installed)
  set(with_installed -D misfit_ROOT=${work}/installed ${OPTIONS})
endmacro()

# run_consumers(<folder>): runs what tests/consumer/CMakeLists.txt has built there.
function(run_consumers build)
  run(${RUN} ${build}/files_consumer ${build}/k)
  expect_output("rank 0 reads 1 + 2i" "rank 1 reads 1 + 2i")
  run(${build}/version_consumer)
  expect_output("headers ${VERSION}" "misfit ${VERSION}" "Kokkos " "files: BART")
  if(FOURIER)
    run(${RUN} ${build}/fourier_consumer)
    expect_output("f = 48.000")
  endif()
endfunction()
