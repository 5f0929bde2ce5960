# SPDX-License-Identifier: BSD-3-Clause
#
# What misfit links for the Fourier operators beside misfit_dependencies.cmake: FFTW, on NVIDIA's GPUs cuFFT, on AMD's
# rocFFT.

misfit_find_dependency(FFTW3 MODULE)
if(Kokkos_ENABLE_CUDA OR "CUDA" IN_LIST Kokkos_DEVICES)
  misfit_find_dependency(CUDAToolkit)
endif()
if(Kokkos_ENABLE_HIP OR "HIP" IN_LIST Kokkos_DEVICES)
  misfit_find_dependency(rocfft CONFIG)
endif()
