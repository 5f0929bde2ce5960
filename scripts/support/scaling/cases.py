# SPDX-License-Identifier: BSD-3-Clause
"""What is run: cases in the words of scaling_benchmark, FAMILY/SERIES/OPERATORS/SIZE/CALL, and on how many ranks."""

import dataclasses
import math
import pathlib

CALLS = ("fn", "grad", "fn_and_grad")


@dataclasses.dataclass(frozen=True)
class Family:
    """`work`: what limits it, of which `size` has `work_of` an operator and fn_and_grad."""
    work: str          # bytes or flops, of which the rates are
    simulated_weak: str    # OPERATORS/SIZE
    simulated_strong: str
    measured_operators: int
    measured_size: object  # of the bytes that an operator is to have


def odd_multiple_of_16(number):
    """A row as long as a power of two would put a column into few lines of the cache."""
    return ((max(int(number) // 16, 1) - 1) // 2 * 2 + 1) * 16


# Every new family of scaling_benchmark takes one line here.
FAMILIES = {
    "mask": Family("bytes", "1/65536", "1024/16384", 16, lambda b: int(b / 16)),
    "dense": Family("bytes", "1/256", "256/256", 8, lambda b: odd_multiple_of_16(math.sqrt(b / 8))),
    "sparse": Family("bytes", "1/4096", "256/4096", 8, lambda b: int(b / (32 * 12))),
    "blur": Family("flops", "1/128", "256/128", 8, lambda b: 1024),
    "downsampled_blur": Family("flops", "1/128", "256/128", 8, lambda b: 1024),
    "fourier": Family("flops", "1/128", "256/128", 8, lambda b: 512),
    "radon": Family("flops", "1/128", "256/128", 8, lambda b: 256),
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
        series = sorted({case.split("/")[1] for case in self.cases})
        threads = f", {self.threads} threads" if self.threads > 1 else ""
        return f"{self.kind}: {' and '.join(series)}, {self.ranks} rank{'s'[:self.ranks > 1]}{threads}"


def powers_of_two(first, last):
    """first, 2 first, … and last."""
    counts = []
    while first < last:
        counts.append(first)
        first *= 2
    return counts + [last]


def last_level_cache():
    """[bytes]"""
    sizes = [int(path.read_text().strip().rstrip("K")) * 1024
             for path in pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")
             if path.read_text().strip().rstrip("K").isdigit()]
    return max(sizes, default=32 << 20)


def measured_cases(families, quick, cache=None, least_operators=1):
    """Strong and weak, with four times the bytes of the cache in all, as long as these are not too many; a weak series
    has half of the operators a rank. More operators than are usual are as large as the usual ones."""
    data = min(4 * (cache or last_level_cache()), MOST_DATA)
    cases = []
    for name in families:
        family = FAMILIES[name]
        size = family.measured_size(data / family.measured_operators)
        calls = ("fn_and_grad",) if quick else ("fn_and_grad", "grad", "fn")
        operators = max(family.measured_operators, least_operators)
        cases += [f"{name}/strong/{operators}/{size}/{call}" for call in calls]
        cases.append(f"{name}/weak/{family.measured_operators // 2}/{size}/fn_and_grad")
    return tuple(cases)


def measured_runs(families, quick, most_ranks, least_operators=1, cache=None):
    cases = measured_cases(families, quick, cache, least_operators)
    return [Run("measured", ranks, cases, 9 if quick else 21) for ranks in powers_of_two(1, most_ranks)]


def threaded_runs(run, cores):
    """The same on one rank with 2, 4, … threads."""
    return [dataclasses.replace(run, threads=n) for n in powers_of_two(2, cores)] if cores > 1 else []


def comparison_runs(families, quick):
    """The measured side: without sums through the memory of the node, which a simulator has not."""
    chosen = [name for name in COMPARED if name in families] or families
    cases = tuple(case for case in measured_cases(chosen, True) if "/strong/" in case)
    return [Run("measured", ranks, cases, 9 if quick else 21, node_sum=False) for ranks in (1, 2)]


def calibration_run(families, quick, ranks):
    """The rates, with all cores busy."""
    return Run("measured", ranks, measured_cases(families, quick), 9 if quick else 21)


def simulated_runs(families, quick, most_ranks, rates):
    weak = tuple(f"{name}/weak/{FAMILIES[name].simulated_weak}/fn_and_grad" for name in families)
    calls = ("fn_and_grad",) if quick else ("fn_and_grad", "grad", "fn")
    strong = tuple(f"{name}/strong/{FAMILIES[name].simulated_strong}/{call}" for name in families for call in calls)
    most_strong = min(most_ranks, 32 if quick else 256)
    return [Run("simulated", ranks, weak + (strong if ranks <= most_strong else ()), rates=rates)
            for ranks in powers_of_two(1, min(most_ranks, 64) if quick else most_ranks)]


# 8 operators (5x5 blur, every 2nd pixel) of RGB float images: milliseconds of the gradient by GPUs, 4 V100-32GB a
# node. NumPEx, benchmark_invprob_largescale of DeepInverse's distributed gradient, timing-breakdown.json.
PUBLISHED = {
    2048: {1: 16.8, 2: 10.9, 4: 5.9, 8: 6.5, 16: 12.9, 32: 12.3, 64: 13.3},
    4096: {1: 62.7, 2: 39.9, 4: 21.5, 8: 22.6, 16: 51.3, 32: 51.6, 64: 50.7},
}


def memory_needed(size, ranks):
    """[bytes], roughly: on every rank x, the gradient and what MPI takes to reduce it; of each operator the data."""
    return 3 * 4 * size**2 * (3 * ranks + 8 // 4)


def published_rate(size):
    """Operations a second that the published time on one GPU implies: two passes of 5 taps forward and back, for 8
    operators. As scaling_benchmark counts them: the first pass is needed for all columns of the kept rows."""
    return 8 * 4 * 5 * 3 * (3 * (size // 2) ** 2) / (1e-3 * PUBLISHED[size][1])


def numpex_runs(kind, quick, most_ranks, memory):
    """Those that fit into `memory` [bytes], and in words those that do not. The published times were taken on 1 to 64
    GPUs."""
    runs, left_out = [], []
    for size in (2048,) if quick else (2048, 4096):
        rates = {"downsampled_blur/grad": published_rate(size)} if kind == "simulated" else None
        for ranks in powers_of_two(1, min(64, most_ranks)):
            needed = memory_needed(size, ranks)
            if needed <= memory:
                runs.append(Run(kind, ranks, (f"downsampled_blur/strong/8/{size}/grad",),
                                1 if kind == "simulated" else 9, rates=rates))
            else:
                left_out.append(f"{kind}: {size}^2 on {ranks} rank{'s'[:ranks > 1]} is left out: it needs "
                                f"{needed / 2**30:.1f} GiB of memory, and {memory / 2**30:.1f} are free")
    return runs, left_out
