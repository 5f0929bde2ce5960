# SPDX-License-Identifier: BSD-3-Clause
"""How fast a simulated rank computes: measured on this machine, again where it was busy, and with a word on how quiet it
was at last."""

import dataclasses

import busy
import study

TRIES = 3


def rates_of(run):
    """Of FAMILY/CALL, with how steadily they were measured."""
    found = {}
    for name, figures in study.counters(run).items():
        for key, rate in study.rates_of({"results": {"benchmarks": [figures]}}).items():
            family, call = key.split("/")
            steady = {name: figures[name] for name in ("ms", "ms_low", "ms_high", "core_share") if name in figures}
            found[key] = {"family": family, "call": call, "case": name, "rate": rate, "tries": 1, **steady}
    return found


def disturbance(row):
    """Above 1 where the machine was busy."""
    return max((1 - busy.share(row)) / (1 - busy.SHARE), busy.spread(row) / busy.SPREAD)


def calibrated(work, planned, run, stated):
    """The rates of `run`, which was planned so; those that were disturbed are measured again, and the quietest are taken.
    Not those that are stated."""
    found = {key: row for key, row in rates_of(run).items() if key not in stated}
    for number in range(2, TRIES + 1):
        again = tuple(row["case"] for row in found.values() if busy.busy(row))
        if not again:
            break
        more = dataclasses.replace(planned, cases=again)
        work.expect([more])
        for key, row in rates_of(work.measure(more, " (for the rates, again: the machine was busy)")).items():
            found[key] = {**min(found[key], row, key=disturbance), "tries": number}
    return list(found.values())


def told(rows):
    """Always, so that silence is no answer."""
    least = f", and ranks got {100 * min(map(busy.share, rows)):.0f} % of a core or more"
    quiet = (f"The rates of the simulation were measured on a quiet machine: no interval is wider than "
             f"{100 * max(map(busy.spread, rows)):.0f} % of its time{least if any('core_share' in row for row in rows) else ''}.")
    return busy.of_rates(rows) or quiet
