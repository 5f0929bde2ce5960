#error "a header of misfit includes cuFFT"
