# SPDX-License-Identifier: BSD-3-Clause

# Stops the configuration if a default-constructed Kokkos::View crashes when it is destroyed, as it
# does with Kokkos 4.5 and 4.6 and g++ 12.2 to 12.4 (github.com/kokkos/kokkos, pull request 8223).
# Wrong code that the compiler makes cannot be recognised by version numbers alone, so a program is run;
# what SimGrid's smpicxx makes does not run by itself.
function(misfit_check_kokkos_view)
  if(CMAKE_CROSSCOMPILING OR Kokkos_ENABLE_CUDA OR Kokkos_ENABLE_HIP OR Kokkos_ENABLE_SYCL
      OR CMAKE_CXX_COMPILER MATCHES "smpicxx$" OR DEFINED MISFIT_KOKKOS_VIEW_WORKS)
    return()
  endif()
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/check_kokkos_view)
  file(WRITE ${dir}/main.cpp
"#include <Kokkos_Core.hpp>
struct Owner {
  Kokkos::View<double*> one;
  Kokkos::View<const float**, Kokkos::LayoutRight> two;
};
int main() {
  Owner a;
  Owner b = a;
  a = Owner{};
  return b.one.data() == nullptr && a.two.data() == nullptr ? 0 : 1;
}
")
  message(STATUS "Check that a default-constructed Kokkos::View works")
  set(CMAKE_TRY_COMPILE_CONFIGURATION Release)
  try_compile(compiled ${dir}/build ${dir}/main.cpp
    LINK_LIBRARIES Kokkos::kokkos
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    OUTPUT_VARIABLE output
    COPY_FILE ${dir}/check_kokkos_view)
  if(NOT compiled)
    message(FATAL_ERROR "A small program with Kokkos does not compile:\n${output}")
  endif()
  execute_process(COMMAND ${dir}/check_kokkos_view RESULT_VARIABLE result
    OUTPUT_QUIET ERROR_QUIET TIMEOUT 60)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR
      "Kokkos ${Kokkos_VERSION} in ${Kokkos_DIR} and the compiler ${CMAKE_CXX_COMPILER_ID} "
      "${CMAKE_CXX_COMPILER_VERSION} make programs that crash: a default-constructed Kokkos::View "
      "cannot be destroyed (exit: ${result}). This is a known fault of Kokkos 4.5 and 4.6 with g++ "
      "12.2 to 12.4. Use clang or another g++ (-DCMAKE_CXX_COMPILER=...), or Kokkos up to 4.4 or from "
      "4.7 on (-DKokkos_ROOT=...).")
  endif()
  set(MISFIT_KOKKOS_VIEW_WORKS TRUE CACHE INTERNAL "A default-constructed Kokkos::View works")
endfunction()
