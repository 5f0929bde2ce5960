# SPDX-License-Identifier: BSD-3-Clause
"""scorecard.json: what was found, on which machine, by which version."""

import functools
import json
import math
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import page  # noqa: E402

from bad_input import BadInput  # noqa: E402
from launches import cached  # noqa: E402

FORM = "misfit scorecard 1"


def first_line(*words):
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return "unknown"
    return (done.stdout or done.stderr).split("\n", maxsplit=1)[0].strip() or "unknown"


def kokkos_version():
    folder = pathlib.Path(cached("release", "Kokkos_DIR", "unknown"))
    try:
        text = folder.joinpath("KokkosConfigVersion.cmake").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    found = re.search(r'set\(PACKAGE_VERSION "([^"]+)"', text)
    return found[1] if found else "unknown"


@functools.cache
def platform():
    """What the same guarantee may depend on."""
    machine = page.machine()
    return {"processor": machine["processor"], "cores": machine["cores_visible"], "memory_gib": machine["memory_gib"],
            "system": machine["system"], "compiler": first_line(cached("release", "CMAKE_CXX_COMPILER", "c++"), "--version"),
            "mpi": first_line(cached("release", "MPIEXEC_EXECUTABLE", "mpiexec"), "--version").replace("OpenRTE", "Open MPI"),
            "kokkos": kokkos_version()}


def read(folder):
    """What an earlier run has left in the folder, or None."""
    path = pathlib.Path(folder) / "scorecard.json"
    if not path.exists():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["form"] == FORM:
            return stored
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadInput(f"--output: {path} is not what this script writes: remove it, or name another folder")


def merged(kept, part, entries):
    """What is kept of earlier runs on the same platform, and the `part`, "run" or "canary", of each check that ran."""
    machine = page.machine()
    checks = dict(kept["checks"]) if kept and kept["platform"] == platform() else {}
    stamp = {"date": machine["date"], "revision": machine["revision"]}
    for name, entry in entries.items():
        checks[name] = {**checks.get(name, {}), part: {**entry, **stamp}}
    return {"form": FORM, "platform": platform(), **stamp, "checks": checks}


def as_text(stored):
    """JSON has no NaN: here it is a word, as in the results of the programs."""
    def plain(value):
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(plain(stored), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
