# SPDX-License-Identifier: BSD-3-Clause
#
# Which formats misfit::io has: the options MISFIT_ENABLE_*, the libraries behind them, and
# misfit_io_headers without those of formats that are left out. (BART's needs no library.)

file(GLOB misfit_io_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/misfit/io/*.hpp)

# misfit_io_format(<package> <header> <what> <Debian's package> [<version>])
macro(misfit_io_format package header what debian)
  find_package(${package} ${ARGN} MODULE QUIET)
  option(MISFIT_ENABLE_${package} "${what}" ${${package}_FOUND})
  if(MISFIT_ENABLE_${package})
    find_package(${package} ${ARGN} MODULE REQUIRED)
    message(STATUS "${what}: yes (${${package}_LIBRARY})")
  else()
    message(STATUS "${what}: no (Debian: ${debian}; MISFIT_ENABLE_${package})")
    list(FILTER misfit_io_headers EXCLUDE REGEX "/io/(${header}).hpp$")
  endif()
endmacro()

misfit_io_format(HDF5 "checkpoint|solver_state" "Checkpoints" libhdf5-dev 1.10.7)
misfit_io_format(NIFTI nifti "NIfTI files" libnifti2-dev)
misfit_io_format(ISMRMRD ismrmrd "ISMRMRD files" libismrmrd-dev)
misfit_io_format(PNG png "PNG pictures" libpng-dev)
