# SPDX-License-Identifier: BSD-3-Clause
"""What the launches of a check come to."""

import math

from launches import within


def worst(figures):
    given = [figure for figure in figures if figure is not None]
    return next((figure for figure in given if math.isnan(figure)), max(given, default=None))


def end_of(launch, outcome):
    """What is wrong with how a launch ended, in words, or ""."""
    return f"hung ({launch.limit:g} s)" if outcome.end == "hang" else outcome.fault()


def differing(pairs):
    """What was computed by several launches, or several times by one, and has more than one hash."""
    hashes = {}
    for _, outcome in pairs:
        for what, value in outcome.hashes:
            hashes.setdefault(what, set()).add(value)
    return {what: len(values) for what, values in hashes.items() if len(values) > 1}


def faults(check, pairs, quick):
    """Why a check fails: its launches with their outcomes."""
    found = []
    for number, (launch, outcome) in enumerate(pairs, 1):
        what = end_of(launch, outcome)
        if not what and outcome.tried <= 0:
            what = "tried nothing"
        if what:
            found.append(f"launch {number}: {what}")
    tried, held = (sum(getattr(outcome, name) for _, outcome in pairs) for name in ("tried", "held"))
    figure = worst(outcome.figure for _, outcome in pairs)
    if held != tried:
        found.append(f"{tried - held} of {tried} do not hold")
    if not within(figure, check.goal):
        found.append("no figure" if figure is None else f"the figure is {figure:.3g}")
    several = differing(pairs)
    if several:
        first = next(iter(several))
        found.append(f"bits differ between launches: {first} has {several[first]} hashes"
                     + (f", and so have {len(several) - 1} others" if len(several) > 1 else ""))
    if not quick and tried < check.goal.cases:
        found.append(f"{tried} cases, {check.goal.cases} are the goal")
    return found


def scored(check, pairs, quick):
    """What is recorded of a check that ran."""
    figure = worst(outcome.figure for _, outcome in pairs)
    tried, held = (sum(getattr(outcome, name) for _, outcome in pairs) for name in ("tried", "held"))
    found = faults(check, pairs, quick)
    verdict = "failed: " + "; ".join(found) if found else "holds"
    if not found and quick and tried < check.goal.cases:
        verdict = f"holds in {tried} of the {check.goal.cases} cases of a full run"
    return {"holds": not found, "verdict": verdict, "quick": quick, "tried": tried, "held": held, "figure": figure,
            "seconds": round(sum(outcome.seconds for _, outcome in pairs), 1), "launches": listed(pairs)}


def caught(check, launch, outcome):
    """Whether a launch with a planted fault shows it, in the way in which it must."""
    if check.found_by not in ("cases", "all cases"):
        return outcome.end == check.found_by
    if outcome.end != "result" or outcome.tried <= 0:
        return False
    if check.found_by == "all cases":
        return outcome.held == 0
    return outcome.held < outcome.tried or not within(outcome.figure, check.goal)


def canary_of(check, pairs):
    """What is recorded of a check's canary: caught where each launch shows its fault."""
    missed = [(launch, outcome) for launch, outcome in pairs if not caught(check, launch, outcome)]
    how = [f"{launch}: {end_of(launch, outcome) or f'{outcome.held} of {outcome.tried} hold'}" for launch, outcome in missed]
    return {"caught": not missed, "verdict": "not caught: " + "; ".join(how) if how else "caught",
            "seconds": round(sum(outcome.seconds for _, outcome in pairs), 1), "launches": listed(pairs)}


def listed(pairs):
    return [{"launch": str(launch), "end": outcome.end, "status": outcome.status, "tried": outcome.tried,
             "held": outcome.held, "figure": outcome.figure, "seconds": outcome.seconds, "said": outcome.said,
             "hashes": dict(outcome.hashes)}
            for launch, outcome in pairs]
