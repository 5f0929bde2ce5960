# SPDX-License-Identifier: BSD-3-Clause
"""Plans the jobs of the study for a machine with Slurm, and writes their scripts."""

import dataclasses
import json
import pathlib

import cases
import job_scripts
import numpex
import report
from bad_input import BadInput
from programs import PROGRAM, ROOT

# In the strong series, where ranks are to have one each as long as one rank can take them in minutes.
MOST_OPERATORS = 64


def planned_runs(asked):
    """For a real machine, whatever this one has. With threads also one rank on one core, which speed-ups are against."""
    most = asked.ranks or 64
    if asked.case == "numpex":
        runs = numpex.runs("measured", asked.quick, most, float("inf"))[0]
    else:
        runs = cases.measured_runs(asked.families, asked.quick, most, min(most, MOST_OPERATORS), asked.cache_bytes)
    if asked.threads > 1:
        single = [run for run in runs if run.ranks == 1 and not asked.gpus_per_node]
        runs = single + [dataclasses.replace(run, threads=asked.threads) for run in runs]
    return runs


def seconds_of(case, run, cache):
    """A case of one run, roughly, and rather too long."""
    case = cases.parsed(case)
    known = cases.FAMILIES[case.family]
    if known.work == "bytes":
        of_one = min(4 * cache, cases.MOST_DATA) / known.measured_operators / 4e9
    else:
        of_one = 0.1 * (case.size / 1024)**2
    here = case.operators / (run.ranks if case.series == "strong" else 1)
    round_trip = 0.2 + of_one * here / run.threads
    # Making the operators takes as long as some rounds; on one rank the programs written by hand run too.
    return (10 + run.rounds * (3 if run.ranks == 1 else 1)) * round_trip


def minutes_of(run, cache):
    """The limit of a job: five minutes more than it should need, in steps of five."""
    seconds = sum(seconds_of(case, run, cache) for case in run.cases) + run.ranks * 0.1
    return 5 * (1 + -int(-seconds // 300))


def job_of(number, run, asked):
    """On as few nodes as can be, of which all have as many ranks."""
    nodes = -(-run.ranks // asked.ranks_per_node)
    each = -(-run.ranks // nodes)
    threads = f"-{run.threads}-threads" if asked.threads > 1 else ""
    return job_scripts.Job(f"{number:02}-{run.ranks}-ranks{threads}", run.ranks, nodes, each, run.threads,
                           each if asked.gpus_per_node else 0, minutes_of(run, asked.cache_bytes))


def prologue_of(asked):
    try:
        return pathlib.Path(asked.prologue).read_text(encoding="utf-8") if asked.prologue else ""
    except (OSError, ValueError) as error:
        raise BadInput(f"--prologue: {asked.prologue} cannot be read: "
                       f"{getattr(error, 'strerror', None) or error}") from error


def write_script(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def write(asked):
    folder = pathlib.Path(asked.slurm).resolve()
    if (folder / "study.json").exists():
        raise BadInput(f"--slurm: {asked.slurm} holds a study already; give another folder, or remove it")
    prologue = prologue_of(asked)
    folder.mkdir(parents=True, exist_ok=True)
    program = ROOT / "build/release" / PROGRAM
    runs = planned_runs(asked)
    jobs = [job_of(number, run, asked) for number, run in enumerate(runs)]
    for job, run in zip(jobs, runs):
        options = [f"--rounds={run.rounds}", *(f"--case={case}" for case in run.cases)]
        write_script(folder / f"{job.name}.sh", job_scripts.job_script(asked, job, folder, prologue, program, options))
    write_script(folder / "submit", job_scripts.submit_script(jobs))
    write_script(folder / "collect.sh", job_scripts.collect_script(asked, folder, prologue, ROOT / "scripts/scaling_study"))
    plan = {"case": asked.case, "options": asked.said, "revision": report.context([])["machine"]["revision"],
            "cache_bytes": asked.cache_bytes,
            "jobs": [{**dataclasses.asdict(job), "cases": list(run.cases)} for job, run in zip(jobs, runs)]}
    (folder / "study.json").write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")
    print(f"{len(jobs)} job scripts are in {folder}. Build misfit on that machine "
          f"({job_scripts.how_to_build(asked.gpus_per_node)}), look at one script, and start "
          f"{folder / 'submit'}; when the jobs have ended: scripts/scaling_study --collect {asked.slurm} "
          "(submit --collect has a job do that)")
