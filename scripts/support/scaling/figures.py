# SPDX-License-Identifier: BSD-3-Clause
"""From what scaling_benchmark wrote to the points of the study."""

import math

from bad_input import BadInput

# What every case has. Times are in milliseconds.
NEEDED = ("ms", "ms_low", "ms_high", "compute_ms", "compute_ms_mean", "wait_ms", "wait_ms_mean", "communicate_ms",
          "communicate_ms_mean", "load_balance", "operators", "operators_most", "mpi_calls", "mpi_calls_mean",
          "mpi_bytes", "mpi_bytes_mean", "reduced_bytes", "work", "work_rate")
# What some have: beyond one rank, in real runs, and at one rank.
POSSIBLE = ("bound_ms", "bound_share", "machine_bandwidth", "core_share", "twin_ms")


def checked(benchmark, where):
    """The counters of one case, all of them finite numbers."""
    name = benchmark.get("name") if isinstance(benchmark, dict) else None
    if not isinstance(name, str) or len(name.split("/")) < 5:
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


def case_of(benchmark):
    """Its name without what Google Benchmark adds."""
    return "/".join(benchmark["name"].split("/")[:5])


def benchmarks_of(results, where):
    if not isinstance(results, dict) or not isinstance(results.get("benchmarks"), list) or not results["benchmarks"] \
            or not isinstance(results.get("context"), dict):
        raise BadInput(f"{where}: these are no results of scaling_benchmark")
    return results["benchmarks"]


def require(results, cases, where):
    """Refuses results that are not complete ones of these cases."""
    for benchmark in benchmarks_of(results, where):
        checked(benchmark, where)
    there = {case_of(benchmark) for benchmark in results["benchmarks"]}
    for text, names in (("lacks", set(cases) - there), ("has too much:", there - set(cases))):
        if names:
            raise BadInput(f"{where}: {text} {' '.join(sorted(names))}")


def points_of(run):
    """A point for each case of one run."""
    where = f"{run['kind']} at {run['ranks']} rank(s)"
    points = []
    nodes = int(run["results"]["context"].get("mpi_nodes", 1))
    for benchmark in benchmarks_of(run["results"], where):
        counters = checked(benchmark, where)
        family, series, operators, size, call = benchmark["name"].split("/")[:5]
        points.append({"kind": run["kind"], "platform": run["platform"], "family": family, "series": series,
                       "operators_in_name": int(operators), "size": int(size), "call": call,
                       "ranks": run["ranks"], "threads": run["threads"], "nodes": nodes, **counters})
    return points


def line_of(point):
    """What the points of one line in a plot have in common."""
    return tuple(point[key] for key in ("kind", "platform", "family", "series", "operators_in_name", "size", "call"))


def derive(point, first):
    """Adds what follows from the point and `first`, that on one rank and one thread, which is the best single-process
    program: misfit without messages, or a hand-written program if that is faster."""
    workers = point["ranks"] * point["threads"]
    baseline = min(first["ms"], first.get("twin_ms", math.inf))
    share = baseline / point["ms"]
    point["baseline_ms"] = baseline
    point["speed_up"] = share if point["series"] == "strong" or point["ranks"] == 1 else workers * share
    point["efficiency"] = point["speed_up"] / workers
    if "machine_bandwidth" in point and "machine_bandwidth" in first:
        point["bandwidth_gain"] = point["machine_bandwidth"] / first["machine_bandwidth"]
        point["normalised_efficiency"] = point["speed_up"] / point["bandwidth_gain"]


def points(runs):
    """All points, each with its speed-up and efficiency where there is one on a single process."""
    found = [point for run in runs for point in points_of(run)]
    first = {line_of(p): p for p in found if p["ranks"] == 1 and p["threads"] == 1}
    for point in found:
        if line_of(point) in first:
            derive(point, first[line_of(point)])
    return found


def published(found, times):
    """The published milliseconds of the gradient beside the simulated and the measured."""
    rows = []
    for size, by_ranks in times.items():
        for ranks, ms in by_ranks.items():
            row = {"size": size, "ranks": ranks, "published_ms": ms}
            for point in found:
                if (point["size"], point["ranks"], point["call"], point["threads"]) == (size, ranks, "grad", 1):
                    row[f"{point['kind']}_ms"] = point["ms"]
            if "simulated_ms" in row:
                row["ratio"] = row["simulated_ms"] / ms
            rows.append(row)
    return rows


def google_benchmark(runs):
    """All results in one file of Google Benchmark's form, with kind, ranks and threads in every name."""
    joined = {"context": {}, "benchmarks": []}
    for run in runs:
        joined["context"] |= run["results"].get("context", {})
        for benchmark in run["results"]["benchmarks"]:
            name = "/".join(benchmark["name"].split("/")[:5])
            if run["threads"] > 1:
                name += f"/{run['threads']}_threads"
            joined["benchmarks"].append({**benchmark, "name": f"{run['kind']}/{name}/{run['ranks']}_ranks",
                                         "ranks": run["ranks"]})
    return joined
