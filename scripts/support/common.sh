# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Sourced by scripts/run and scripts/test.

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# nproc takes OMP_NUM_THREADS for the number of cores.
visible_cores() {
  env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc
}

# The cores that this process may use: no hardware threads, which MPI does not count as places for ranks.
usable_cores() {
  local cores physical quota period
  cores=$(visible_cores)
  physical=$(lscpu --parse=CORE,SOCKET 2>/dev/null | grep '^[0-9]' | sort -u | wc -l) || physical=0
  (( physical == 0 || physical >= cores )) || cores=$physical
  # A container may be allowed less time than it sees cores.
  if read -r quota period 2>/dev/null </sys/fs/cgroup/cpu.max && [[ $quota != max ]]; then
    quota=$(( (quota + period - 1) / period ))
    (( quota >= cores )) || cores=$quota
  fi
  echo "$cores"
}

# Open MPI refuses to run as root unless told twice.
set_mpi_environment() {
  if (( $(id -u) == 0 )); then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OMP_PROC_BIND=${OMP_PROC_BIND:-false}
}

# Configures build/release, and builds there the targets that are named, or all.
build_release() {
  local jobs
  command -v cmake >/dev/null || fail "cmake is not installed"
  cmake --preset release || return
  # A compiler process takes up to 1.5 GiB.
  jobs=$(awk '/^MemAvailable/ { print int($2 / 1572864) }' /proc/meminfo)
  (( jobs < $(visible_cores) )) || jobs=$(visible_cores)
  (( jobs > 0 )) || jobs=1
  cmake --build --preset release --parallel "$jobs" ${1:+--target "$@"}
}
