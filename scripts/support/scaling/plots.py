# SPDX-License-Identifier: BSD-3-Clause
"""The plots of the study."""

import figures

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

import numpex  # noqa: E402
import table  # noqa: E402

# What is measured, simulated, ideal or a bound differs in line and marker, not in colour alone.
STYLES = {"measured": {"marker": "o", "linestyle": "-"},
          "simulated": {"marker": "s", "linestyle": "-.", "markerfacecolor": "white"},
          "bound": {"linestyle": ":", "linewidth": 1.5}, "ideal": {"linestyle": "--", "color": "grey", "linewidth": 1}}
COLOURS = {"measured": ("tab:blue", "tab:cyan", "tab:green"), "simulated": ("tab:orange", "tab:brown", "tab:red", "tab:pink")}


def ranks_axis(axis, ranks):
    axis.set_xscale("log", base=2)
    shown = ranks if len(ranks) <= 7 else ranks[::2]
    axis.set_xticks(shown, [str(n) for n in shown])
    axis.minorticks_off()
    axis.set_xlabel("MPI ranks")
    axis.grid(alpha=0.3)


def lines_of(points, series):
    """The points of fn_and_grad (or what there is instead), on as many threads as those on most ranks, a list for each
    case, the fewest ranks first."""
    threads = max((p["ranks"], -p["threads"]) for p in points)[1]
    calls = {p["call"] for p in points}
    call = "fn_and_grad" if "fn_and_grad" in calls else min(calls)
    lines = {}
    for p in sorted(points, key=lambda p: p["ranks"]):
        if (p["series"], p["call"], -p["threads"]) == (series, call, threads) and "speed_up" in p:
            lines.setdefault((p["kind"], p["operators_in_name"], p["size"], p["case"].split("/")[5]), []).append(p)
    return lines


def bounded(point):
    """The least time: computing of the busiest rank, and the all-reduce's bound."""
    return point["compute_ms"] + point.get("bound_ms", 0)


def nodes_axis(axis, line):
    """The nodes that the ranks of a line were on, above, where they were more than one."""
    if not any(p.get("nodes", 1) > 1 for p in line):
        return
    shown = line if len(line) <= 7 else line[::2]
    above = axis.secondary_xaxis("top")
    above.set_xticks([p["ranks"] for p in shown], [str(p.get("nodes", "")) for p in shown])
    above.minorticks_off()
    above.set_xlabel(f"nodes, {line[0]['kind']}")


THIN = {"linestyle": "-", "linewidth": 0.8}


def draw_law(axis, entry, point, quantity, colour):
    """As a thin line, and where it may lie. Speed-up times the time is the same everywhere, as is a weak efficiency."""
    whole = point[quantity] * point["ms"]
    ranks, ms, low, high = zip(*entry["curve"])
    axis.plot(ranks, [whole / x for x in ms], color=colour, **THIN)
    axis.fill_between(ranks, [whole / x for x in high], [whole / x for x in low], color=colour, alpha=0.2, linewidth=0)


def draw_series(axis, points, series, quantity, laws):
    """Measured and simulated, and what they could be."""
    lines = lines_of(points, series)
    everything = sorted({p["ranks"] for line in lines.values() for p in line})
    if not everything:
        axis.set_axis_off()
        return
    threads = next(iter(lines.values()))[0]["threads"]
    ideal = [n * threads if series == "strong" else 1 for n in everything]
    axis.plot(everything, ideal, label="ideal", **STYLES["ideal"])
    drawn = {"measured": 0, "simulated": 0}
    each = " a rank" if series == "weak" else ""
    for (kind, operators, size, form), line in lines.items():
        colour = COLOURS[kind][drawn[kind] % len(COLOURS[kind])]
        drawn[kind] += 1
        ranks = [p["ranks"] for p in line]
        axis.plot(ranks, [p[quantity] for p in line], color=colour, markersize=5, **STYLES[kind],
                  label=f"{kind}: {operators} operator{'s'[:operators > 1]} of size {size}{each}, {table.in_words(form)}")
        axis.plot(ranks, [p[quantity] * p["ms"] / bounded(p) for p in line], color=colour, **STYLES["bound"])
        law = laws.get(figures.line_of(line[0]), {})
        if "law" in law:
            draw_law(axis, law, line[0], quantity, colour)
    axis.plot([], [], label="bound: no waiting, fastest reduction", color="black", **STYLES["bound"])
    if any("law" in laws.get(figures.line_of(line[0]), ()) for line in lines.values()):
        axis.plot([], [], label="law, with its 95 % band", color="black", **THIN)
    ranks_axis(axis, everything)
    nodes_axis(axis, max(lines.values(), key=lambda line: line[-1].get("nodes", 0)))
    axis.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.14))  # below: it would hide lines


