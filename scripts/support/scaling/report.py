# SPDX-License-Identifier: BSD-3-Clause
"""Writes index.html, its plots and the results."""

import html
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import page  # noqa: E402

import calibration  # noqa: E402
import extrap  # noqa: E402
import figures  # noqa: E402
import summary  # noqa: E402
import table  # noqa: E402

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>misfit: scaling study</title>
<style>
{style}.summary td:first-child, .summary th:first-child {{ text-align: left; }}
details th, details td {{ white-space: nowrap; padding: 0.15rem 0.4rem; }} details table {{ font-size: 0.8rem; }}
</style></head><body>
<h1>Scaling study</h1>
<p>How f(x) = Σ<sub>i</sub> d<sub>i</sub>(A<sub>i</sub> x, y<sub>i</sub>) and its gradient scale over MPI ranks: in a strong
series the operators of the case are spread over more and more ranks, in a weak one each rank has as many, and in a
throughput one a problem of its own. Where x is on every rank, one all-reduce of the gradient ends a call; operators may be
split over ranks; in slabs each rank has rows of x, and exchanges those at its ends with its neighbours.</p>
{summary}
<h2>Machine and settings</h2>
<div class="facts">{facts}</div>
<p>Everything: <a href="results.json">results.json</a>, <a href="google_benchmark.json">google_benchmark.json</a>; for
<a href="https://github.com/extra-p/extrap">Extra-P</a>: the files of extrap/. What the words mean:
<a href="#words">below</a>.</p>
{published}{comparison}{families}
<h2 id="words">What the figures mean</h2>
<ul>
<li><b>measured</b>: real runs, each call after a barrier, the time of the slowest rank, median of the rounds and in brackets
its 95 % interval. <b>simulated</b>: the same program in SimGrid, where time passes in messages as the platform says, and in
computing as the rates say; simulated time has no noise.</li>
<li><b>speed-up</b> and <b>efficiency</b> are against the best program of a single process: misfit's own, which sends nothing
there, or a hand-written one if that is faster. A weak speed-up is that of work per time. <b>norm.</b>, of measurements, is the
speed-up over what the memory bandwidth of the machine gained, by a triad in the same rounds.</li>
<li><b>!</b>: other work ran on the machine, so that a rank got less than 90 % of a core, or the interval is wider than a quarter
of the time: no timing.</li>
<li><b>compute</b> is the time until the first message, <b>wait</b> that until the slowest rank has come so far,
<b>reduce</b> the rest; the most of any rank [ms]. In slabs compute is all time outside MPI. <b>balance</b> is the mean over
the most of computing.</li>
<li><b>bound</b>: the share that the reduction reaches of ⌈log₂ p⌉ α + 2 (p − 1)/p · n β, in slabs of the agreement, ⌈log₂ p⌉
α, and the messages between neighbours, α + m β each way; α and β are from messages that the first and the last rank exchange
in the same run. It is a bound for ranks that are all as far apart as these two and share no
link: where many ranks share a node, and its link, the bytes count for more and the latencies for less; sums through the
memory of a node can beat it.</li>
<li><b>law</b>: the times at p ranks in the normal form of performance models, c<sub>0</sub> + c<sub>1</sub> p<sup>i</sup>
log<sub>2</sub><sup>j</sup> p and at most one term more, with the exponents of Extra-P (Calotoiu et al., SC13); its error is that at
points that it was not fitted to, relative to the times. The band in the plots holds 95 % of the laws of resampled errors. What lies
beyond the points, where ranks may be farther apart or have nothing to do, no law knows: such figures are marked
<b>extrapolated</b>.</li>
<li><b>calls, bytes</b>: what a rank hands to MPI in one evaluation. <b>forecast</b>: the memory that PlacementPlan
says, before anything is made, for x, the gradient, measurements, operators and work, of the rank with most, <b>held</b>: what Views
held over it, as Kokkos's hooks for tools see it.</li>
</ul>
{jobs}
</body></html>
"""

HEAD = ("kind", "ranks", "ms", "speed-up", "efficiency", "norm.", "compute", "wait", "reduce", "balance", "bound",
        "calls", "bytes", "forecast", "held")


def context(arguments):
    """Of this machine, and of what was asked."""
    return {"machine": page.machine(), "options": arguments}


def family_section(family, points, laws):
    parts = [f'<h2>{html.escape(family.replace("_", " "))}</h2>',
             f'<img src="{family}.png" alt="speed-up, efficiency and shares of time of {family}">']
    lines = {}
    for point in points:
        lines.setdefault(figures.line_of(point)[2:], []).append(point)
    for line, members in lines.items():
        rows = []
        for kind in ("measured", "simulated"):
            rows += [(kind, *row) for row in table.rows_of([p for p in members if p["kind"] == kind])]
        head, found = table.filled(HEAD, rows)
        parts.append(f"<details{' open' if line[-2] == 'fn_and_grad' else ''}><summary>"
                     f"{html.escape(table.title((None, None, *line)))}</summary>{page.table(found, head)}"
                     f"{laws_text(laws, members)}</details>")
    return "\n".join(parts)


def laws_text(laws, points):
    """A paragraph for each line that these points belong to."""
    found = [laws[line] for line in dict.fromkeys(map(figures.line_of, points)) if line in laws]
    return "".join(f"<p>{html.escape(entry['line'][0])}: {html.escape(entry['text'])}.</p>" for entry in found)


def published_section(rows):
    if not rows:
        return ""
    head, cells = table.published_table(rows)
    return ("<h2>The published case</h2><p>The gradient of 8 operators (5 × 5 blur, every 2nd pixel) of RGB images in single "
            "precision, as DeepInverse's distributed gradient takes it on V100 GPUs, 4 a node (NumPEx, "
            "benchmark_invprob_largescale, timing-breakdown.json; one run). The simulation computes at the rate that the "
            "published time on one GPU implies, so that one GPU agrees by construction; its network is that of "
            "scripts/platforms/gpu_cluster.xml. Beyond 8 ranks there are ranks without operators, and the all-reduce of the "
            "whole image takes as long whatever their number: that is the published shape, which operators split over ranks "
            "share. In slabs no rank has the whole image, and what it sends shrinks with them. Milliseconds, simulated if nothing "
            "else is said; <b>over</b>: the published time over ours.</p>"
            '<img src="published.png" alt="published and simulated milliseconds by GPUs">' + page.table(cells, head))


def summary_section(results):
    parts = ["<h2>Summary: efficiency on the most ranks</h2>"]
    for title, head, rows in summary.tables(results["points"]):
        parts.append(f'<h3>{html.escape(title)}</h3><div class="summary">{page.table(rows, head)}</div>')
    text, named = summary.verdict(results["points"])
    parts += [f"<p>{summary.EXPLAINED}</p><p>{html.escape(text)}</p>",
              "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in named) + "</ul>" if named else ""]
    return "\n".join([*parts, *(f"<p>{html.escape(remark)}</p>" for remark in summary.remarks(results))])


def placement_section(rows):
    if not rows:
        return ""
    cells = [(row["case"], row["kind"], row["ranks"], row["chosen"], table.number(row["predicted_ms"]),
              table.number(row["ms"]), row["best"], table.number(row["best_ms"])) for row in rows]
    head = ("case", "kind", "ranks", "chosen", "predicted [ms]", "took [ms]", "fastest", "took [ms]")
    return ("<h2>Predicted placement</h2><details><summary>All cases that ran in several forms</summary>" +
            page.table(cells, head) + "</details>")


def comparison_section(rows):
    if not rows:
        return ""
    cells = [(row["family"].replace("_", " "), row["call"], row["ranks"],
              f"{table.number(row['measured_ms'])} [{table.number(row['measured_low'])} "
              f"{table.number(row['measured_high'])}]", table.number(row["simulated_ms"]),
              f"{100 * row['difference']:+.1f} %") for row in rows]
    return ("<h2>Simulation against measurement</h2><p>On this machine, by messages on both sides. The simulation takes the "
            "rate of computing that was measured with as many ranks at once, and latency and bandwidth of an exchange of messages.</p>"
            + page.table(cells, ("family", "call", "ranks", "measured [ms]", "simulated [ms]", "difference")))


def jobs_section(context):
    """What a study that Slurm ran has been run on."""
    if "jobs" not in context:
        return ""
    remarks = "".join(f"<p>{html.escape(remark)}</p>" for remark in context["remarks"])
    return f"<h2>Jobs</h2>{remarks}{page.table(table.rows_of_jobs(context['jobs']), table.JOBS)}"


def facts_of(results, runs):
    host = results["context"]["machine"]
    yield "processor", f"{host['processor']}, {host['cores_visible']} cores visible, {host['memory_gib']} GiB"
    yield "system", host["system"]
    measured = [run["results"]["context"] for run in runs if run["kind"] == "measured"]
    found = (measured or [run["results"]["context"] for run in runs])[-1]
    yield "Kokkos", f"{found.get('kokkos_version')}, {found.get('kokkos_execution_space')}"
    yield "compiler, MPI", f"{found.get('compiler')}, {found.get('mpi_library')}"
    yield "revision, date", f"{host['revision']}, {host['date']}"
    yield "options", " ".join(results["context"]["options"])
    if "options_of_jobs" in results["context"]:
        yield "options of the jobs", " ".join(results["context"]["options_of_jobs"])
    simulation = results["context"].get("simulation")
    if simulation:
        yield "SimGrid", simulation["simgrid"]
        yield "platform", f"{simulation['platform']}: {simulation['platform_comment']}"
        yield "algorithms", ", ".join(f"{name}: {value}" for name, value in simulation["algorithms"].items())
        rates = {}
        for run in simulation["runs"]:
            rates |= run["rates"]
        yield "rates of a rank, a second", ", ".join(f"{name} {rate:.3g}" for name, rate in sorted(rates.items()))
        if results.get("calibration"):
            yield "how they were measured", calibration.told(results["calibration"])


def as_text(results):
    """JSON with a line for each point, law, …: results are kept under version control, as references."""
    parts = []
    for key, value in results.items():
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join("  " + json.dumps(entry) for entry in value) + "\n ]"
        else:
            text = json.dumps(value, indent=1).replace("\n", "\n ")
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(folder, results, runs):
    """Into `folder`, which is there."""
    import plots  # needs matplotlib, and nothing before does

    by_family = {}
    for point in results["points"]:
        by_family.setdefault(point["family"], []).append(point)
    laws = table.laws_of(results)
    for family, points in by_family.items():
        plots.draw_family(folder / f"{family}.png", points, laws)
    if results["published"]:
        plots.draw_published(folder / "published.png", results["published"])
    text = PAGE.format(
        style=page.STYLE, summary=summary_section(results),
        published=published_section(results["published"]),
        comparison=comparison_section(results["comparison"])
        + placement_section(results.get("placements", ())),
        families="\n".join(family_section(family, points, laws) for family, points in by_family.items()),
        facts=page.table(list(facts_of(results, runs)), ("", "")), jobs=jobs_section(results["context"]))
    (folder / "index.html").write_text(text, encoding="utf-8")
    (folder / "results.json").write_text(as_text(results), encoding="utf-8")
    (folder / "google_benchmark.json").write_text(json.dumps(figures.google_benchmark(runs), indent=1) + "\n",
                                                  encoding="utf-8")
    (folder / "extrap").mkdir()
    for name, lines in extrap.files(results["points"]):
        (folder / "extrap" / name).write_text(lines, encoding="utf-8")
