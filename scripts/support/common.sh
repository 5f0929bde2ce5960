# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Sourced by the scripts in the folder above.

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# nproc takes OMP_NUM_THREADS for the number of cores.
visible_cores() {
  env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc
}

# Of these as many as a container may keep busy.
allowed_cores() {
  local cores quota period
  cores=$(visible_cores)
  if read -r quota period 2>/dev/null </sys/fs/cgroup/cpu.max && [[ $quota != max ]]; then
    quota=$(( (quota + period - 1) / period ))
    (( quota >= cores )) || cores=$quota
  fi
  echo "$cores"
}

# Of these no hardware threads, which MPI does not count as places for ranks.
usable_cores() {
  local cores physical
  cores=$(allowed_cores)
  physical=$(lscpu --parse=CPU,CORE,SOCKET 2>/dev/null |
    awk -F, -v allowed="$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)" '
      BEGIN {
        parts = split(allowed, part, ",")
        for (k = 1; k <= parts; ++k) {
          ends = split(part[k], end, "-")
          for (cpu = end[1] + 0; cpu <= end[ends] + 0; ++cpu) may[cpu] = 1
        }
      }
      /^[0-9]/ && may[$1 + 0] && !seen[$2, $3]++ { ++cores }
      END { print cores + 0 }') || physical=0
  (( physical == 0 || physical >= cores )) || cores=$physical
  echo "$cores"
}

# Open MPI refuses to run as root unless told twice. One thread a rank, unless the caller wants more.
set_mpi_environment() {
  if (( $(id -u) == 0 )); then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OMP_PROC_BIND=${OMP_PROC_BIND:-false}
  if [[ $OMP_NUM_THREADS != 1 ]]; then  # Open MPI, 4 and 5, would bind all threads of a rank to one core
    export OMPI_MCA_hwloc_base_binding_policy=${OMPI_MCA_hwloc_base_binding_policy:-none}
    export PRTE_MCA_hwloc_default_binding_policy=${PRTE_MCA_hwloc_default_binding_policy:-none}
  fi
}

# Sets ranks: "$1", or by default the cores "$2", at most 8; more than the cores only if "$3" is true.
# shellcheck disable=SC2034  # ranks is the caller's
choose_ranks() {
  if [[ ! $1 ]]; then
    ranks=$(( $2 < 8 ? $2 : 8 ))
  elif [[ ! $1 =~ ^[1-9][0-9]{0,4}$ ]]; then
    fail "--ranks: a number from 1 on, not \"$1\""
  elif (( $1 > $2 )) && ! $3; then
    fail "--ranks: $1 is more than the $2 cores of this machine; --oversubscribe allows it"
  fi
}

# By the names that Open MPI 4 and 5 know.
allow_oversubscription() {
  export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
}

# Sets mpiexec and count_flag to what CMake has found.
find_mpiexec() {
  mpiexec=$(sed -n 's/^MPIEXEC_EXECUTABLE:[^=]*=//p' build/release/CMakeCache.txt)
  count_flag=$(sed -n 's/^MPIEXEC_NUMPROC_FLAG:[^=]*=//p' build/release/CMakeCache.txt)
  mpiexec=${mpiexec:-mpiexec} count_flag=${count_flag:--n}
}

# Prints a Python, 3.9 or later, that can import the modules in "$1", a list with commas.
find_python() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c "import sys${1:+, $1}; assert sys.version_info >= (3, 9)" 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

# The KiB of memory that are free, and that a container may still take.
free_memory() {
  local most held there
  there=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
  if read -r most 2>/dev/null </sys/fs/cgroup/memory.max && [[ $most != max ]]; then
    # What it holds of files that nobody has read of late it gives back.
    held=$(awk 'NR == FNR { held = $1; next } $1 == "inactive_file" { held -= $2 } END { printf "%.0f", held }' \
      /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory.stat)
    (( there < (most - held) / 1024 )) || there=$(( (most - held) / 1024 ))
  fi
  echo "$there"
}

# Configures build/PRESET with the preset "$1", and builds there the targets that follow, or all.
build_preset() {
  local jobs
  command -v cmake >/dev/null || fail "cmake is not installed"
  cmake --preset "$1" || return
  # A compiler process takes up to 2 GiB.
  jobs=$(( $(free_memory) / 2097152 ))
  (( jobs < $(allowed_cores) )) || jobs=$(allowed_cores)
  (( jobs > 0 )) || jobs=1
  cmake --build --preset "$1" --parallel "$jobs" ${2:+--target "${@:2}"}
}
