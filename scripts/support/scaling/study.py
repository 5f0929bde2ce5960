# SPDX-License-Identifier: BSD-3-Clause
"""Makes the runs of a study, one after the other, and tells how far it is."""

import contextlib
import dataclasses
import pathlib
import tempfile
import time

import cases
import numpex
import platforms
import programs
from bad_input import BadInput

BYTES_A_RANK = 13e6  # of a simulation


@dataclasses.dataclass
class Settings:
    """What the simulated figures depend on, beside the program."""
    platform: platforms.Platform
    simgrid: str

    def described(self, planned):
        """For results.json, from which --check makes the same runs again."""
        return {"platform": self.platform.name, "platform_sha256": self.platform.sha256,
                "platform_comment": self.platform.comment, "algorithms": programs.ALGORITHMS, "simgrid": self.simgrid,
                "runs": [{"ranks": run.ranks, "cases": list(run.cases), "rates": run.rates} for run in planned]}


class Study:
    def __init__(self, cores):
        self.cores = cores
        self.start = time.monotonic()
        self.done = 0       # of the expected work
        self.expected = 0   # in units of no meaning
        self.number = self.total = 0
        self.runs = []

    def cost(self, planned):
        """A guess in seconds, which the time that the first runs take scales."""
        if planned.kind == "simulated":
            return 2 + planned.ranks * (0.025 + 0.008 * len(planned.cases))
        # On one rank the programs written by hand run too.
        return 1 + planned.rounds * len(planned.cases) * (0.25 if planned.ranks == 1 else 0.14)

    def expect(self, planned):
        self.total += len(planned)
        self.expected += sum(map(self.cost, planned))

    def say(self, planned, note=""):
        spent = time.monotonic() - self.start
        left = f", about {spent * (self.expected / self.done - 1):.0f} s left" if self.done else ""
        self.number += 1
        print(f"[{self.number} of {self.total}, after {spent:.0f} s{left}] {planned.label()}{note}", flush=True)

    def make(self, planned, act, share=1):
        """What `act` gives; it does this share of the work of the run."""
        try:
            results = act()
        except programs.Failed as error:
            raise BadInput(f"{planned.label()}: {error}") from error
        self.done += share * self.cost(planned)
        return results

    def measure(self, planned, note=""):
        self.say(planned, note)
        results = self.make(planned, lambda: programs.measure(planned, self.cores))
        return {"kind": "measured", "ranks": planned.ranks, "threads": planned.threads, "platform": None,
                "results": results}

    def simulate(self, planned, settings, note=""):
        self.say(planned, note)
        return self.simulated(planned, settings,
                              self.make(planned, lambda: programs.simulate(planned, settings.platform)))

    @staticmethod
    def simulated(planned, settings, results):
        return {"kind": "simulated", "ranks": planned.ranks, "threads": 1, "platform": settings.platform.name,
                "results": results}

    def simulate_all(self, planned, settings):
        """The largest beside the others, where there are cores and memory for two: what is simulated does not depend on
        what else runs."""
        by_size = sorted(planned, key=self.cost, reverse=True)
        if len(planned) < 2 or self.cores < 2 or sum(run.ranks for run in by_size[:2]) * BYTES_A_RANK > memory():
            return [self.simulate(run, settings) for run in planned]
        largest, *_ = by_size
        others = [run for run in planned if run is not largest]
        self.say(largest, " (beside the others)")
        begun = self.make(largest, lambda: programs.Simulation(largest, settings.platform), 0)
        with contextlib.closing(begun):
            results = {id(run): self.simulate(run, settings) for run in others}
            results[id(largest)] = self.simulated(largest, settings, self.make(largest, begun.results))
        return [results[id(run)] for run in planned]


def counters(run):
    """The figures of each case, by its name."""
    return {cases.name_of(b["name"]): b for b in run["results"]["benchmarks"]}


def rates_of(run):
    """Of FAMILY/CALL, in its strong series with x on every rank."""
    return {f"{case.family}/{case.call}": figures["work_rate"]
            for case, figures in ((cases.parsed(name), figures) for name, figures in counters(run).items())
            if (case.series, case.form) == ("strong", "replicated")}


def sum_rate_of(run):
    """What a rank adds a second in sums over ranks, if the run had any."""
    rate = run["results"]["context"].get("sum_bytes_per_second")
    return {"sum": float(rate)} if rate else {}


def stated_rates(stated, families):
    """Those of --rate, for each call."""
    rates = {}
    for name in families:
        for key in (cases.FAMILIES[name].work, name):
            if key in stated:
                rates |= {f"{name}/{call}": stated[key] for call in cases.CALLS}
    return rates


def compare(study, planned, simgrid):
    """Measures at 1 and 2 ranks, and simulates the same on a platform of this machine."""
    rows = []
    measured = [study.measure(run, " (to compare)") for run in planned]
    context = measured[-1]["results"]["context"]
    with tempfile.TemporaryDirectory() as folder:
        platform = platforms.this_machine(pathlib.Path(folder) / "this_machine.xml", planned[-1].ranks,
                                          float(context["latency_seconds"]), float(context["bytes_per_second"]))
        settings = Settings(platform, simgrid)
        for run, real in zip(planned, measured):
            again = dataclasses.replace(run, kind="simulated", rounds=1, rates=rates_of(real) | sum_rate_of(real))
            simulated = counters(study.simulate(again, settings, " (to compare)"))
            for case, figures in counters(real).items():
                family, call = cases.parsed(case).family, cases.parsed(case).call
                share = {key: figures[key] for key in ("core_share",) if key in figures}
                rows.append({**share, "family": family, "call": call, "ranks": run.ranks, "measured_ms": figures["ms"],
                             "measured_low": figures["ms_low"], "measured_high": figures["ms_high"],
                             "simulated_ms": simulated[case]["ms"],
                             "difference": simulated[case]["ms"] / figures["ms"] - 1})
    return rows


def numpex_runs(kind, asked, most_ranks):
    """Those that the memory allows; tells which are left out."""
    planned, left_out = numpex.runs(kind, asked.quick, most_ranks, memory())
    if not planned:
        raise BadInput(f"--case numpex: {left_out[0]}")
    for text in left_out:
        print(text)
    return planned


def memory():
    """[bytes] that are free, and that a container may still take."""
    free = 8 << 30
    for line in pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable"):
            free = int(line.split()[1]) * 1024
    group = pathlib.Path("/sys/fs/cgroup")
    try:
        most, held = (int((group / name).read_text(encoding="utf-8")) for name in ("memory.max", "memory.current"))
        # What it holds of files that nobody has read of late it gives back.
        held -= sum(int(line.split()[1]) for line in (group / "memory.stat").read_text(encoding="utf-8").splitlines()
                    if line.startswith("inactive_file "))
    except (OSError, ValueError):  # no limit
        return free
    return min(free, max(0, most - held))