def draw_split(axis, points, series):
    """Where the time goes: means over the ranks, as shares of the whole. Of the case with most ranks."""
    line = max(lines_of(points, series).values(), key=lambda line: (line[-1]["ranks"], line[0]["size"]), default=[])
    if not line:
        axis.set_axis_off()
        return
    places, below = range(len(line)), [0.0] * len(line)
    parts = ("compute_ms_mean", "wait_ms_mean", "communicate_ms_mean")
    for key, name, colour, hatch in zip(parts, ("computing", "waiting for others", "reducing"),
                                        ("tab:blue", "lightgrey", "tab:orange"), ("", "//", "..")):
        shares = [100 * p[key] / max(1e-30, sum(p[part] for part in parts)) for p in line]
        axis.bar(places, shares, bottom=below, label=name, color=colour, hatch=hatch, edgecolor="white", width=0.8)
        below = [a + b for a, b in zip(below, shares)]
    axis.set_xticks(places, [str(p["ranks"]) for p in line], fontsize=8 if len(line) > 8 else 10)
    axis.set(xlabel="MPI ranks", ylabel="share of the time [%]", ylim=(0, 118), yticks=range(0, 101, 20),
             title=f"Where the time goes: {series}, {line[0]['kind']}, {table.in_words(line[0]['case'].split('/')[5])}")
    axis.legend(frameon=False, fontsize=9, ncols=3, loc="upper center")


def draw_family(path, points, laws):
    """Strong and weak scaling of one family's fn_and_grad."""
    figure, axes = plt.subplots(2, 2, figsize=(11, 9), layout="constrained")
    (strong, weak), (strong_split, weak_split) = axes
    draw_series(strong, points, "strong", "speed_up", laws)
    draw_series(weak, points, "weak", "efficiency", laws)
    if strong.axison:
        strong.set_yscale("log", base=2)
        strong.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
        strong.set(ylabel="speed-up", title="Strong scaling")
    if weak.axison:
        weak.set(ylabel="efficiency", title="Weak scaling")
        weak.set_ylim(0, 1.15)
    draw_split(strong_split, points, "strong")
    draw_split(weak_split, points, "weak")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def draw_published(path, rows):
    """Milliseconds of the published case."""
    keys = [(kind, form) for kind in ("simulated", "measured") for form in numpex.FORMS]
    sizes = [size for size in sorted({row["size"] for row in rows})
             if any(row["size"] == size and f"{kind}_{form}_ms" in row for row in rows for kind, form in keys)]
    figure, axes = plt.subplots(1, max(1, len(sizes)), figsize=(5.5 * max(1, len(sizes)), 4), layout="constrained",
                                squeeze=False)
    for axis, size in zip(axes[0], sizes):
        lines = {"published_ms": ("published, V100 GPUs", {"marker": "D", "linestyle": "-", "color": "black"})}
        for kind, form in keys:
            colour = COLOURS[kind][numpex.FORMS.index(form)]
            lines[f"{kind}_{form}_ms"] = (f"{kind}, {table.in_words(form)}", {**STYLES[kind], "color": colour})
        for key, (name, style) in lines.items():
            line = [row for row in rows if row["size"] == size and key in row]
            if line:
                axis.plot([row["ranks"] for row in line], [row[key] for row in line], label=name, markersize=5, **style)
        ranks_axis(axis, sorted({row["ranks"] for row in rows if row["size"] == size}))
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
        axis.set(ylabel="gradient [ms]", xlabel="GPUs, or MPI ranks", title=f"{size}² RGB, 8 operators")
        axis.legend(frameon=False, fontsize=9)
    figure.savefig(path, dpi=100)
    plt.close(figure)
