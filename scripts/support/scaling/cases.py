# SPDX-License-Identifier: BSD-3-Clause
"""What is run: cases in the words of misfit-study, FAMILY/SERIES/OPERATORS/SIZE/CALL/FORM, and on how many
ranks."""

import dataclasses
import math
import pathlib
import typing

CALLS = ("fn", "grad", "fn_and_grad")


class Case(typing.NamedTuple):
    """The parts of a name."""
    family: str
    series: str  # strong, weak or throughput
    operators: int
    size: int
    call: str
    form: str    # replicated, split, slabs or members_of_N

    def form_on(self, ranks):
        """With members, how many there are and of how many slabs: 4x16."""
        if not self.form.startswith("members_of_"):
            return self.form
        each = int(self.form.removeprefix("members_of_"))
        return f"{ranks // each}x{each}"


def parsed(name):
    """Of a case, or of what Google Benchmark makes of it, which adds parts."""
    family, series, operators, size, call, form = name.split("/")[:6]
    return Case(family, series, int(operators), int(size), call, form)


def name_of(name):
    """Without what Google Benchmark adds."""
    return "/".join(name.split("/")[:6])


@dataclasses.dataclass(frozen=True)
class Family:
    work: str              # what limits it, bytes or flops, of which the rates are
    simulated_weak: str    # OPERATORS/SIZE
    simulated_strong: str
    measured_operators: int
    measured_size: object  # of the bytes that an operator is to have
    in_parts: str          # the form that serves it best where there are more ranks than operators, or none
    simulated_in_parts: tuple = ()  # SERIES/OPERATORS/SIZE/CALL/FORM
    quick_in_parts: tuple = ()


