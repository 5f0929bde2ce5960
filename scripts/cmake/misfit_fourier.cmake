# SPDX-License-Identifier: BSD-3-Clause
#
# What misfit links for the Fourier operators beside misfit_dependencies.cmake: FFTW, and on NVIDIA's GPUs cuFFT.

misfit_find_dependency(FFTW3)
if(Kokkos_ENABLE_CUDA OR "CUDA" IN_LIST Kokkos_DEVICES)
  misfit_find_dependency(CUDAToolkit)
endif()
