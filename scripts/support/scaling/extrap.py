# SPDX-License-Identifier: BSD-3-Clause
"""The points as JSON lines of Extra-P (its docs/file-formats.md): a value a line, at parameters p, the ranks, and n, the
size of an operator; callpaths are trees by "->". Extra-P takes no file in which one callpath has other points than
another, so that there are several."""

import json
import re

# Means over the ranks, which add up to the whole but for what the slowest differs from the mean.
PARTS = {"computing": "compute_ms_mean", "waiting": "wait_ms_mean", "reducing": "communicate_ms_mean"}


def callpath(point):
    machine = point["platform"] or "this machine"
    threads = [f"{point['threads']} threads"] if point["threads"] > 1 else []
    # Members, 4x16, are as many more as there are ranks.
    form = [re.sub(r"^\d+x", "members of ", point["form"])] if "form" in point else []
    return "->".join([f"{point['kind']} on {machine}", *threads, point["family"], point["series"],
                      f"{point['operators_in_name']} operators", *form, point["call"]])


def lines_of(point):
    """Times in seconds."""
    path, params = callpath(point), {"p": point["ranks"], "n": point["size"]}
    for part, key in {"": "ms", **PARTS}.items():
        yield json.dumps({"params": params, "callpath": f"{path}->{part}" if part else path, "metric": "time",
                          "value": point[key] / 1e3})


def files(points):
    """Their names and texts."""
    paths = {}
    for point in points:
        paths.setdefault(callpath(point), []).append(point)
    groups = {}
    for members in paths.values():
        name = "_".join(members[0][key] for key in ("kind", "family", "series"))
        where = tuple(sorted((point["ranks"], point["size"]) for point in members))
        groups.setdefault(name, {}).setdefault(where, []).extend(members)
    for name, by_place in groups.items():
        for number, members in enumerate(by_place.values(), 1):
            text = "".join(f"{line}\n" for point in members for line in lines_of(point))
            yield f"{name}{f'_{number}' if number > 1 else ''}.jsonl", text
