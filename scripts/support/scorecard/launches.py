# SPDX-License-Identifier: BSD-3-Clause
"""Starts a launch of a check, and reads what it found."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from processes import end  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
KEPT = 12  # lines of what a launch said that failed

# Open MPI refuses, unless told, to run as root and to run more ranks than there are cores; ranks that wait must not spin.
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
       "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe", "OMPI_MCA_mpi_yield_when_idle": "1",
       "OMP_PROC_BIND": "false", "OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1"}


@dataclasses.dataclass
class Outcome:
    """How a launch ended: "result", or "crash", "hang", or "silence" where it ended without a result."""

    end: str
    status: int | None = None
    tried: int = 0
    held: int = 0
    figure: float | None = None
    seconds: float = 0
    said: list = dataclasses.field(default_factory=list)
    hashes: list = dataclasses.field(default_factory=list)  # pairs of what was computed and the hash of its bits

    def fault(self):
        """What is wrong with how it ended, in words, or ""."""
        if self.end == "result":
            return f"exit status {self.status} after its result" if self.tried == self.held and self.status != 0 else ""
        return {"hang": "hung", "crash": f"crashed (exit status {self.status})", "silence": "no result line"}[self.end]


def within(figure, goal):
    """Whether a figure is that of the goal. None is no figure: a fault where the goal has one."""
    if goal.figure is None:
        return figure is None or not math.isnan(figure)
    return figure is not None and figure <= goal.figure


def cached(preset, variable, otherwise):
    """What CMake has found."""
    try:
        cache = (ROOT / f"build/{preset}/CMakeCache.txt").read_text(encoding="utf-8")
    except OSError:
        return otherwise
    found = re.search(rf"^{variable}:[^=]*=(.+)$", cache, re.MULTILINE)
    return found[1] if found else otherwise


def mpiexec(ranks, preset="release"):
    return [cached(preset, "MPIEXEC_EXECUTABLE", "mpiexec"), cached(preset, "MPIEXEC_NUMPROC_FLAG", "-n"), str(ranks)]


def program(name):
    return str(ROOT / f"build/release/tests/scorecard/misfit_{name}_check")


def command(launch, flags):
    words = [*flags, *launch.options]
    if launch.is_python:
        return [sys.executable, "-B", str(ROOT / launch.program), *words]
    return [*mpiexec(launch.ranks), program(launch.program), *words]


def result_of(text):
    """Tried, held and figure, of the last line that is a result; or None."""
    lines = re.findall(r"^result (\{.*\})\s*$", text, re.MULTILINE)
    try:
        found = json.loads(lines[-1])
        figure = found.get("figure")
        return int(found["tried"]), int(found["held"]), None if figure is None else float(figure)
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        return None


def outcome_of(words, environment, limit, watch=lambda: None, kept=KEPT):
    """Runs it, to its end or to the limit. Calls `watch` twice a second meanwhile. Keeps the last lines, with None all."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
                                       env={**os.environ, **MPI, **environment}, start_new_session=True)
        except OSError as error:
            return Outcome("silence", said=[f"{words[0]} cannot be started: {error.strerror}"])
        try:
            while process.poll() is None and time.monotonic() - start < limit:
                try:
                    process.wait(0.5)
                except subprocess.TimeoutExpired:
                    watch()
        finally:
            hangs = process.poll() is None
            if hangs:
                end(process)
        out.seek(0)
        errors.seek(0)
        text = out.read().decode(errors="replace")
        lines = [*errors.read().decode(errors="replace").splitlines(), *text.splitlines()]
    outcome = Outcome("result", process.returncode, seconds=round(time.monotonic() - start, 1),
                      said=[line for line in lines if line.strip()][-(kept or 0):])
    found = result_of(text)
    if hangs:
        outcome.end = "hang"
    elif found is None:
        outcome.end = "silence" if process.returncode == 0 else "crash"
    outcome.hashes = sorted(set(re.findall(r"^hash (.+) ([0-9a-f]{16})$", text, re.MULTILINE)))
    if found:
        outcome.tried, outcome.held, outcome.figure = found
    return outcome


def run(launch, flags=(), watch=lambda: None):
    return outcome_of(command(launch, flags), launch.environment, launch.limit, watch)
