# SPDX-License-Identifier: BSD-3-Clause
"""What the jobs of --slurm have left: taken only if they are what was asked for, and of one kind."""

import dataclasses
import json
import pathlib
import re

import figures
from bad_input import BadInput

ON_HOST = ("Serial", "OpenMP", "Threads")

# What all jobs of a study have in common, in the words of misfit-study's context.
COMMON = {"git_revision": "revision", "kokkos_execution_space": "Kokkos backend", "kokkos_version": "Kokkos",
          "compiler": "compiler", "mpi_library": "MPI", "processor": "processor"}


@dataclasses.dataclass
class Collected:
    case: str
    options: list  # of --slurm
    runs: list     # as of a study
    jobs: list     # what each of them ran on
    missing: list  # names of jobs, and why
    remarks: list


def read_plan(folder):
    try:
        plan = json.loads((folder / "study.json").read_text(encoding="utf-8"))
        jobs = [{**{key: int(job[key]) for key in ("ranks", "nodes", "ranks_per_node", "threads", "gpus_per_node")},
                 "name": str(job["name"]), "cases": list(map(str, job["cases"]))} for job in plan["jobs"]]
        if not jobs:
            raise ValueError("no jobs")
        return {"case": str(plan["case"]), "revision": str(plan["revision"]), "cache_bytes": int(plan["cache_bytes"]),
                "options": list(map(str, plan["options"])), "jobs": jobs}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"--collect: {folder} is no folder that --slurm wrote: its study.json cannot be read: "
                       f"{getattr(error, 'strerror', None) or error}") from error


def latest(folder, name):
    """The result of the job that was started last, and what to say if it left none."""
    started = {}
    for path in folder.glob(f"{name}.*"):
        found = re.fullmatch(re.escape(name) + r"\.(\d+)\.(part|json)", path.name)
        if found:
            started[int(found[1])] = started.get(int(found[1]), False) or found[2] == "json"
    if not started:
        return None, "never started"
    last = max(started)
    if started[last]:
        return folder / f"{name}.{last}.json", ""
    older = [number for number, ended in started.items() if ended]
    instead = f", and that of job {max(older)} is older (to take it, remove {name}.{last}.part)" if older else ""
    return None, f"job {last} runs or has failed, see {name}.{last}.log{instead}"


def require_asked(where, asked, found, revision):
    """Refuses a job that ran otherwise than its script says."""
    space = found.get("kokkos_execution_space")
    expected = {"mpi_ranks": ("rank(s)", asked["ranks"]), "mpi_nodes": ("node(s)", asked["nodes"]),
                "mpi_ranks_per_node": ("rank(s) a node", asked["ranks_per_node"])}
    if space in ON_HOST:
        expected["kokkos_concurrency"] = ("thread(s) a rank", asked["threads"])
        if asked["gpus_per_node"]:
            raise BadInput(f"{where}: ran with Kokkos's {space}, which uses none of the GPUs that were asked for")
    for key, (name, number) in expected.items():
        if found.get(key) != str(number):
            hint = ": were the ranks started as one job?" if key == "mpi_ranks" else ""
            raise BadInput(f"{where}: is of {found.get(key)} {name}, not of {number}{hint}")
    revisions = {str(text).removesuffix("-dirty") for text in (revision, found.get("git_revision"))}
    if "unknown" not in revisions and len(revisions) > 1:
        raise BadInput(f"{where}: is of revision {found.get('git_revision')}, and the study of {revision}: configure "
                       "and build that, or write the scripts again")


def require_alike(jobs):
    first_where, first = jobs[0]
    for where, found in jobs[1:]:
        for key, name in COMMON.items():
            if found.get(key) != first.get(key):
                raise BadInput(f"{where}: {name} is {found.get(key)}, and {first.get(key)} in {first_where.name}: these are "
                               "not of one study")


def read_result(path, asked):
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"--collect: {path}: no results of misfit-study: {error}") from error
    figures.require(results, asked["cases"], f"--collect: {path}")
    return results


def facts_of(asked, found):
    """For the table of jobs."""
    return {"job": found.get("slurm_job"), "name": asked["name"], "ranks": asked["ranks"], "nodes": asked["nodes"],
            "ranks_per_node": asked["ranks_per_node"], "threads": asked["threads"], "nodelist": found.get("nodelist"),
            "backend": found.get("kokkos_execution_space"), "revision": found.get("git_revision"),
            "processor": found.get("processor"), "modules": found.get("modules"), "date": found.get("date")}


def cache_of(found):
    """[bytes] of all of the last level, as Google Benchmark saw it."""
    caches = [cache for cache in found.get("caches", []) if isinstance(cache, dict)]
    last = max((cache.get("level", 0) for cache in caches), default=0)
    return max((cache.get("size", 0) * max(1, (found.get("num_cpus") or 1) // max(1, cache.get("num_sharing", 1)))
                for cache in caches if cache.get("level", 0) == last), default=0)


def machine_of(found):
    """As of this machine, but of the first job's first node."""
    memory = str(found.get("memory_kib"))
    return {"processor": found.get("processor"), "cores_visible": found.get("num_cpus"),
            "memory_gib": round(int(memory) / 2**20, 1) if memory.isdigit() else None, "system": found.get("system"),
            "revision": found.get("git_revision"), "date": found.get("date")}


def collect(folder, partial=False):
    """All jobs, or with `partial` those that have ended well."""
    folder = pathlib.Path(folder)
    plan = read_plan(folder)
    collected = Collected(plan["case"], plan["options"], [], [], [], [])
    contexts = []
    for asked in plan["jobs"]:
        path, why = latest(folder, asked["name"])
        if not path:
            collected.missing.append(f"{asked['name']} ({why})")
            continue
        results = read_result(path, asked)
        found = results["context"]
        require_asked(f"--collect: {path}", asked, found, plan["revision"])
        contexts.append((path, found))
        collected.jobs.append(facts_of(asked, found))
        threads = asked["threads"] if found["kokkos_execution_space"] in ON_HOST else 1
        collected.runs.append({"kind": "measured", "ranks": asked["ranks"], "threads": threads, "platform": None,
                               "results": results})
    missing = f"{len(collected.missing)} of {len(plan['jobs'])} jobs: {'; '.join(collected.missing)}"
    if not contexts or collected.missing and not partial:
        raise BadInput(f"--collect: {folder} lacks {missing}. {folder}/submit submits these again" +
                       ("; --partial reports on the others" if contexts else ""))
    require_alike(contexts)
    if collected.missing:
        collected.remarks.append(f"Results are missing of {missing}.")
    if max(cache_of(found) for _, found in contexts) > plan["cache_bytes"]:
        collected.remarks.append(f"The nodes have {max(cache_of(found) for _, found in contexts)} bytes of cache, more than "
                                 f"the {plan['cache_bytes']} after which sizes were chosen (--cache_bytes).")
    return collected


def context_of(collected, said):
    """For the report: not of the machine that collects."""
    return {"machine": machine_of(collected.runs[0]["results"]["context"]), "options": said,
            "options_of_jobs": collected.options, "jobs": collected.jobs, "remarks": collected.remarks}
