# SPDX-License-Identifier: BSD-3-Clause
"""Whether the machine was busy while something was measured: ranks did not have their cores for themselves, or times
differed from round to round."""

SHARE = 0.9    # of a core, that every rank must have got
SPREAD = 0.25  # of the time, that the interval may be wide
NAMED = 4      # as many figures are named


def share(row):
    return row.get("core_share", 1)


def spread(row):
    ms, low, high = (row[key] for key in (("measured_ms", "measured_low", "measured_high") if "measured_ms" in row else
                                          ("ms", "ms_low", "ms_high")))
    return (high - low) / ms


def busy(row):
    """A point, a row of the comparison, or a rate."""
    return share(row) < SHARE or spread(row) > SPREAD


def extent(rows):
    """How much."""
    least, most = min(map(share, rows)), max(map(spread, rows))
    return " and ".join([f"at worst a rank got {100 * least:.0f} % of a core"] * (least < SHARE) +
                        [f"the widest interval is {100 * most:.0f} % of its time"] * (most > SPREAD))


def listed(names):
    names = list(dict.fromkeys(names))
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def name_of(point):
    workers = f"{point['ranks']} rank{'s'[:point['ranks'] > 1]}" + \
        (f" of {point['threads']} threads" if point["threads"] > 1 else "")
    baseline = ", with the speed-ups over it" if point["ranks"] * point["threads"] == 1 else ""
    return f"{point['family']} {point['series']} {point['call']} on {workers}{baseline}"


def of_measurements(points, comparison):
    rows = [point for point in points if busy(point)], [row for row in comparison if busy(row)]
    if not any(rows):
        return ""
    names = [name_of(point) for point in rows[0]] + [f"the comparison of {row['family']} {row['call']}" for row in rows[1]]
    return f"Other work ran on this machine: {extent(rows[0] + rows[1])}. These are no timings: {listed(names)}."


def of_rates(calibration):
    rows = [row for row in calibration if busy(row)]
    if not rows:
        return ""
    return (f"The rates of the simulation were measured while other work ran on this machine: {extent(rows)}, after "
            f"{max(row['tries'] for row in rows)} tries. This concerns all simulated figures of: "
            f"{listed(row['family'] + ' ' + row['call'] for row in rows)}. --rate states rates.")


def told(results):
    """What to say of a study; nothing if all was quiet."""
    texts = of_measurements(results["points"], results["comparison"]), of_rates(results.get("calibration", ()))
    return " ".join(filter(None, texts))
