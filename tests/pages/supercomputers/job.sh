#!/usr/bin/env bash
#SBATCH --account=me
#SBATCH --qos=debug
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=8
#SBATCH --exclusive
#SBATCH --time=30
set -euo pipefail
source prologue.sh
export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK OMP_PROC_BIND=close OMP_PLACES=cores
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" --cpu-bind=cores \
  build/program --kokkos-map-device-id-by=mpi_rank
