# SPDX-License-Identifier: BSD-3-Clause

# misfit_leave_out_headers(<list> <library's header>...): takes those out of the list of misfit's headers
# that include one of the library's, directly or through others. misfit.hpp stays: it includes all, but
# these only where they are.
function(misfit_leave_out_headers list)
  set(left_out ${ARGN})
  set(kept ${${list}})
  set(before)
  while(NOT "${kept}" STREQUAL "${before}")
    set(before ${kept})
    foreach(header IN LISTS before)
      string(REGEX REPLACE "^.*/include/(misfit/)" "\\1" name ${header})
      file(STRINGS ${header} includes REGEX "^#include <")
      list(TRANSFORM includes REPLACE "^#include <([^>]*)>.*" "\\1")
      foreach(include IN LISTS includes)
        if(include IN_LIST left_out AND NOT name STREQUAL "misfit/misfit.hpp")
          list(REMOVE_ITEM kept ${header})
          list(APPEND left_out ${name})
          break()
        endif()
      endforeach()
    endforeach()
  endwhile()
  set(${list} ${kept} PARENT_SCOPE)
endfunction()
