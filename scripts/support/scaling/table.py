# SPDX-License-Identifier: BSD-3-Clause
"""Tables for a terminal, at most 100 columns wide."""

import textwrap

import busy
import figures
import numpex

HELP = """\
speed-up, eff.: against the best program of one process. norm.: speed-up over what the memory
bandwidth of the machine gained in the same run. compute, wait, reduce [ms]: until the first
message, for the slowest rank to get there, and from then on; the most of any rank. bal.: mean over
most of computing. bound: share reached of the least time of the all-reduce, lg p latencies +
2(p-1)/p n/bandwidth; in slabs of the messages to neighbours. MPI, bytes: calls, and what a rank
hands to them. [ ]: 95 % interval.
!: other work ran on the machine, or times differed much: no timing.
law: of the times at p ranks, in Extra-P's form, to the error where each point in turn is left out.
"""


def number(value, digits=4):
    """In few characters: 0.1234, 12.34, 1234."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) < 1:
        return f"{value:#.{min(digits, 3)}g}" if abs(value) >= 1e-4 else f"{value:.1e}"
    if abs(value) < 10 ** (digits + 1):
        return f"{value:.{max(0, digits - len(str(int(abs(value)))))}f}"
    return f"{value:.1e}"


def percent(value):
    return "-" if value is None else f"{100 * value:.0f}%"


def bytes_of(value):
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            return f"{number(value, 3) if unit != 'B' else int(value)} {unit}"
        value /= 1024
    return ""


def rows_of(points):
    threads = any(p["threads"] > 1 for p in points)
    for p in sorted(points, key=lambda p: (p["ranks"] * p["threads"], p["threads"])):
        ranks = f"{p['ranks']} x {p['threads']}" if threads else str(p["ranks"])
        spread = f" [{number(p['ms_low'], 3)} {number(p['ms_high'], 3)}]" if p["kind"] == "measured" else ""
        mark = "!" if busy.busy(p) else ""
        yield (ranks, number(p["ms"]) + spread + mark, number(p.get("speed_up"), 3), percent(p.get("efficiency")),
               percent(p.get("normalised_efficiency")), number(p["compute_ms"], 3), number(p["wait_ms"], 3),
               number(p["communicate_ms"], 3), percent(p["load_balance"]), percent(p.get("bound_share")),
               number(p["mpi_calls"], 2), bytes_of(p["mpi_bytes"]), bytes_of(p["forecast_bytes"]) if "forecast_bytes" in p else "-",
               percent(figures.memory_share(p)))


def aligned(head, rows, gap="  "):
    """Columns to the right, as wide as they must be."""
    rows = [head, *rows]
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    return [gap.join(f"{cell:>{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]


def filled(head, rows):
    """Without the columns in which no row has a figure."""
    keep = [k for k in range(len(head)) if any(row[k] != "-" for row in rows)]
    return tuple(head[k] for k in keep), [tuple(row[k] for k in keep) for row in rows]


def title(line):
    kind, platform, family, series, operators, size, call, form = line
    each = " a rank" if series == "throughput" or (series, form) == ("weak", "replicated") else ""
    grows = " a rank" if series == "weak" and form != "replicated" else ""
    on = f" on {platform}" if platform else ""
    return (f"{family.replace('_', ' ')}, {call}, {series}, {in_words(form)}: {operators} operator{'s'[:operators > 1]}"
            f"{each}, size {size}{grows}" + (f"; {kind}{on}" if kind else ""))


def in_words(form):
    """How operators and x lie on the ranks."""
    if form.startswith("members_of_"):
        return f"in members of {form.removeprefix('members_of_')} slabs"
    return {"replicated": "x on every rank", "split": "operators split", "slabs": "in slabs"}[form]


def laws_of(results):
    """By line."""
    return {tuple(entry["line"]): entry for entry in results.get("laws", ())}


def show(results):
    lines, laws = {}, laws_of(results)
    for point in results["points"]:
        lines.setdefault(figures.line_of(point), []).append(point)
    if lines:
        print(HELP)
    head = ("ranks", "ms", "speed-up", "eff.", "norm.", "compute", "wait", "reduce", "bal.", "bound", "MPI", "bytes")
    for line, points in lines.items():
        print(textwrap.fill(title(line), 100))
        for text in aligned(*filled(head, [row[:len(head)] for row in rows_of(points)]), " "):
            print(text)
        if line in laws:
            for text in textwrap.wrap(laws[line]["text"], 100):
                print(text)
        print()
    show_published(results["published"])


JOBS = ("job", "name", "ranks", "nodes", "a node", "threads", "node list", "backend", "revision", "date")


def rows_of_jobs(jobs):
    return [tuple(str(job[key]) for key in ("job", "name", "ranks", "nodes", "ranks_per_node", "threads", "nodelist",
                                            "backend", "revision", "date")) for job in jobs]


def shortened(text, width):
    return text if len(text) <= width else text[:width - 3] + "..."


def show_jobs(context):
    """What the points were collected of; the dates are in the report."""
    if "jobs" not in context:
        return
    print("Jobs:")
    rows = [(*row[:6], shortened(row[6], 16), *row[7:9])
            for row in rows_of_jobs(context["jobs"])]
    for text in aligned(JOBS[:9], rows, " "):
        print("  " + text)
    for remark in context["remarks"]:
        print("\n".join(textwrap.wrap(remark, 100)))
    print()


def told_of_placements(rows):
    """Whether the form that the model would have chosen was the fastest of those that ran."""
    if not rows:
        return ""
    worst = max(rows, key=lambda row: row["over_best"])
    close = sum(row["over_best"] <= 1.1 for row in rows)
    text = (f"Placement: of {len(rows)} cases that ran in several forms, the one that the model chose was within 10 % of the "
            f"fastest in {close}")
    if worst["chosen"] == worst["best"]:
        return f"{text}."
    return (f"{text}; at worst {worst['over_best']:.2f} times its time ({worst['case']} on {worst['ranks']} ranks: "
            f"{worst['chosen']} for {worst['best']}).")


def told_of_memory(points):
    """Whether the memory that was forecast was that which was held."""
    points = [p for p in points if figures.memory_share(p) is not None]
    if not points:
        return ""
    close = sum(map(figures.memory_as_forecast, points))
    worst = max(points, key=lambda p: abs(figures.memory_share(p) - 1))
    return (f"Memory: in {close} of {len(points)} cases what Views held was within 5 % (or 32 KiB) of the forecast; at worst "
            f"{figures.memory_share(worst):.3f} times it ({worst['case']} on {worst['ranks']} rank{'s'[:worst['ranks'] > 1]}).")


def show_comparison(rows):
    print("Simulation against measurement on this machine:")
    for text in aligned(("family", "call", "ranks", "measured [ms]", "simulated [ms]", "difference"),
                        [(row["family"], row["call"], str(row["ranks"]),
                          f"{number(row['measured_ms'])} [{number(row['measured_low'])} {number(row['measured_high'])}]",
                          number(row["simulated_ms"]), f"{100 * row['difference']:+.1f}%") for row in rows]):
        print("  " + text)


def show_published(rows):
    if not rows:
        return
    print("Published (NumPEx, DeepInverse on V100 GPUs), gradient of 8 operators [ms];")
    print("replicated, split, slabs: simulated; over ...: the published time over it")
    for text in aligned(*published_table(rows)):
        print("  " + text)
    print()


def published_table(rows):
    """Head and rows: the published milliseconds beside those of each form, as far as there are any."""
    kinds = [(kind, form) for kind in ("simulated", "measured") for form in numpex.FORMS
             if any(f"{kind}_{form}_ms" in row for row in rows)]
    ratios = [form for form in numpex.FORMS if any(f"published_over_{form}" in row for row in rows)]
    head = ("image", "ranks", "published", *(f"{form} here" if kind == "measured" else form for kind, form in kinds),
            *(f"over {form}" for form in ratios))
    return head, [(f"{row['size']}^2", str(row["ranks"]), number(row.get("published_ms")),
                   *(number(row.get(f"{kind}_{form}_ms")) for kind, form in kinds),
                   *(number(row.get(f"published_over_{form}"), 3) for form in ratios)) for row in rows]
