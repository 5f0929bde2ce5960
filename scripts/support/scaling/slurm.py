# SPDX-License-Identifier: BSD-3-Clause
"""Job scripts of the study for a machine with Slurm, and the reading of what the jobs left."""

import json
import pathlib

import cases
import figures
import numpex
from bad_input import BadInput
from platforms import SHIPPED
from programs import PROGRAM

JOB = """#!/usr/bin/env bash
{directives}
# Here stands what this machine needs first, such as loading modules (--prologue FILE).
{prologue}
set -euo pipefail
# Of no effect where misfit is built without threads.
export OMP_NUM_THREADS=1 OMP_PROC_BIND=${{OMP_PROC_BIND:-false}}
# Where misfit is built; may be set from outside.
program=${{MISFIT_SCALING_BENCHMARK:-{program}}}
srun "$program" \\
  {options} \\
  --benchmark_out={result}.part --benchmark_out_format=json
mv {result}.part {result}
"""

# In the strong series, where ranks are to have one each as long as one rank can take them in minutes.
MOST_OPERATORS = 64

SUBMIT = """#!/usr/bin/env bash
# Submits all jobs of this study.
set -euo pipefail
cd "$(dirname "${{BASH_SOURCE[0]}}")"
{lines}
"""


def planned_runs(asked):
    """For a real machine, whatever this one has."""
    most = asked.ranks or 64
    if asked.case == "numpex":
        return numpex.runs("measured", asked.quick, most, float("inf"))[0]
    return cases.measured_runs(asked.families, asked.quick, most, min(most, MOST_OPERATORS))


def directives(asked, run):
    ranks_per_node = asked.ranks_per_node or 1
    nodes = -(-run.ranks // ranks_per_node)
    values = {"job-name": f"misfit-{run.ranks}", "nodes": nodes, "ntasks": run.ranks,
              "ntasks-per-node": min(run.ranks, ranks_per_node), "gpus-per-node": asked.gpus_per_node,
              "time": asked.time or "00:30:00", "account": asked.account, "partition": asked.partition,
              "output": "%x.%j.log", "exclusive": True}
    return "\n".join(f"#SBATCH --{name}" + ("" if value is True else f"={value}")
                     for name, value in values.items() if value)


def write(asked):
    folder = pathlib.Path(asked.slurm).absolute()
    if (folder / "study.json").exists():
        raise BadInput(f"--slurm: {asked.slurm} holds a study already; give another folder, or remove it")
    prologue = ""
    if asked.prologue:
        try:
            prologue = pathlib.Path(asked.prologue).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise BadInput(f"--prologue: {asked.prologue} cannot be read: "
                           f"{getattr(error, 'strerror', None) or error}") from error
    folder.mkdir(parents=True, exist_ok=True)
    program = SHIPPED.parents[1] / "build/release" / PROGRAM
    jobs = []
    for number, run in enumerate(planned_runs(asked)):
        name = f"{number:02}-{run.ranks}-ranks"
        options = [f"--rounds={run.rounds}", *(f"--case={case}" for case in run.cases)]
        text = JOB.format(directives=directives(asked, run), prologue=prologue, program=program,
                          options=" \\\n  ".join(options), result=f"{name}.json")
        (folder / f"{name}.sh").write_text(text, encoding="utf-8")
        jobs.append({"script": f"{name}.sh", "result": f"{name}.json", "ranks": run.ranks, "cases": list(run.cases)})
    submit = folder / "submit"
    submit.write_text(SUBMIT.format(lines="\n".join(f"sbatch {job['script']}" for job in jobs)), encoding="utf-8")
    submit.chmod(0o755)
    plan = {"case": asked.case, "options": asked.said, "jobs": jobs}
    (folder / "study.json").write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")
    print(f"{len(jobs)} job scripts are in {folder}. Build there (cmake --preset release), look at one, and start "
          f"{submit}; when they have ended: scripts/scaling_study --collect {asked.slurm}")


def collect(folder):
    """What the jobs left, and which case it is."""
    folder = pathlib.Path(folder)
    try:
        plan = json.loads((folder / "study.json").read_text(encoding="utf-8"))
        jobs = [(str(job["result"]), job["ranks"], list(map(str, job["cases"]))) for job in plan["jobs"]]
        case = plan["case"]
        if not jobs:
            raise ValueError("no jobs")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"--collect: {folder} is no folder that --slurm wrote: its study.json cannot be read: "
                       f"{getattr(error, 'strerror', None) or error}") from error
    missing = [name for name, _, _ in jobs if not (folder / name).is_file()]
    if missing:
        raise BadInput(f"--collect: {folder} lacks {' '.join(missing)}: of {len(jobs)} jobs {len(missing)} have not "
                       "ended well; look at their logs, and submit them again")
    runs = []
    for name, ranks, expected in jobs:
        try:
            results = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadInput(f"--collect: {folder / name}: no results of scaling_benchmark: {error}") from error
        figures.require(results, expected, f"--collect: {folder / name}")
        if results["context"].get("mpi_ranks") != str(ranks):
            raise BadInput(f"--collect: {folder / name}: is of {results['context'].get('mpi_ranks')} ranks, not of "
                           f"{ranks}: were the ranks started as one job?")
        runs.append({"kind": "measured", "ranks": ranks, "threads": 1, "platform": None, "results": results})
    return runs, case