def odd_multiple_of_16(number):
    """A row as long as a power of two would put a column into few lines of the cache."""
    return ((max(int(number) // 16, 1) - 1) // 2 * 2 + 1) * 16


# The families of the study, a line each; misfit-study has others too.
FAMILIES = {
    "mask": Family("bytes", "1/65536", "1024/16384", 16, lambda b: int(b / 16), "slabs",
                   ("strong/1024/16384/fn_and_grad/slabs", "weak/16/4096/fn_and_grad/slabs",
                    "strong/1024/16384/fn_and_grad/members_of_4", "throughput/16/4096/fn_and_grad/replicated"),
                   ("strong/1024/16384/fn_and_grad/slabs", "weak/16/4096/fn_and_grad/slabs")),
    "dense": Family("bytes", "1/256", "256/256", 8, lambda b: odd_multiple_of_16(math.sqrt(b / 8)), "split",
                    ("strong/1/8192/fn_and_grad/split", "strong/1/8192/fn_and_grad/replicated",
                     "weak/1/256/fn_and_grad/split"),
                    ("strong/1/2048/fn_and_grad/split",)),
    "sparse": Family("bytes", "1/4096", "256/4096", 8, lambda b: int(b / (32 * 12)), "split",
                     ("strong/16/16384/fn_and_grad/split", "strong/16/16384/fn_and_grad/replicated",
                      "weak/1/4096/fn_and_grad/split"),
                     ("strong/4/4096/fn_and_grad/split",)),
    "blur": Family("flops", "1/128", "256/128", 8, lambda b: 1024, "slabs",
                   ("strong/4/512/fn_and_grad/slabs", "strong/4/512/fn_and_grad/split",
                    "strong/4/512/fn_and_grad/replicated", "weak/4/128/fn_and_grad/slabs"),
                   ("strong/4/256/fn_and_grad/slabs", "strong/4/256/fn_and_grad/split")),
    "downsampled_blur": Family("flops", "1/128", "256/128", 8, lambda b: 1024, "slabs",
                               ("strong/8/512/fn_and_grad/slabs", "strong/8/512/fn_and_grad/members_of_4",
                                "strong/8/512/fn_and_grad/split", "strong/8/512/fn_and_grad/replicated",
                                "weak/8/128/fn_and_grad/slabs"),
                               ("strong/8/256/fn_and_grad/slabs", "strong/8/256/fn_and_grad/members_of_4")),
    "fourier": Family("flops", "1/128", "256/128", 8, lambda b: 512, ""),
    "radon": Family("flops", "1/64", "256/64", 8, lambda b: 128, "split",
                    ("strong/64/128/fn_and_grad/split", "strong/64/128/fn_and_grad/replicated",
                     "weak/1/64/fn_and_grad/split"),
                    ("strong/16/64/fn_and_grad/split", "strong/16/64/fn_and_grad/replicated")),
}

MOST_DATA = 600 << 20  # bytes of all operators of a measured case: no core uses the caches of all others

# Of both kinds one, for the comparison of simulation and measurement.
COMPARED = ("mask", "downsampled_blur")


@dataclasses.dataclass(frozen=True)
class Run:
    """One start of the program."""
    kind: str      # measured or simulated
    ranks: int
    cases: tuple
    rounds: int = 1
    threads: int = 1
    node_sum: bool = True
    rates: dict = None  # simulated: work a second of FAMILY/CALL

    def label(self):
        series = sorted({parsed(case).series for case in self.cases})
        threads = f", {self.threads} threads" if self.threads > 1 else ""
        return f"{self.kind}: {' and '.join(series)}, {self.ranks} rank{'s'[:self.ranks > 1]}{threads}"


def powers_of_two(first, last):
    """first, 2 first, … and last."""
    counts = []
    while first < last:
        counts.append(first)
        first *= 2
    return counts + [last]


def last_level_cache(root="/sys/devices/system/cpu"):
    """[bytes] of all caches of the last level."""
    levels = {}
    for index in pathlib.Path(root).glob("cpu[0-9]*/cache/index*"):
        try:
            level, size, shared = ((index / name).read_text().strip() for name in ("level", "size", "shared_cpu_list"))
        except OSError:
            continue
        if size.rstrip("K").isdigit() and level.isdigit():
            levels.setdefault(int(level), {})[shared] = int(size.rstrip("K")) * 1024
    return sum(levels[max(levels)].values()) if levels else 32 << 20


def measured_cases(families, quick, cache=None, least_operators=1, multiple_of=1):
    """Strong, also in parts, and weak, with four times the bytes of the cache in all, as long as these are not too many;
    a weak series has half of the operators a rank. More operators than are usual are as large as the usual ones."""
    data = min(4 * (cache or last_level_cache()), MOST_DATA)
    cases = []
    for name in families:
        family = FAMILIES[name]
        size = family.measured_size(data / family.measured_operators)
        calls = ("fn_and_grad",) if quick else ("fn_and_grad", "grad", "fn")
        operators = max(family.measured_operators, least_operators)
        operators = -(-operators // multiple_of) * multiple_of
        cases += [f"{name}/strong/{operators}/{size}/{call}/replicated" for call in calls]
        if family.in_parts:
            cases.append(f"{name}/strong/{operators}/{size}/fn_and_grad/{family.in_parts}")
        cases.append(f"{name}/weak/{family.measured_operators // 2}/{size}/fn_and_grad/replicated")
    return tuple(cases)


def measured_runs(families, quick, most_ranks, least_operators=1, cache=None):
    cases = measured_cases(families, quick, cache, least_operators)
    return [Run("measured", ranks, cases, 7 if quick else 21) for ranks in powers_of_two(1, most_ranks)]


def threaded_runs(run, cores):
    """The same on one rank with 2, 4, … threads."""
    return [dataclasses.replace(run, threads=n) for n in powers_of_two(2, cores)] if cores > 1 else []


def comparison_runs(families, quick):
    """The measured side: without sums through the memory of the node, which a simulator has not."""
    chosen = [name for name in COMPARED if name in families] or families
    cases = tuple(case for case in measured_cases(chosen, True)
                  if parsed(case).series == "strong" and parsed(case).form == "replicated")
    return [Run("measured", ranks, cases, 7 if quick else 21, node_sum=False) for ranks in (1, 2)]


def calibration_run(families, quick, ranks):
    """The rates, with all cores busy: as many operators on each rank."""
    return Run("measured", ranks, measured_cases(families, quick, multiple_of=ranks), 7 if quick else 21)


def simulated_cases(families, quick):
    calls = ("fn_and_grad",) if quick else ("fn_and_grad", "grad", "fn")
    for name in families:
        family = FAMILIES[name]
        yield f"{name}/weak/{family.simulated_weak}/fn_and_grad/replicated"
        yield from (f"{name}/strong/{family.simulated_strong}/{call}/replicated" for call in calls)
        yield from (f"{name}/{rest}" for rest in (family.quick_in_parts if quick else family.simulated_in_parts))


def possible(case, ranks):
    """Members are as many as divide the ranks."""
    form = parsed(case).form
    return not form.startswith("members_of_") or ranks % int(form.removeprefix("members_of_")) == 0


def simulated_runs(families, quick, most_ranks, rates):
    """Strong series end where others go on."""
    cases = tuple(simulated_cases(families, quick))
    most_strong = min(most_ranks, 32 if quick else 256)
    return [Run("simulated", ranks, tuple(case for case in cases if possible(case, ranks)
                                          and (ranks <= most_strong or parsed(case).series != "strong")), rates=rates)
            for ranks in powers_of_two(1, min(most_ranks, 64) if quick else most_ranks)]
