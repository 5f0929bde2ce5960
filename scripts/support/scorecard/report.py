# SPDX-License-Identifier: BSD-3-Clause
"""Writes scorecard.json and the page that shows it."""

import html

import record
from record import page
from checks import CHECKS

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>misfit: scorecard</title>
<style>
{style}body {{ max-width: 90rem; }}
.card td, .card th {{ text-align: left; vertical-align: top; }} .card td:nth-child(n+3):nth-child(-n+5) {{ text-align: right; }}
.card td:nth-child(1) {{ font-weight: 600; white-space: nowrap; }} .card td:nth-child(2) {{ max-width: 24rem; }}
.good {{ color: #166534; }} .bad {{ color: #b91c1c; font-weight: 600; }}
details pre {{ font-size: 0.8rem; overflow-x: auto; }} details table {{ font-size: 0.8rem; }}
</style></head><body>
<h1>Scorecard</h1>
<p>What misfit guarantees, how many cases were tried, and in how many it held. Each check has a canary, a fault that is
planted and that the check must find, or it would prove nothing.</p>
<div class="key">{key}</div>
<div class="card">{card}</div>
<h2>Machine and versions</h2>
<div class="facts">{facts}</div>
<p>Everything: <a href="scorecard.json">scorecard.json</a>.</p>
<h2>Launches</h2>
{details}
</body></html>
"""

HEAD = ("check", "guarantee", "tried", "held", "figure", "goal of a full run", "verdict", "canary")


def number(value):
    if isinstance(value, str):  # "nan", "inf"
        return value
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else f"{value:,}"


def marked(text, is_good):
    return f'<span class="{"good" if is_good else "bad"}">{html.escape(text)}</span>'


def when(entry, stored):
    """Where it was not this version that was tried."""
    return "" if entry["revision"] == stored["revision"] else f" ({entry['revision']}, {entry['date'][:10]})"


def row(check, entry, stored):
    run, canary = entry.get("run"), entry.get("canary")
    plain = [check.name, check.guarantee]
    if run:
        figure = "" if run["figure"] is None else number(run["figure"])
        plain += [number(run["tried"]), number(run["held"]), figure + (f" {check.figure}" if figure and check.figure else "")]
    else:
        plain += ["", "", ""]
    cells = [html.escape(str(cell)) for cell in (*plain, check.goal.text)]
    cells.append(marked(run["verdict"] + when(run, stored), run["holds"]) if run else "not run")
    cells.append(marked(("caught" if canary["caught"] else "not caught") + when(canary, stored), canary["caught"])
                 + f"<br>{html.escape(check.planted)}" if canary else html.escape(check.planted) + " (not run)")
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def card(stored):
    head = "<tr>" + "".join(f"<th>{cell}</th>" for cell in HEAD) + "</tr>"
    return f"<table>{head}" + "\n".join(row(check, stored["checks"].get(check.name, {}), stored) for check in CHECKS) + "</table>"


def key(stored):
    runs = [entry["run"] for entry in stored["checks"].values() if "run" in entry]
    canaries = [entry["canary"] for entry in stored["checks"].values() if "canary" in entry]
    cells = ((f"{sum(run['holds'] for run in runs)} of {len(runs)}", "checks that ran hold"),
             (number(sum(run["tried"] for run in runs)), "cases tried"),
             (number(sum(run["tried"] - run["held"] for run in runs)), "do not hold"),
             (f"{sum(canary['caught'] for canary in canaries)} of {len(canaries)}", "canaries that ran are caught"))
    return "".join(f"<div><b>{html.escape(value)}</b>{html.escape(what)}</div>" for value, what in cells)


def details(stored):
    parts = []
    for check in CHECKS:
        for part, title in (("run", "as it is"), ("canary", "with the fault planted")):
            entry = stored["checks"].get(check.name, {}).get(part)
            if entry:
                rows = [(launch["launch"], launch["end"], number(launch["tried"]), number(launch["held"]),
                         number(launch["figure"]), launch["seconds"]) for launch in entry["launches"]]
                parts.append(f"<details><summary>{check.name}, {title}: {html.escape(entry['verdict'])}</summary>"
                             + page.table(rows, ("launch", "ended by", "tried", "held", "figure", "seconds"))
                             + said(entry["launches"]) + "</details>")
    return "\n".join(parts)


def said(launches):
    """The last lines of those that ended badly."""
    bad = [launch for launch in launches if launch["end"] != "result" or launch["held"] != launch["tried"]]
    return "".join(f"<p>{html.escape(launch['launch'])} said last:</p><pre>{html.escape(chr(10).join(launch['said']))}</pre>"
                   for launch in bad)


def write(folder, stored):
    folder.mkdir(parents=True, exist_ok=True)
    facts = [("revision", stored["revision"]), ("date", stored["date"]),
             *((name.replace("_", " "), value) for name, value in stored["platform"].items())]
    text = PAGE.format(style=page.STYLE, key=key(stored), card=card(stored), facts=page.table(facts, ("", "")),
                       details=details(stored))
    for name, content in (("scorecard.json", record.as_text(stored)), ("scorecard.html", text)):
        staged = folder / f".{name}.new"
        staged.write_text(content, encoding="utf-8")
        staged.replace(folder / name)
