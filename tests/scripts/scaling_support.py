# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of scripts/scaling_study have in common."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / "scripts/support/scaling"
sys.path.insert(0, str(FOLDER))


def call(*arguments, cores=2, **options):
    """The Python side of the script."""
    return subprocess.run([sys.executable, "-B", FOLDER, "--cores", str(cores), *map(str, arguments)],
                          capture_output=True, text=True, check=False, timeout=60, **options)


def benchmark(name, **counters):
    """What misfit-study writes of a case, on one rank if nothing else is said."""
    usual = {"ms": 8.0, "ms_low": 7.0, "ms_high": 9.0, "compute_ms": 6.0, "compute_ms_mean": 5.0, "wait_ms": 2.0,
             "wait_ms_mean": 1.0, "communicate_ms": 2.0, "communicate_ms_mean": 2.0, "load_balance": 0.8, "operators": 4,
             "operators_most": 2, "mpi_calls": 2, "mpi_calls_mean": 2, "mpi_bytes": 1000, "mpi_bytes_mean": 1000,
             "reduced_bytes": 800, "exchanged_bytes": 0, "work": 1e6, "work_rate": 1e9, "planned_bytes": 1000,
             "held_bytes": 1000, "operator_bytes": 500}
    return {"name": f"{name}/iterations:9/manual_time", "real_time": 1.0, **usual, **counters}


def results(*benchmarks, ranks=1, **context):
    return {"context": {"mpi_ranks": str(ranks), "mpi_nodes": "1", "mpi_ranks_per_node": str(ranks),
                        "git_revision": "unknown", "kokkos_version": "3.4.1", "kokkos_execution_space": "Serial",
                        "kokkos_concurrency": "1", "compiler": "GNU", "mpi_library": "Open MPI", **context},
            "benchmarks": list(benchmarks)}


def run(kind, ranks, *benchmarks, threads=1, platform=None):
    return {"kind": kind, "ranks": ranks, "threads": threads, "platform": platform,
            "results": results(*benchmarks, ranks=ranks)}
