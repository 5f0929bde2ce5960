# SPDX-License-Identifier: BSD-3-Clause
#
# A Kokkos of the user's own, in a prefix of its own: misfit's own build takes it by Kokkos_ROOT; programs get it from the
# installed misfit that was built with it, without a word, or name it themselves. It stands in for one: it is the
# Kokkos of this build under another name, with flags such as those of Kokkos's OpenMP backend, so nothing is built twice.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
install_misfit(consumer_own_kokkos)

set(prefix ${work}/kokkos)
foreach(package IN ITEMS Kokkos KokkosKernels)
  string(REGEX MATCH "-D${package}_DIR=([^;]*)" found "${OPTIONS}")
  set(dir ${CMAKE_MATCH_1})
  set(own ${prefix}/lib/cmake/${package})
  file(WRITE ${own}/${package}Config.cmake "include(${dir}/${package}Config.cmake)
add_library(own_${package} INTERFACE IMPORTED)
set_target_properties(own_${package} PROPERTIES
  INTERFACE_COMPILE_DEFINITIONS OWN_${package}
  INTERFACE_COMPILE_OPTIONS \"$<$<COMPILE_LANGUAGE:CXX>:-DOWN_OPTION>;$<$<COMPILE_LANG_AND_ID:CUDA,NVIDIA>:SHELL:-Xcompiler -no>\"
  INTERFACE_LINK_LIBRARIES \"\$<LINK_ONLY:m>\")
list(APPEND ${package}_LIBRARIES own_${package})
foreach(name IN ITEMS Kokkos::kokkos KokkosKernels::all_libs)
  if(TARGET \${name})
    set_property(TARGET \${name} APPEND PROPERTY INTERFACE_LINK_LIBRARIES own_${package})
  endif()
endforeach()
")
  if(EXISTS ${dir}/${package}ConfigVersion.cmake)
    configure_file(${dir}/${package}ConfigVersion.cmake ${own}/${package}ConfigVersion.cmake COPYONLY)
  endif()
endforeach()
list(FILTER with_installed EXCLUDE REGEX "Kokkos")
list(FILTER OPTIONS EXCLUDE REGEX "Kokkos")

# expect_own(<folder>): it was configured with the Kokkos in ${prefix}.
function(expect_own build)
  file(STRINGS ${build}/CMakeCache.txt lines REGEX "^Kokkos(Kernels)?_DIR:PATH=${prefix}/lib/cmake/Kokkos(Kernels)?$")
  list(LENGTH lines count)
  if(NOT count EQUAL 2)
    message(FATAL_ERROR "${build} is not configured with ${prefix}")
  endif()
endfunction()

run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${work}/misfit ${generator} ${OPTIONS} -D CMAKE_PREFIX_PATH=${prefix}
  -D MISFIT_KOKKOS_VIEW_WORKS=TRUE -D CMAKE_BUILD_TYPE=None
  -D MISFIT_BUILD_TESTS=OFF -D MISFIT_BUILD_EXAMPLES=OFF -D MISFIT_BUILD_BENCHMARKS=OFF)
expect_own(${work}/misfit)
file(GLOB pc ${work}/misfit/pkgconfig/*/misfit.pc)
file(READ ${pc} output)
expect_output(" -DOWN_Kokkos" " -DOWN_OPTION" " -lm")
if(output MATCHES "[$]<|Xcompiler|SHELL|LINK_ONLY")
  message(FATAL_ERROR "misfit.pc has words of CMake's:\n${output}")
endif()

# The package of that misfit, with the libraries of this one.
configure_file(${work}/misfit/misfitConfig.cmake ${work}/installed/lib/cmake/misfit/misfitConfig.cmake COPYONLY)
set(consumer -S ${SOURCE_DIR}/tests/consumer ${generator} ${with_installed} -D CMAKE_BUILD_TYPE=None)
run(${CMAKE_COMMAND} ${consumer} -B ${work}/without_a_word)
expect_own(${work}/without_a_word)
run(${CMAKE_COMMAND} ${consumer} -B ${work}/by_name -D Kokkos_ROOT=${prefix} -D KokkosKernels_ROOT=${prefix}
  -D CMAKE_EXPORT_COMPILE_COMMANDS=ON)
expect_own(${work}/by_name)
file(READ ${work}/by_name/compile_commands.json output)
expect_output(" -DOWN_Kokkos" " -DOWN_OPTION")
run(${CMAKE_COMMAND} --build ${work}/by_name --target version_consumer)
run(${work}/by_name/version_consumer)
expect_output("misfit ${VERSION}")
