# SPDX-License-Identifier: BSD-3-Clause
"""How misfit scales, for Ramble and Benchpark: scripts/benchpark/README.md."""

from ramble.appkit import (ExecutableApplication, executable, figure_of_merit, success_criteria, tags, workload,
                           workload_variable)

# The line that the study prints of every point.
RESULT = r"^RESULT (?:\S+ )*{name}=(?P<{name}>[0-9.]+)(?= |$)"

WORKLOADS = ["strong", "weak", "throughput"]

VARIABLES = {"misfit_root": ("$MISFIT_ROOT", "where misfit is, and was built"),
             "program": ("{misfit_root}/build/release/study/misfit-study", "what is timed"),
             "family": ("mask", "operators: mask, dense, sparse, blur, downsampled_blur, fourier or radon"),
             "operators": ("16", "their number, in a weak series of each rank"),
             "size": ("262144", "of an operator"),
             "call": ("fn_and_grad", "fn, grad or fn_and_grad"),
             "form": ("replicated", "replicated, split, slabs or members_of_N"),
             "rounds": ("21", "of which the median is taken")}

UNITS = {"ms": "ms", "low": "ms", "high": "ms", "ranks": "", "threads": "", "nodes": ""}

CASE = "{program} --case={family}/%s/{operators}/{size}/{call}/{form} --rounds={rounds}"
OUTPUT = "--benchmark_out={experiment_run_dir}/result.json --benchmark_out_format=json --benchmark_color=false"
LINES = "python3 -B {misfit_root}/scripts/support/scaling/print_lines.py {experiment_run_dir}/result.json"
LOG = "{experiment_run_dir}/{experiment_name}.out"


class Misfit(ExecutableApplication):
    """One call of misfit, f(x) = sum R_i d_i(A_i x, y_i) or its gradient, on many ranks."""

    name = "misfit"

    tags("inverse-problems", "mpi", "network-collectives", "c++", "kokkos")

    executable("lines", LINES)
    for series in WORKLOADS:
        executable(series, f"{CASE % series} {OUTPUT}", use_mpi=True)
        workload(series, executables=[series, "lines"])

    for variable, (value, description) in VARIABLES.items():
        workload_variable(variable, default=value, description=description, workloads=WORKLOADS)

    for figure, unit in UNITS.items():
        figure_of_merit(figure, fom_regex=RESULT.format(name=figure), group_name=figure, units=unit, log_file=LOG)

    success_criteria("a result", mode="string", match=r"^RESULT case=\S+ ranks=", file=LOG)
