# SPDX-License-Identifier: BSD-3-Clause
#
# misfit_pkg_config(<library> <requires> <target>...): writes <library>.pc, for compilers and linkers that CMake does not
# call. It has what the library's users need of <target>..., and where the library is static all that it links.

# misfit_usage(<target or library>...): appends to `libraries`, `definitions`, `options`, `includes` and `link_options`
# what those need, each before what it needs itself.
macro(misfit_usage)
  foreach(item ${ARGN})
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" item "${item}")
    if(item MATCHES "^::@")  # CMake's mark of the folder that what follows was said in
      continue()
    endif()
    if(NOT TARGET "${item}")
      if(NOT item MATCHES "^[-/$]")
        set(item -l${item})
      endif()
      list(APPEND libraries "${item}")
      continue()
    endif()
    get_target_property(type ${item} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      list(APPEND libraries "$<TARGET_LINKER_FILE:${item}>")
    endif()
    foreach(pair definitions:COMPILE_DEFINITIONS options:COMPILE_OPTIONS includes:INCLUDE_DIRECTORIES link_options:LINK_OPTIONS)
      string(REGEX MATCH "(.*):(.*)" pair ${pair})
      get_target_property(value ${item} INTERFACE_${CMAKE_MATCH_2})
      if(value)
        list(APPEND ${CMAKE_MATCH_1} ${value})
      endif()
    endforeach()
    get_target_property(needs ${item} INTERFACE_LINK_LIBRARIES)
    if(needs)
      misfit_usage(${needs})
    endif()
  endforeach()
endmacro()

# misfit_whole(<variable>): CMake's lists take a generator expression with a semicolon in it, such as those of a Kokkos with
# CUDA, for several items; makes one of them again.
function(misfit_whole result)
  set(whole)
  set(begun "")
  foreach(item IN LISTS ${result})
    string(APPEND begun "${item}")
    string(REGEX MATCHALL "[$]<" opened "${begun}")
    string(REGEX MATCHALL ">" closed "${begun}")
    list(LENGTH opened opened)
    list(LENGTH closed closed)
    if(opened GREATER closed)
      string(APPEND begun "$<SEMICOLON>")
    else()
      list(APPEND whole "${begun}")
      set(begun "")
    endif()
  endforeach()
  set(${result} "${whole}" PARENT_SCOPE)
endfunction()

# misfit_flags(<variable> <prefix> <item>...): a line of the items, each once, the last of equal ones, and of C++ only.
function(misfit_flags result prefix)
  set(items ${ARGN})
  misfit_whole(items)
  list(REVERSE items)
  list(REMOVE_DUPLICATES items)
  list(REVERSE items)
  list(TRANSFORM items REPLACE "[$]<(COMPILE|LINK)_LANGUAGE:CXX>" "1")
  list(TRANSFORM items REPLACE "[$]<(COMPILE|LINK)_LANGUAGE:[^>]*>" "0")
  list(TRANSFORM items REPLACE "[$]<(COMPILE|LINK)_LANG_AND_ID:CXX," "$<CXX_COMPILER_ID:")
  list(TRANSFORM items REPLACE "[$]<(COMPILE|LINK)_LANG_AND_ID:[^>]*>" "0")
  list(TRANSFORM items REPLACE "SHELL:" "")
  set(flags)
  foreach(item IN LISTS items)
    string(APPEND flags "$<$<BOOL:${item}>: ${prefix}$<JOIN:${item}, ${prefix}>>")
  endforeach()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

function(misfit_pkg_config library requires)
  foreach(list libraries definitions options includes link_options)
    set(${list})
  endforeach()
  misfit_usage(${ARGN})
  get_target_property(own_definitions ${library} INTERFACE_COMPILE_DEFINITIONS)
  if(own_definitions)
    list(APPEND definitions ${own_definitions})
  endif()
  list(REMOVE_ITEM includes /usr/include)
  misfit_flags(cflags -D ${definitions})
  misfit_flags(more_cflags "" ${options})
  misfit_flags(folders "-isystem " ${includes})
  get_target_property(type ${library} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    get_target_property(linked ${library} LINK_LIBRARIES)
    list(REMOVE_ITEM linked misfit)
    misfit_usage(${linked})
  endif()
  misfit_flags(libs "" ${libraries} ${link_options})
  file(RELATIVE_PATH up ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  if(requires)
    set(requires "\nRequires: ${requires}")
  endif()
  string(REGEX REPLACE "/$" "" up ${up})
  foreach(folder IN ITEMS LIBDIR INCLUDEDIR)  # which may lie outside of the prefix
    set(${folder} ${CMAKE_INSTALL_${folder}})
    if(NOT IS_ABSOLUTE "${${folder}}")
      string(PREPEND ${folder} "\${prefix}/")
    endif()
  endforeach()
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/pkgconfig/$<CONFIG>/${library}.pc CONTENT
"prefix=\${pcfiledir}/${up}
libdir=${LIBDIR}
includedir=${INCLUDEDIR}

Name: ${library}
Description: ${PROJECT_DESCRIPTION}
Version: ${PROJECT_VERSION}${requires}
Cflags: -I\${includedir}${cflags}${more_cflags}${folders}
Libs: -L\${libdir} -l${library}${libs}
")
endfunction()
