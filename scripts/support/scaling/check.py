# SPDX-License-Identifier: BSD-3-Clause
"""Whether simulated figures are those of an earlier study."""

import json
import math
import pathlib

import figures
import numpex
from bad_input import BadInput
from platforms import SHIPPED, Platform

TOLERANCE = 1e-6  # relative: simulated time has no noise, but sums of it may be rounded otherwise
COMPARED = tuple(key for key in (*figures.NEEDED, "bound_ms", "bound_share", "predicted_ms", "forecast_bytes") if key != "work_rate")


def is_number(value):
    return type(value) in (int, float) and math.isfinite(value)


def is_run(run):
    """Whether it can be made again."""
    parts = [case.split("/") for case in run["cases"]]
    return (type(run["ranks"]) is int and run["ranks"] > 0 and parts and all(len(p) == 6 for p in parts)
            and all(is_number(run["rates"][f"{p[0]}/{p[4]}"]) for p in parts))


def read(path):
    """A results.json with simulated points, and what they were made with."""
    try:
        data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"--check: {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"--check: {path}: is no JSON: {error}") from error
    try:
        simulation = data["context"]["simulation"]
        complete = ({"platform", "platform_sha256", "algorithms", "simgrid", "runs"} <= simulation.keys()
                    and simulation["runs"] and all(map(is_run, simulation["runs"]))
                    and any(point["kind"] == "simulated" for point in data["points"])
                    and all(is_number(point.get(key, 0)) for point in data["points"] for key in COMPARED)
                    and all(map(key_of, data["points"])))
    except (TypeError, KeyError, AttributeError, IndexError):
        complete = False
    if not complete:
        raise BadInput(f"--check: {path}: is no results.json of a study with --simulate, which "
                       "writes one")
    return data


def platform_of(asked, reference):
    """That of the reference, or the file that is asked for in its place."""
    simulation = reference["context"]["simulation"]
    if not asked.platform and not (SHIPPED / f"{simulation['platform']}.xml").exists():
        raise BadInput(f"--check: {asked.check} was made on {simulation['platform']}, which does not come with misfit; "
                       "name its file with --platform")
    platform = Platform(asked.platform or SHIPPED / f"{simulation['platform']}.xml")
    platform.host_file(max(run["ranks"] for run in simulation["runs"]))
    return platform


def require_same(path, reference, here, asked):
    """Refuses a reference that was made with other means, or is of another case than the options ask for."""
    names = {"platform_sha256": "the platform file", "simgrid": "the version of SimGrid",
             "algorithms": "the algorithms of the collectives"}
    for key, name in names.items():
        if reference[key] != here[key]:
            raise BadInput(f"--check: {path} is of another case: {name} was {reference[key]} and is {here[key]}; "
                           "make a new reference with --simulate")
    in_reference = {case.split("/")[0] for run in reference["runs"] for case in run["cases"]}
    if asked.family and in_reference != {asked.family}:
        raise BadInput(f"--check: {path} is of another case: of {' '.join(sorted(in_reference))}, not of {asked.family} "
                       "alone; go without --family")
    if asked.case == "numpex" and not all(numpex.has(case) for run in reference["runs"] for case in run["cases"]):
        raise BadInput(f"--check: {path} is of another case: not of numpex; go without --case")


def key_of(point):
    return f"{point['case']} at {point['ranks']} ranks"


def difference(name, old, new):
    """What to say if a figure is not what it was."""
    if old is None or new is None:
        return f"{name} {old} -> {new}" if old is not new else ""
    if math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=1e-12):
        return ""
    change = f" ({100 * (new / old - 1):+.2f} %)" if old else ""
    return f"{name} {old:.9g} -> {new:.9g}{change}"


def compare(reference, results):
    """A line for each simulated case that differs, is missing or new."""
    before, after = ({key_of(p): p for p in data["points"] if p["kind"] == "simulated"} for data in (reference, results))
    lines = [f"{key}: is only in the reference" for key in before if key not in after]
    lines += [f"{key}: is not in the reference" for key in after if key not in before]
    for key in before:
        if key not in after:
            continue
        found = [text for name in COMPARED
                 if (text := difference(name, before[key].get(name), after[key].get(name)))]
        if found:
            more = f", and {len(found) - 3} more" if len(found) > 3 else ""
            lines.append(f"{key}: {', '.join(found[:3])}{more}")
    return lines
