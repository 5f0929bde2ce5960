# SPDX-License-Identifier: BSD-3-Clause
"""Starts misfit-study, under MPI and in SimGrid, and reads what it wrote."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from processes import end  # noqa: E402

import cases  # noqa: E402
import figures  # noqa: E402
from bad_input import BadInput  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = "study/misfit-study"
TIMEOUT = 900  # seconds a run

# Of the collectives with which runs are set up and timed; misfit sums by messages of its own.
ALGORITHMS = {"barrier": "ompi_recursivedoubling", "bcast": "binomial_tree", "allgather": "rdb",
              "allreduce": "rab_rdb"}


class Failed(Exception):
    """A run did not end well."""


def started(command, environment):
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                env={**os.environ, **(environment or {})}, start_new_session=True)
    except OSError as error:
        raise Failed(f"{command[0]} cannot be started: {error.strerror}; scripts/install_dependencies tells what is "
                     "needed") from error


def output_of(process):
    """Waits for it. It ends with all its processes at the time limit, or when this program is interrupted."""
    with process:
        try:
            output, _ = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"still running after {TIMEOUT} s, and ended; --quick, --family and --ranks ask for less") \
                from error
        finally:
            if process.poll() is None:
                end(process)
    if process.returncode != 0:
        # Not the addresses that SimGrid prints where it stops.
        lines = [line for line in output.splitlines() if line.strip() and not line.startswith("  ->")]
        hint = ""
        if process.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL):
            hint = " (killed: where memory was short, --family and --ranks ask for less)"
        raise Failed(f"exit code {process.returncode}{hint}:\n" + "\n".join(lines[-12:]))
    return output


def run(command, environment=None):
    return output_of(started(command, environment))


def cached(variable, otherwise):
    """What CMake has found."""
    try:
        cache = (ROOT / "build/release/CMakeCache.txt").read_text(encoding="utf-8")
    except OSError:
        return otherwise
    found = re.search(rf"^{variable}:[^=]*=(.+)$", cache, re.MULTILINE)
    return found[1] if found else otherwise


def families():
    """Those that the program has: without FFTW there is no Fourier transform."""
    without = cached("MISFIT_ENABLE_FOURIER", "ON").upper() in ("OFF", "FALSE", "NO", "N", "0")
    return [name for name in cases.FAMILIES if name != "fourier" or not without]


def read(path, planned):
    """What a run has left, if it is all that was planned."""
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failed(f"the program left no results in {path.name}: {error}") from error
    try:
        figures.require(results, planned.cases, "the program")
    except BadInput as error:
        raise Failed(str(error)) from error
    return results


def options_of(planned, output):
    return [*(f"--case={case}" for case in planned.cases), f"--rounds={planned.rounds}",
            f"--benchmark_out={output}", "--benchmark_out_format=json"]


def measure(planned, cores):
    """The results of one run under MPI."""
    environment = {"OMP_NUM_THREADS": str(planned.threads), "OMP_PROC_BIND": os.environ.get("OMP_PROC_BIND", "false")}
    if os.geteuid() == 0:  # Open MPI refuses unless told twice
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    if planned.threads > 1:  # Open MPI would bind them all to the core of the rank
        environment |= {"OMPI_MCA_hwloc_base_binding_policy": "none", "PRTE_MCA_hwloc_default_binding_policy": "none"}
    if planned.ranks > cores:
        environment |= {"OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
                        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}
    if not planned.node_sum:
        environment["MISFIT_NODE_SUM"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "results.json"
        run([cached("MPIEXEC_EXECUTABLE", "mpiexec"), cached("MPIEXEC_NUMPROC_FLAG", "-n"), str(planned.ranks),
             str(ROOT / "build/release" / PROGRAM), *options_of(planned, output)], environment)
        return read(output, planned)


def simgrid_version():
    """Refuses if SimGrid is missing."""
    if not shutil.which("smpirun") or not shutil.which("smpicxx"):
        raise BadInput("SimGrid is missing (no smpirun and smpicxx in PATH), which --simulate needs; "
                       "on Debian: apt-get install libsimgrid-dev")
    first = subprocess.run(["smpirun", "-version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    return first.removeprefix("SimGrid version ").strip() or "unknown"


def private_libraries(program):
    """Those with state of their own, of which each rank needs a copy: by the names that ldd prints."""
    found = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"^\s*(lib\S*(?:kokkos|benchmark|misfit)\S*) =>", found, re.MULTILINE)


def rate_options(names, rates):
    """`rates`: work a second of FAMILY/CALL, and bytes that a rank adds in sums; these cost nothing if nothing is said."""
    keys = sorted({f"{case.family}/{case.call}" for case in map(cases.parsed, names)})
    added = [f"--sum_rate={rates['sum']!r}"] if "sum" in rates else []
    return [f"--rate={key}={rates[key]!r}" for key in keys] + added


class Simulation:
    """One run in SimGrid, which has begun. Computing takes the time that its rates say, links what the platform says."""

    def __init__(self, planned, platform):
        self.planned = planned
        program = str(ROOT / "build/simulate" / PROGRAM)
        # With one rank some algorithms leave their output as it was.
        algorithms = {} if planned.ranks == 1 else ALGORITHMS
        libraries = private_libraries(program)
        private = [f"--cfg=smpi/privatize-libs:{';'.join(libraries)}"] if libraries else []
        # SimGrid's copies of libraries bear the same names in every simulation, so each gets a folder.
        self.folder = tempfile.TemporaryDirectory()
        hosts, self.output = pathlib.Path(self.folder.name) / "hosts", pathlib.Path(self.folder.name) / "results.json"
        hosts.write_text(platform.host_file(planned.ranks), encoding="utf-8")
        self.process = started(
            ["smpirun", "-np", str(planned.ranks), "-platform", str(platform.path), "-hostfile", str(hosts),
             "--log=root.thres:warning", f"--cfg=smpi/host-speed:{platform.speed}",
             "--cfg=smpi/simulate-computation:no", "--cfg=smpi/bw-factor:0:1", "--cfg=smpi/lat-factor:0:1",
             "--cfg=network/crosstraffic:0", *(f"--cfg=smpi/{name}:{value}" for name, value in algorithms.items()),
             *private, program, *options_of(planned, self.output), *rate_options(planned.cases, planned.rates)],
            {"TMPDIR": self.folder.name})

    def results(self):
        """Waits for them."""
        output_of(self.process)
        return read(self.output, self.planned)

    def close(self):
        if self.process.poll() is None:
            end(self.process)
        self.folder.cleanup()


def simulate(planned, platform):
    """The results of one run in SimGrid."""
    with contextlib.closing(Simulation(planned, platform)) as simulation:
        return simulation.results()


def try_platform(platform):
    """Refuses what SimGrid cannot read, and hosts that cannot reach each other, before anything long runs."""
    case = "mask/weak/1/16/fn_and_grad/replicated"
    trial = cases.Run("simulated", min(2, platform.places()), (case,), rates={"mask/fn_and_grad": 1e9})
    try:
        simulate(trial, platform)
    except Failed as error:
        found = re.search(r"/(?:ERROR|CRITICAL)\] (.+)", str(error))
        why = found[1] if found else " ".join(str(error).split())
        raise BadInput(f"--platform: SimGrid does not take {platform.path}: {why}") from error
