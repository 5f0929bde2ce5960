#error "a header of misfit without Fourier operators includes FFTW"
