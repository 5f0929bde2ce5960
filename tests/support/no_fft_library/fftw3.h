#error "a header of misfit includes FFTW"
