module purge
module load gcc openmpi cuda fftw
export MISFIT_GPU_AWARE_MPI=1  # only if this MPI reads device memory
