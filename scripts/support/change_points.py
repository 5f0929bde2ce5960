#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""change_points.py RESULTS.json...: since which run the ratios of scripts/benchmark are others than before.

The files are the results.json of runs, the oldest first. The series of a ratio has a change point where the ranks of the
figures before and after it differ more than in all but few random orders of the same figures, at 5 % over all series
together, and the medians by 2 % or more. Prints a line for each, and exits with 0: a change is no verdict. Bad input exits
with 2.
"""

import itertools
import random
import statistics
import sys

import benchmark_results

LEVEL = 0.05
LEAST_CHANGE = 0.02


def series_of(paths):
    """The figures of each ratio as pairs of a file and a number, in the order of `paths`."""
    series = {}
    for path in paths:
        for benchmark in benchmark_results.read(path)["benchmarks"]:
            for ratio in benchmark_results.ratios(benchmark):
                series.setdefault(f"{benchmark['name']} {ratio}", []).append((path, benchmark[ratio]))
    return series


def most_different(ranks):
    """Where the ranks before and after differ most, and by how many standard deviations of their sum."""
    n = len(ranks)
    best, place = 0.0, 0
    for k, total in enumerate(itertools.accumulate(ranks[:-1]), start=1):
        off = abs(total - k * (n + 1) / 2) / (k * (n - k) * (n + 1) / 12) ** 0.5
        if off > best:
            best, place = off, k
    return best, place


def ranks_of(values):
    """1 for the least; those that are equal share the mean of their ranks."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]


def change_points(values, level):
    """The indices at which `values` begin to be others, ascending: each splits what lies between its neighbours."""
    if len(values) < 2:
        return []
    ranks = ranks_of(values)
    found, place = most_different(ranks)
    tries = int(20 / level)
    allowed, shuffled, dice = int(level * tries), list(ranks), random.Random(len(values))
    for _ in range(tries):
        dice.shuffle(shuffled)
        allowed -= most_different(shuffled)[0] >= found
        if allowed < 0:
            return []
    before, after = statistics.median(values[:place]), statistics.median(values[place:])
    if abs(after - before) < LEAST_CHANGE * abs(before):
        return []
    return [*change_points(values[:place], level), place, *(place + k for k in change_points(values[place:], level))]


def report(paths):
    series = series_of(paths)
    for name, figures in sorted(series.items()):
        values = [value for _, value in figures]
        places = change_points(values, LEVEL / len(series))
        for start, place, end in zip([0, *places], places, [*places[1:], len(values)]):
            before, after = statistics.median(values[start:place]), statistics.median(values[place:end])
            print(f"{name}: since {figures[place][0]} {before:.3g} -> {after:.3g} ({100 * (after / before - 1):+.1f} %)")


def main(paths):
    try:
        if not paths or paths[0].startswith("-"):
            raise benchmark_results.BadInput("called as its first lines do not say")
        report(paths)
    except benchmark_results.BadInput as error:
        print(f"change_points: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
