# SPDX-License-Identifier: BSD-3-Clause
"""Runs the checks that are asked for: a line for each as it ends, and what all came to."""

import sys
import time

import launches
import record
import report
import scoring

COLUMNS = "{:<15} {:>10} {:>10} {:>10}  {:<44} {:>7}  {}"


def list_checks(checks):
    for check in checks:
        print(f"{check.name}: {check.guarantee}\n    goal: {check.goal.text}; "
              f"{len(check.full)} launches, quick {len(check.quick)}\n    canary: {check.planted}")


def figure_text(figure):
    return "-" if figure is None else f"{figure:.3g}"


class Progress:
    """Says on stderr which launch is running: in a line that is written over on a terminal, else in one line each."""

    def __init__(self, of_all):
        self.of_all = of_all  # "[3 of 12]"
        self.text = ""

    def begin(self, check, number, count, launch):
        self.text = f"{self.of_all} {check.name}: launch {number} of {count}: {launch}"
        self.start = time.monotonic()
        if not sys.stderr.isatty():
            print(self.text, file=sys.stderr, flush=True)

    def watch(self):
        if sys.stderr.isatty():
            line = f"{time.monotonic() - self.start:4.0f} s {self.text}"
            print(f"\r\033[K{line[:110]}", end="", file=sys.stderr, flush=True)

    def clear(self):
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def run_launches(check, options, progress):
    flags = ("--quick",) * (options.quick or options.canaries) + ("--canary",) * options.canaries
    pairs = []
    chosen = check.launches(options)
    for number, launch in enumerate(chosen, 1):
        progress.begin(check, number, len(chosen), launch)
        progress.watch()
        pairs.append((launch, launches.run(launch, flags, progress.watch)))
    progress.clear()
    return pairs


def print_what_was_said(pairs, is_bad):
    """Of the first launch that failed."""
    for launch, outcome in pairs:
        if is_bad(launch, outcome):
            print(f"    {launch}:")
            print("\n".join(f"      {line}" for line in outcome.said))
            return


def print_check(check, pairs, entry):
    print(COLUMNS.format(check.name, entry["tried"], entry["held"], figure_text(scoring.worst(
        outcome.figure for _, outcome in pairs)), check.goal.text, f"{entry['seconds']:.0f} s", entry["verdict"]), flush=True)
    if not entry["holds"]:
        print_what_was_said(pairs, lambda launch, outcome: scoring.end_of(launch, outcome) or outcome.held != outcome.tried
                            or outcome.status != 0)


def print_canary(check, pairs, entry):
    print(f"{check.name:<15} {entry['seconds']:5.0f} s  {entry['verdict']}: {check.planted}", flush=True)
    if not entry["caught"]:
        print_what_was_said(pairs, lambda launch, outcome: not scoring.caught(check, launch, outcome))


def summary(options, entries):
    good = [name for name, entry in entries.items() if entry["caught" if options.canaries else "holds"]]
    others = [name for name in entries if name not in good]
    if options.canaries:
        text = f"{len(good)} of {len(entries)} planted faults are caught"
    else:
        tried = sum(entry["tried"] for entry in entries.values())
        text = f"{len(good)} of {len(entries)} checks hold, {tried} cases"
        if options.quick:
            text += "; a quick run, which does not claim the goals"
    return text + (f". Not: {', '.join(others)}" if others else "") + "."


def run(options):
    """The exit status."""
    checks = [check for check in options.checks if check.launches(options)]
    for check in options.checks:
        if check not in checks:
            print(f"{check.name}: only in a full run")
    if not options.canaries:
        print(COLUMNS.format("check", "tried", "held", "figure", "goal of a full run", "time", "verdict"), flush=True)
    kept = record.read(options.output)
    entries = {}
    for number, check in enumerate(checks, 1):
        pairs = run_launches(check, options, Progress(f"[{number} of {len(checks)}]"))
        score = (scoring.canary_of(check, pairs) if options.canaries else scoring.scored(check, pairs, options.quick))
        entries[check.name] = score
        (print_canary if options.canaries else print_check)(check, pairs, score)
        stored = record.merged(kept, "canary" if options.canaries else "run", entries)
        report.write(options.output, stored)
    print(f"\n{summary(options, entries)}\nWritten to {options.output}: scorecard.json, scorecard.html")
    return 0 if all(entry["caught" if options.canaries else "holds"] for entry in entries.values()) else 1
