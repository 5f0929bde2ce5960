# SPDX-License-Identifier: BSD-3-Clause
#
# misfit is made of templates, which the programs that use it compile: without optimisation they take
# about four times as long. misfit_check_build_type() warns, once, where nobody has decided: no build type,
# and no -O among the flags. It looks at the end of the folder, for the build type may be set below.

function(misfit_check_build_type)
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT multi_config)
    cmake_language(DEFER CALL misfit_warn_of_no_build_type)
  endif()
endfunction()

function(misfit_warn_of_no_build_type)
  get_property(warned GLOBAL PROPERTY misfit_warned_of_no_build_type)
  get_property(options DIRECTORY PROPERTY COMPILE_OPTIONS)
  if(warned OR CMAKE_BUILD_TYPE OR "${CMAKE_CXX_FLAGS};${options}" MATCHES "(^|[ ;:])-O")
    return()
  endif()
  set_property(GLOBAL PROPERTY misfit_warned_of_no_build_type TRUE)
  message(WARNING
    "misfit: CMAKE_BUILD_TYPE is not set: this project is compiled without optimisation, and what uses "
    "misfit is about 4 times slower. Configure with -DCMAKE_BUILD_TYPE=Release; or, if this is meant, "
    "with -DCMAKE_BUILD_TYPE=None.")
endfunction()
