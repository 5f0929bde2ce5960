# SPDX-License-Identifier: BSD-3-Clause
"""What a study found, in few lines: the efficiency of each family on the most ranks."""

import textwrap

import busy
import figures
import table

NAMED = 4   # as many problems are named
HALF = 0.5  # the efficiency below which more ranks are hardly worth their cost
COLUMNS = ("strong", "strong, in parts", "weak", "weak, in parts", "throughput")
EXPLAINED = "in parts: operators split or x in slabs, in the best form; else x is on every rank. !: a busy machine."


def last_points(points):
    """Of each line of fn_and_grad (or of what there is instead) the point on most ranks, if it has an efficiency."""
    calls = {point["call"] for point in points}
    call = "fn_and_grad" if "fn_and_grad" in calls else min(calls, default=None)
    lines = {}
    for point in points:
        if point["call"] == call:
            lines.setdefault(figures.line_of(point), []).append(point)
    last = [max(line, key=lambda p: (p["ranks"], -p["threads"])) for line in lines.values()]
    return [point for point in last if "efficiency" in point]


def form_of(point):
    """As the case says it, which is the same on any number of ranks."""
    return figures.line_of(point)[-1]


def column(point):
    return point["series"] + ", in parts" * (form_of(point) != "replicated")


def best(points):
    return max(points, key=lambda point: point["efficiency"])


def cell(points):
    """The efficiency of the best of them."""
    if not points:
        return "-"
    point = best(points)
    form = form_of(point).replace("members_of_", "members of ")
    named = "" if form == "replicated" else f", {form}"
    return f"{table.percent(point['efficiency'])}{'!' if busy.busy(point) else ''} on {point['ranks']}{named}"


def tables(points):
    """A title, a head and rows for each kind and platform."""
    groups = {}
    for point in last_points(points):
        groups.setdefault((point["kind"], point["platform"]), []).append(point)
    for (kind, platform), members in groups.items():
        columns = [name for name in COLUMNS if name in map(column, members)]
        rows = [(family.replace("_", " "),
                 *(cell([p for p in members if (p["family"], column(p)) == (family, name)]) for name in columns))
                for family in dict.fromkeys(point["family"] for point in members)]
        yield f"{kind}{f' on {platform}' if platform else ''}", ("family", *columns), rows


def verdict(points):
    """How many problems keep an efficiency of one half on the most ranks, each in the form that serves it best; and a
    line for each of those that do not."""
    problems = {}
    for point in last_points(points):
        problems.setdefault(figures.problem_of(point), []).append(point)
    if not problems:
        return "No efficiencies: nothing ran on one rank.", []
    low = sorted((point for point in map(best, problems.values()) if point["efficiency"] < HALF),
                 key=lambda point: point["efficiency"])
    text = (f"{len(problems) - len(low)} of {len(problems)} problems, each in its best form, have an efficiency of "
            f"{table.percent(HALF)} or more on their most ranks")
    named = [f"{table.percent(p['efficiency'])} on {p['ranks']}, {p['kind']}: {p['case']}" for p in low[:NAMED]]
    more = [f"and {len(low) - NAMED} more"] * (len(low) > NAMED)
    return text + (". Below that:" if low else "."), named + more


def remarks(results):
    """Paragraphs: what there is besides to know of it, and how far to trust it."""
    return [text for text in (table.told_of_placements(results.get("placements", ())),
                              table.told_of_memory(results["points"]), busy.told(results)) if text]


def show(results):
    print("\nSummary: efficiency on the most ranks")
    for title, head, rows in tables(results["points"]):
        print(f"\n{title}:")
        for text in table.aligned(head, rows):
            print(f"  {text}")
    text, named = verdict(results["points"])
    print()
    for paragraph in (EXPLAINED, text, *(f"  {line}" for line in named), *remarks(results)):
        print(textwrap.fill(paragraph, 100))
