# SPDX-License-Identifier: BSD-3-Clause
"""The law of every line of the study, and the ranks at which its efficiency falls below one half."""

import math

import figures
import fit

import numpy

REACH = 16     # times the most ranks: so far laws are followed
CURVE = 33     # points, for plots
HALF = 0.5


def crossing(ranks, efficiencies):
    """Ranks where the efficiency falls below one half, on straight lines between logarithms; nothing where it does not."""
    before = None
    for p, efficiency in zip(ranks, efficiencies):
        if efficiency < HALF:
            if before is None:
                return p
            share = math.log(before[1] / HALF) / math.log(before[1] / efficiency)
            return before[0] * (p / before[0]) ** share
        before = p, efficiency
    return None


def followed(points):
    """The most ranks to which a law is followed. Where operators are whole, those beyond their number have none."""
    most = points[-1]["ranks"]
    if points[0]["series"] == "strong" and points[0].get("form", "replicated") == "replicated":
        return max(most, min(REACH * most, int(points[0]["operators"])))
    return REACH * most


def half_of(points, found):
    """Where the efficiency falls below one half: in the points, or by the law beyond them. With neither, how far it is
    known not to."""
    if any("efficiency" not in point for point in points):
        return None
    ranks = crossing([p["ranks"] for p in points], [p["efficiency"] for p in points])
    if ranks is not None:
        return {"ranks": ranks, "extrapolated": False}
    most, reach = points[-1]["ranks"], followed(points)
    if not found or reach == most:
        return {"above_up_to": most, "extrapolated": False}
    p = numpy.geomspace(most, reach, 241)
    first = points[0]
    ideal = first["efficiency"] * first["ms"] * (first["ranks"] / p if first["series"] == "strong" else 1)
    law, _, others = found
    ranks = crossing(p, ideal / law(p))
    low, high = numpy.percentile([crossing(p, ideal / other(p)) or math.inf for other in others], (2.5, 97.5),
                                 method="nearest")
    ends = {"low": float(low) if low < math.inf else None, "high": float(high) if high < math.inf else None}
    return {**({"above_up_to": reach} if ranks is None else {"ranks": float(ranks)}), "extrapolated": True, **ends}


def law_of(line, points):
    """Of points that differ in their ranks alone, the fewest first."""
    ranks, times = [p["ranks"] for p in points], [p["ms"] for p in points]
    found = fit.fitted(ranks, times)
    entry = {"line": list(line), "points": len(points)}
    if found:
        law, error, others = found
        p = numpy.geomspace(ranks[0], ranks[-1], CURVE)
        low, high = fit.between(others, p)
        entry |= {"law": str(law), "error": float(error),
                  "terms": [[float(c), str(i), j] for c, (i, j) in zip(law.coefficients, law.terms)],
                  "curve": [[float(x) for x in row] for row in zip(p, law(p), low, high)]}
    entry["half"] = half_of(points, found)
    return entry | {"text": text_of(entry)}


def of(points):
    """An entry for each line with more than one number of ranks, all of as many threads."""
    lines = {}
    for point in sorted(points, key=lambda point: point["ranks"]):
        lines.setdefault((figures.line_of(point), point["threads"]), []).append(point)
    return [law_of(line, members) for (line, _), members in lines.items() if len(members) > 1]


def whole(ranks):
    """A whole number of them; the law is no better known than to a tenth."""
    return math.ceil(round(ranks, 1))


def half_text(half):
    """In words."""
    if not half:
        return "no run on one rank, and so no efficiency"
    where = f"below 1/2 from {whole(half['ranks'])} ranks on" if "ranks" in half else \
        f"not below 1/2 up to {half['above_up_to']} ranks"
    if not half["extrapolated"]:
        return f"efficiency {where}"
    if half["low"] is None:
        return f"efficiency {where} (extrapolated)"
    most = f"to {whole(half['high'])}" if half["high"] else "or more"
    return f"efficiency {where} (extrapolated; 95 %: {whole(half['low'])} {most})"


def text_of(entry):
    """In one line."""
    if "law" in entry:
        law = f"law [ms]: {entry['law']}, to {100 * entry['error']:.2g} %"
    else:
        law = f"no law: {entry['points']} numbers of ranks, and one needs {fit.FEWEST_POINTS}"
    return f"{law}; {half_text(entry['half'])}"
