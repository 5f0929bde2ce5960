# SPDX-License-Identifier: BSD-3-Clause
"""From what misfit-study wrote to the points of the study."""

import math

import cases
from bad_input import BadInput

# What every case has. Times are in milliseconds.
NEEDED = ("ms", "ms_low", "ms_high", "compute_ms", "compute_ms_mean", "wait_ms", "wait_ms_mean", "communicate_ms",
          "communicate_ms_mean", "load_balance", "operators", "operators_most", "mpi_calls", "mpi_calls_mean",
          "mpi_bytes", "mpi_bytes_mean", "reduced_bytes", "exchanged_bytes", "work", "work_rate", "planned_bytes", "held_bytes",
          "operator_bytes")
# What some have: beyond one rank, in real runs, and at one rank.
POSSIBLE = ("bound_ms", "bound_share", "machine_bandwidth", "core_share", "hand_written_ms", "predicted_ms",
            "forecast_bytes")


def checked(benchmark, where):
    """The counters of one case, all of them finite numbers."""
    name = benchmark.get("name") if isinstance(benchmark, dict) else None
    if not isinstance(name, str) or len(name.split("/")) < 6:
        raise BadInput(f"{where}: a benchmark without the name of a case")
    if benchmark.get("error_occurred"):
        raise BadInput(f"{where}: {name}: {benchmark.get('error_message', 'failed')}")
    missing = [key for key in NEEDED if key not in benchmark]
    if missing:
        raise BadInput(f"{where}: {name}: has no {missing[0]}")
    counters = {key: benchmark[key] for key in (*NEEDED, *POSSIBLE) if key in benchmark}
    for key, value in counters.items():
        if type(value) not in (int, float) or not math.isfinite(value):
            raise BadInput(f"{where}: {name}: {key} is no finite number")
    return counters


def benchmarks_of(results, where):
    if not isinstance(results, dict) or not isinstance(results.get("benchmarks"), list) or not results["benchmarks"] \
            or not isinstance(results.get("context"), dict):
        raise BadInput(f"{where}: these are no results of misfit-study")
    return results["benchmarks"]


def require(results, names, where):
    """Refuses results that are not complete ones of these cases."""
    for benchmark in benchmarks_of(results, where):
        checked(benchmark, where)
    there = {cases.name_of(benchmark["name"]) for benchmark in results["benchmarks"]}
    for text, found in (("lacks", set(names) - there), ("has too much:", there - set(names))):
        if found:
            raise BadInput(f"{where}: {text} {' '.join(sorted(found))}")


def points_of(run):
    """A point for each case of one run."""
    where = f"{run['kind']} at {run['ranks']} rank(s)"
    points = []
    nodes = int(run["results"]["context"].get("mpi_nodes", 1))
    for benchmark in benchmarks_of(run["results"], where):
        counters = checked(benchmark, where)
        case = cases.parsed(benchmark["name"])
        points.append({"kind": run["kind"], "platform": run["platform"], "case": cases.name_of(benchmark["name"]),
                       "family": case.family, "series": case.series, "operators_in_name": case.operators,
                       "size": case.size, "call": case.call, "form": case.form_on(run["ranks"]),
                       "ranks": run["ranks"], "threads": run["threads"], "nodes": nodes, **counters})
    return points


def line_of(point):
    """What the points of one line in a plot have in common."""
    return point["kind"], point["platform"], *cases.parsed(point["case"])


def problem_of(point):
    """What points have in common that do the same on one rank, in whatever form."""
    return line_of(point)[:-1]


def derive(point, firsts):
    """Adds what follows from the point and `firsts`, those on one rank and one thread, which are the single-process
    programs: misfit without messages, in every form, or a hand-written program if that is faster. The best counts."""
    workers = point["ranks"] * point["threads"]
    first = firsts[0]
    baseline = min(min(p["ms"], p.get("hand_written_ms", math.inf)) for p in firsts)
    share = baseline / point["ms"]
    point["baseline_ms"] = baseline
    point["speed_up"] = share if point["series"] == "strong" else point["ranks"] * share
    point["efficiency"] = point["speed_up"] / workers
    if "machine_bandwidth" in point and "machine_bandwidth" in first:
        point["bandwidth_gain"] = point["machine_bandwidth"] / first["machine_bandwidth"]
        point["normalised_efficiency"] = point["speed_up"] / point["bandwidth_gain"]


def points(runs):
    """All points, each with its speed-up and efficiency where there is one on a single process."""
    found = [point for run in runs for point in points_of(run)]
    firsts = {}
    for p in found:
        if p["ranks"] == 1 and p["threads"] == 1:
            firsts.setdefault(problem_of(p), []).append(p)
    for point in found:
        if problem_of(point) in firsts:
            derive(point, firsts[problem_of(point)])
    return found


def memory_share(point):
    """Of the forecast memory what Views held, if there is a forecast."""
    forecast = point.get("forecast_bytes")
    return (point["held_bytes"] + point["operator_bytes"]) / forecast if forecast else None


def memory_as_forecast(point):
    """Within a twentieth, or the 32 KiB that passes may need for each thread."""
    return abs(memory_share(point) - 1) * point["forecast_bytes"] <= max(point["forecast_bytes"] / 20, 32 * 1024)


def placements(found):
    """Where a problem was run in several forms: the one that the model predicts to be the fastest, beside the fastest."""
    groups = {}
    for p in found:
        if "predicted_ms" in p and p["threads"] == 1:
            groups.setdefault((*problem_of(p), p["ranks"]), []).append(p)
    rows = []
    for points_there in groups.values():
        if len(points_there) > 1:
            chosen = min(points_there, key=lambda p: p["predicted_ms"])
            best = min(points_there, key=lambda p: p["ms"])
            rows.append({"case": chosen["case"].rsplit("/", 1)[0], "kind": chosen["kind"], "ranks": chosen["ranks"],
                         "chosen": chosen["form"], "predicted_ms": chosen["predicted_ms"], "ms": chosen["ms"],
                         "best": best["form"], "best_ms": best["ms"], "over_best": chosen["ms"] / best["ms"]})
    return rows


def google_benchmark(runs):
    """All results in one file of Google Benchmark's form, with kind, ranks and threads in every name."""
    joined = {"context": {}, "benchmarks": []}
    for run in runs:
        joined["context"] |= run["results"].get("context", {})
        for benchmark in run["results"]["benchmarks"]:
            name = cases.name_of(benchmark["name"])
            if run["threads"] > 1:
                name += f"/{run['threads']}_threads"
            joined["benchmarks"].append({**benchmark, "name": f"{run['kind']}/{name}/{run['ranks']}_ranks",
                                         "ranks": run["ranks"]})
    return joined
