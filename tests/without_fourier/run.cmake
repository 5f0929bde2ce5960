# Configures misfit without Fourier operators, installs its headers, and compiles those that users include.
#
# cmake -D BINARY_DIR=... -D SOURCE_DIR=... -D GENERATOR=... -D OPTIONS=... -P run.cmake
cmake_minimum_required(VERSION 3.23)
set(work ${BINARY_DIR}/without_fourier)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nexit: ${result}\n${output}")
  endif()
endfunction()

run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${work}/misfit -G ${GENERATOR} ${OPTIONS}
  -D MISFIT_ENABLE_FOURIER=OFF -D MISFIT_KOKKOS_VIEW_WORKS=TRUE
  -D MISFIT_BUILD_TESTS=OFF -D MISFIT_BUILD_EXAMPLES=OFF -D MISFIT_BUILD_BENCHMARKS=OFF)
run(${CMAKE_COMMAND} --install ${work}/misfit --component misfit_headers --prefix ${work}/installed)
file(GLOB_RECURSE headers RELATIVE ${work}/installed/include ${work}/installed/include/*.hpp)
foreach(header IN ITEMS misfit/misfit.hpp misfit/operators/phase_retrieval.hpp misfit/io/bart.hpp)
  if(NOT header IN_LIST headers)
    message(FATAL_ERROR "${header} is not installed")
  endif()
endforeach()
foreach(header IN ITEMS misfit/operators/fourier.hpp misfit/detail/fourier/fft_library.hpp)
  if(header IN_LIST headers)
    message(FATAL_ERROR "${header} is installed")
  endif()
endforeach()

run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/without_fourier -B ${work}/build -G ${GENERATOR} ${OPTIONS}
  -D MISFIT_SOURCE_DIR=${SOURCE_DIR} -D INSTALLED=${work}/installed -D CMAKE_BUILD_TYPE=None)
run(${CMAKE_COMMAND} --build ${work}/build)
