# SPDX-License-Identifier: BSD-3-Clause
"""print_lines.py FILE: the RESULT lines of what one run of misfit-study wrote (--benchmark_out), for those that start
it themselves, as ReFrame and Ramble do."""

import json
import pathlib
import sys

import figures
import result_lines
from bad_input import BadInput

ON_HOST = ("OpenMP", "Threads")  # with threads of the host


def points(path):
    try:
        results = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    figures.benchmarks_of(results, path)
    context = results["context"]
    threads = context.get("kokkos_concurrency", 1) if context.get("kokkos_execution_space") in ON_HOST else 1
    simulated = context.get("simulated") == "yes"
    try:
        return figures.points([{"kind": "simulated" if simulated else "measured", "platform": None, "results": results,
                                "ranks": int(context["mpi_ranks"]), "threads": int(threads)}])
    except (KeyError, ValueError) as error:
        raise BadInput(f"{path}: these are no results of misfit-study: {error}") from error


if __name__ == "__main__":
    try:
        if len(sys.argv) != 2:
            raise BadInput("names one file, which --benchmark_out of misfit-study wrote")
        result_lines.show(points(sys.argv[1]))
    except BadInput as error:
        print(f"print_lines: {error}", file=sys.stderr)
        sys.exit(1)
