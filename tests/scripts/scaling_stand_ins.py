# SPDX-License-Identifier: BSD-3-Clause
"""A copy of what scripts/scaling_study is made of, with stand-ins for mpiexec, smpirun, srun and the benchmark, which
answer at once."""

import os
import pathlib
import shutil
import subprocess
import sys

from scaling_support import ROOT

# Also for the tests that need no report: all start with the same Python.
PYTHON = next((python for python in (sys.executable, "/usr/bin/python3") if shutil.which(python) and subprocess.run(
    [python, "-c", "import matplotlib, numpy"], capture_output=True, check=False).returncode == 0), None)

LAUNCHER = """#!/usr/bin/env python3
import os, sys
if sys.argv[1:] == ["-version"]:
    print("SimGrid version 9.9")
    sys.exit()
first = next(k for k, word in enumerate(sys.argv) if word.endswith("misfit-study"))
options = sys.argv[1:first]
ranks = options[options.index("-n") + 1] if sys.argv[0].endswith("mpiexec") else \\
    options[options.index("-np") + 1] if sys.argv[0].endswith("smpirun") else os.environ["SLURM_NTASKS"]
os.execv(sys.executable, [sys.executable, sys.argv[first], ranks, *sys.argv[first + 1:]])
"""

# Takes 8 ms on one rank, and half on twice as many; writes down how it was called.
BENCHMARK = """#!/usr/bin/env python3
import json, os, subprocess, sys
sys.path.insert(0, {tests!r})
from scaling_support import benchmark, results
ranks, simulated = int(sys.argv[1]), "/simulate/" in sys.argv[0]
kind = "simulated" if simulated else "measured"
threads = int(os.environ.get("OMP_NUM_THREADS", 1))
with open({log!r}, "a") as log:
    log.write(json.dumps([kind, ranks, threads, os.environ.get("MISFIT_NODE_SUM"),
                          os.environ.get("OMPI_MCA_hwloc_base_binding_policy"), sys.argv[2:]]) + "\\n")
fault = os.environ.get("FAULT", "") if (kind, ranks) == ("measured", 2) else ""
if fault == "fails":
    print("not enough of something", file=sys.stderr)
    sys.exit(3)
if fault == "hangs":
    sleeper = subprocess.Popen(["sleep", "100"])
    open({log!r} + ".pids", "w").write(f"{{os.getpid()}} {{sleeper.pid}}")
    sleeper.wait()
cases = [word.split("=")[1] for word in sys.argv if word.startswith("--case=")]
ms = 8.0 / ranks / threads + float(os.environ.get("LATER", 0)) * simulated
bound = {{"bound_ms": 1.0, "bound_share": 0.5}} if ranks > 1 else {{}}
share = {{"core_share": float(os.environ["SHARE"])}} if "SHARE" in os.environ and not simulated else {{}}
found = [benchmark(case, ms=ms, ms_low=ms, ms_high=ms, **bound, **share) for case in cases[fault == "lacks":]]
if fault == "error":
    found[0] = {{"name": found[0]["name"], "error_occurred": True, "error_message": "out of luck"}}
out = next(word.split("=")[1] for word in sys.argv if word.startswith("--benchmark_out="))
text = json.dumps(results(*found, ranks=ranks, latency_seconds="1e-6", bytes_per_second="1e9",
                          kokkos_execution_space=os.environ.get("SPACE", "Serial"), kokkos_concurrency=str(threads),
                          **dict(pair.split("=") for word in sys.argv if word.startswith("--benchmark_context=")
                                 for pair in word.partition("=")[2].split(","))))
open(out, "w").write(text[:100] if fault == "half" else text)
"""


class Tree:
    """Of the project, in a folder of its own."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "tree"
        self.output = pathlib.Path(folder) / "report"
        self.log = pathlib.Path(folder) / "log"
        self.tools = pathlib.Path(folder) / "tools"
        for name in ("support", "platforms"):
            shutil.copytree(ROOT / "scripts" / name, self.root / "scripts" / name,
                            ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("mpiexec", "smpirun", "smpicxx", "srun"):
            self.program(self.tools / name, LAUNCHER)
        for preset in ("release", "simulate"):
            self.program(self.root / f"build/{preset}/study/misfit-study",
                         BENCHMARK.format(tests=str(pathlib.Path(__file__).parent), log=str(self.log)))
        self.cache = self.root / "build/release/CMakeCache.txt"
        self.cache.write_text(f"MPIEXEC_EXECUTABLE:FILEPATH={self.tools / 'mpiexec'}\nMPIEXEC_NUMPROC_FLAG:STRING=-n\n")

    def program(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def environment(self, **more):
        rest = {name: value for name, value in os.environ.items()
                if not name.startswith(("OMP_", "OMPI_", "PRTE_", "MISFIT_"))}
        return {**rest, "PATH": f"{self.tools}:{os.environ['PATH']}", **more}

    def command(self, *arguments, cores=2):
        output = [] if "--check" in arguments or "--slurm" in arguments else ["--output", self.output]
        return [str(word) for word in (PYTHON or sys.executable, "-B", self.root / "scripts/support/scaling", "--cores",
                                       cores, *arguments, *output)]

    def call(self, *arguments, cores=2, **environment):
        return subprocess.run(self.command(*arguments, cores=cores), capture_output=True, text=True, check=False,
                              timeout=50, env=self.environment(**environment))
