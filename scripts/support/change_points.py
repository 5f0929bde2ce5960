#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""change_points.py RESULTS.json...: since which run the ratios of scripts/benchmark are others than before.

The files are the results.json of runs, the oldest first. The series of a ratio has a change point where, in some stretch of
it, the ranks of the figures before and after differ more than in all but few random orders of as many, at 5 % over all
series together, and the medians by 2 % or more. Prints a line for each, and exits with 0: a change is no verdict. Bad input exits
with 2.
"""

import functools
import itertools
import math
import random
import statistics
import sys

import benchmark_results

LEVEL = 0.05
LEAST_CHANGE = 0.02
SHORTEST = 8  # of the stretches


def series_of(paths):
    """The figures of each ratio as pairs of a file and a number, in the order of `paths`."""
    series = {}
    for path in paths:
        for benchmark in benchmark_results.read(path)["benchmarks"]:
            for ratio in benchmark_results.ratios(benchmark):
                series.setdefault(f"{benchmark['name']} {ratio}", []).append((path, benchmark[ratio]))
    return series


@functools.cache
def splits(n):
    """Where n figures can be split within one of many stretches of them, each overlapping the next by half and shorter ones
    among longer: start, place, end, and what makes the difference of mean ranks before and after one in standard deviations.
    (S. Kovacs et al., "Seeded binary segmentation", Biometrika 110, 2023.)"""
    found, length, deviation = [], float(n), ((n * n - 1) / 12) ** 0.5
    while length >= SHORTEST or length == n:
        count = 2 * math.ceil(n / length) - 1
        step = (n - length) / (count - 1) if count > 1 else 0
        for start, end in sorted({(math.floor(k * step), min(n, math.ceil(k * step + length))) for k in range(count)}):
            found += [(start, place, end, 1 / (deviation * (1 / (place - start) + 1 / (end - place)) ** 0.5))
                      for place in range(start + 1, end)]
        length /= 2 ** 0.5
    return found


def differences(ranks):
    """By how much the ranks before and after each of splits() differ."""
    sums = [0, *itertools.accumulate(ranks)]
    return [abs((sums[place] - sums[start]) / (place - start) - (sums[end] - sums[place]) / (end - place)) * scale
            for start, place, end, scale in splits(len(ranks))]


@functools.cache
def by_chance(n, level):
    """The most that differences() are in all but few random orders of n figures. Equal ones differ less."""
    tries, ranks, dice = max(2000, int(20 / level)), list(range(n)), random.Random(n)
    largest = []
    for _ in range(tries):
        dice.shuffle(ranks)
        largest.append(max(differences(ranks)))
    return sorted(largest, reverse=True)[int(level * tries)]


def length_for(n):
    """The one of few lengths whose by_chance() stands for that of n: it grows with the length."""
    length = 16
    while length < n:
        length = math.ceil(1.15 * length)
    return n if n <= 16 else length


def ranks_of(values):
    """1 for the least; those that are equal share the mean of their ranks."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]


def steps(values, level):
    """The indices at which `values` begin to be others, ascending: each splits what lies between its neighbours."""
    if len(values) < 2 or min(values) == max(values):
        return []
    found = zip(differences(ranks_of(values)), splits(len(values)))
    allowed = by_chance(length_for(len(values)), level)
    for _, (start, place, end, _) in sorted((f for f in found if f[0] > allowed), reverse=True):
        before, after = statistics.median(values[start:place]), statistics.median(values[place:end])
        if abs(after - before) >= LEAST_CHANGE * abs(before):
            return [*steps(values[:place], level), place, *(place + k for k in steps(values[place:], level))]
    return []


def change_points(values, level):
    """Those of steps() whose medians, up to the next ones, differ enough."""
    places = steps(values, level)
    while places:
        ends = [0, *places, len(values)]
        medians = [statistics.median(values[start:end]) for start, end in zip(ends, ends[1:])]
        enough = [abs(after - before) - LEAST_CHANGE * abs(before) for before, after in zip(medians, medians[1:])]
        if min(enough) >= 0:
            break
        del places[enough.index(min(enough))]
    return places


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
