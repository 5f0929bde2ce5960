# SPDX-License-Identifier: BSD-3-Clause
#
# Whether misfit compiles for AMD's GPUs, as far as that can be told without one and without ROCm: clang reads programs
# as HIP, for host and device, with the headers of HIP, those of Kokkos 3.4 told that the backend is on, and a stand-in
# for rocFFT's. Nothing is linked, and nothing runs.
#
# cmake -D BINARY_DIR=... -D SOURCE_DIR=... -D KOKKOS=... -D MPI=... -P run.cmake
cmake_minimum_required(VERSION 3.23)
find_program(clang NAMES clang++-19 clang++-18 clang++-17)
if(NOT clang OR NOT EXISTS /usr/include/hip/hip_runtime.h OR NOT EXISTS ${KOKKOS}/KokkosCore_Config_FwdBackend.hpp)
  message("skipped: needs clang++-19, the headers of HIP (Debian 12: libamdhip64-dev) and those of Kokkos 3.4")
  return()
endif()

set(kokkos ${BINARY_DIR}/hip/kokkos)
file(REMOVE_RECURSE ${kokkos})
file(MAKE_DIRECTORY ${BINARY_DIR}/hip)
execute_process(COMMAND cp -rs ${KOKKOS} ${kokkos} COMMAND_ERROR_IS_FATAL ANY)

# change(<header> <before> <after>): in a copy of this header of Kokkos.
function(change header before after)
  file(READ ${KOKKOS}/${header} text)
  if(NOT text MATCHES "${before}")
    message(FATAL_ERROR "${KOKKOS}/${header} has no ${before}")
  endif()
  string(REGEX REPLACE "${before}" "${after}" text "${text}")
  file(REMOVE ${kokkos}/${header})
  file(WRITE ${kokkos}/${header} "${text}")
endfunction()
change(KokkosCore_config.h "/. #undef KOKKOS_ENABLE_HIP ./"
  "#define KOKKOS_ENABLE_HIP\n#define KOKKOS_ARCH_HIP\n#define KOKKOS_ARCH_VEGA\n#define KOKKOS_ARCH_VEGA90A")
change(KokkosCore_Config_FwdBackend.hpp "#include <fwd/Kokkos_Fwd_SERIAL.hpp>" "\\0\n#include <fwd/Kokkos_Fwd_HIP.hpp>")
change(KokkosCore_Config_DeclareBackend.hpp "#include <decl/Kokkos_Declare_SERIAL.hpp>"
  "\\0\n#include <decl/Kokkos_Declare_HIP.hpp>")
change(KokkosCore_Config_SetupBackend.hpp "#define KOKKOS_SETUP_HPP_" "\\0\n#include <setup/Kokkos_Setup_HIP.hpp>")

execute_process(COMMAND ${clang} -print-resource-dir OUTPUT_VARIABLE resources OUTPUT_STRIP_TRAILING_WHITESPACE)
set(folders -I ${SOURCE_DIR}/include -I ${BINARY_DIR}/include -I ${SOURCE_DIR}/tests/hip -isystem ${kokkos})
foreach(folder IN LISTS MPI)
  list(APPEND folders -isystem ${folder})
endforeach()
foreach(source IN ITEMS core/fourier/rocfft_plan.cpp tests/consumer/fourier.cpp)
  execute_process(COMMAND ${clang} -x hip --offload-arch=gfx90a --rocm-path=/usr -nogpulib -D __HIP_PLATFORM_AMD__
    -idirafter ${resources} -std=c++20 -w -fsyntax-only -D MISFIT_FOURIER ${folders} ${SOURCE_DIR}/${source}
    RESULT_VARIABLE result ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${source} does not compile as HIP:\n${output}")
  endif()
endforeach()
