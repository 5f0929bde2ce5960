# SPDX-License-Identifier: BSD-3-Clause
#
# find_package(misfit): versions, components, what it says where it finds none, and that it leaves no setting behind.
include(${CMAKE_CURRENT_LIST_DIR}/functions.cmake)
install_misfit(consumer_find_package)

set(project ${generator} ${with_installed} -D CMAKE_BUILD_TYPE=Release -S ${SOURCE_DIR}/tests/consumer/find_package)
run(${CMAKE_COMMAND} ${project} -B ${work}/build -D VERSION=${VERSION} -D FOURIER=${FOURIER})

# As docs/packages.md shows it.
file(STRINGS ${SOURCE_DIR}/docs/packages.md sentence REGEX "^the misfit in .* has no component")
string(REPLACE "/opt/misfit" "${work}/installed" sentence "${sentence}")
string(REPLACE "fourier" "wavelets" sentence "${sentence}")
string(REGEX REPLACE "io, tao, rol, nlopt$" "" sentence "${sentence}")
expect_failure(${CMAKE_COMMAND} ${project} -B ${work}/no_component -D "ARGUMENTS=0.1 REQUIRED COMPONENTS io wavelets")
expect_output("${sentence}")
expect_failure(${CMAKE_COMMAND} ${project} -B ${work}/no_version -D "ARGUMENTS=0.2 REQUIRED")
expect_output("compatible with requested version \"0.2\"" "${work}/installed/lib" "version: ${VERSION}")

# A format that misfit::io was built with, and whose library is gone.
file(READ ${work}/installed/lib/cmake/misfit/misfitConfig.cmake config)
if(config MATCHES "set.misfit_PNG (ON|TRUE|1)" AND EXISTS ${work}/installed/lib/libmisfit_io.a)
  expect_failure(${CMAKE_COMMAND} ${project} -B ${work}/no_png -D CMAKE_DISABLE_FIND_PACKAGE_PNG=ON
    -D "ARGUMENTS=REQUIRED COMPONENTS io")
  expect_output("the component 'io' of the misfit in ${work}/installed needs what is not found here: PNG")
  run(${CMAKE_COMMAND} ${project} -B ${work}/no_png -D "ARGUMENTS=REQUIRED")  # misfit::misfit does not need it
endif()

# An optimiser that is not found here.
expect_failure(${CMAKE_COMMAND} ${project} -B ${work}/no_petsc -D CMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON
  -D "ARGUMENTS=REQUIRED COMPONENTS tao")
expect_output("the component 'tao' of the misfit in ${work}/installed needs what is not found here: a PETSc")
run(${CMAKE_COMMAND} ${project} -B ${work}/no_petsc -D CMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON
  -D "ARGUMENTS=REQUIRED OPTIONAL_COMPONENTS tao")

# Whoever can do without misfit goes on as before.
run(${CMAKE_COMMAND} ${project} -B ${work}/no_kokkos -D CMAKE_DISABLE_FIND_PACKAGE_Kokkos=ON -D "ARGUMENTS=QUIET")

# The CMake files say where the misfit that they belong to was built with another Kokkos than the project finds.
string(REGEX REPLACE "Kokkos_VERSION VERSION_EQUAL \"[^\"]*\"" "Kokkos_VERSION VERSION_EQUAL \"99.1\"" config "${config}")
file(WRITE ${work}/installed/lib/cmake/misfit/misfitConfig.cmake "${config}")
string(REGEX MATCH "-DKokkos_DIR=([^;]*)" found "${OPTIONS}")
file(WRITE ${work}/kokkos/KokkosConfig.cmake "set(PACKAGE_PREFIX_DIR /of/kokkos)
include(${CMAKE_MATCH_1}/KokkosConfig.cmake)
")
file(COPY ${CMAKE_MATCH_1}/KokkosConfigVersion.cmake DESTINATION ${work}/kokkos)
expect_failure(${CMAKE_COMMAND} ${project} -B ${work}/other_kokkos -D Kokkos_DIR=${work}/kokkos -D "ARGUMENTS=REQUIRED")
expect_output("the misfit in ${work}/installed was built with Kokkos" "and this project found Kokkos ")
