# Installs misfit into a fresh folder, then configures, builds and runs the consumer project against it.
#
# cmake -D BINARY_DIR=... -D SOURCE_DIR=... -D GENERATOR=... -D OPTIONS=... -D RUN=... -D FOURIER=... -P run.cmake
set(work ${BINARY_DIR}/consumer)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nexit: ${result}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${work}/installed)
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/consumer -B ${work}/build -G ${GENERATOR}
  -D misfit_ROOT=${work}/installed ${OPTIONS})
run(${CMAKE_COMMAND} --build ${work}/build)

function(expect_output)
  foreach(line IN LISTS ARGN)
    string(FIND "${output}" "${line}" position)
    if(position EQUAL -1)
      message(FATAL_ERROR "The program printed\n${output}\nwithout '${line}'")
    endif()
  endforeach()
endfunction()

run(${RUN} ${work}/build/consumer)
expect_output("step 0  f = 2.400000e+04" "step 1  f = " "step 2  f = ")
run(${RUN} ${work}/build/files_consumer ${work}/build/k)
expect_output("rank 0 reads 1 + 2i" "rank 1 reads 1 + 2i")
if(FOURIER)
  run(${RUN} ${work}/build/fourier_consumer)
  expect_output("f = 48.000")
endif()
