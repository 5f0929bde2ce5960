# SPDX-License-Identifier: BSD-3-Clause
"""Reads what the benchmarks wrote, and gives it the forms that trackers take."""

import json
import math
import pathlib


# What every case has beside its ratios.
FIGURES = ("ms", "bandwidth", "memory")


class BadInput(Exception):
    pass


def with_intervals(benchmark):
    """The names of the counters that have one."""
    return [name for name in benchmark if f"{name}_low" in benchmark and f"{name}_high" in benchmark]


def ratios(benchmark):
    """The names of the counters that are ratios."""
    return [name for name in with_intervals(benchmark) if not name.endswith("_ms")]


# Of misfit's own calls over each other: larger is neither better nor worse.
OF_OWN_CALLS = ("adjoint_over_forward", "grad_over_fn_and_grad", "one_large_over_many", "parts_over_point",
                "run_to_run_over_reproducible")


def ratios_to_compare(benchmark):
    """The names of those that are the better the larger."""
    return [name for name in ratios(benchmark) if name not in OF_OWN_CALLS]


def interval(benchmark, name):
    return f"{benchmark[name]:.2f} [{benchmark[name + '_low']:.2f} {benchmark[name + '_high']:.2f}]"


def read(path):
    """The JSON of Google Benchmark in `path`."""
    def foreign(why):
        return BadInput(f"{path}: is no results.json of these benchmarks: {why}")

    try:
        data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: is no JSON: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("context"), dict):
        raise foreign("has no context")
    benchmarks = data.get("benchmarks")
    if not isinstance(benchmarks, list) or not benchmarks:
        raise foreign("has no benchmarks")
    names = set()
    for benchmark in benchmarks:
        if not isinstance(benchmark, dict) or not isinstance(benchmark.get("name"), str):
            raise foreign("a benchmark has no name")
        if benchmark["name"] in names:
            raise foreign(f"{benchmark['name']}: is there twice")
        names.add(benchmark["name"])
        if benchmark.get("error_occurred"):
            raise BadInput(f"{path}: {benchmark['name']}: {benchmark.get('error_message', 'failed')}")
        for name in with_intervals(benchmark):
            figures = [benchmark[name + end] for end in ("_low", "", "_high")]
            # Nothing is below NaN: with it a comparison could not fail.
            if not all(type(f) in (int, float) and math.isfinite(f) for f in figures):
                raise foreign(f"{benchmark['name']}: {name} is no finite number")
            if figures != sorted(figures):
                raise foreign(f"{benchmark['name']}: {name} is not within its interval")
    if not any(map(ratios, benchmarks)):
        raise foreign("has no ratios")
    return data


def join(folder):
    """All results of a run, with the number of ranks in every name."""
    joined = {"context": {}, "benchmarks": []}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        data = read(path)
        ranks = data["context"].get("mpi_ranks")
        if not isinstance(ranks, str) or not ranks.isdecimal():
            raise BadInput(f"{path}: does not say on how many ranks it was made")
        ranks = int(ranks)
        for benchmark in data["benchmarks"]:
            name = benchmark["name"].split("/iterations:")[0]
            missing = [key for key in FIGURES if key not in benchmark]
            if missing:
                raise BadInput(f"{path}: {name}: has no {missing[0]}")
            joined["benchmarks"].append(benchmark | {"name": f"{name}/{ranks}_ranks", "ranks": ranks})
        joined["context"] |= {key: value for key, value in data["context"].items()
                              if key not in ("mpi_ranks", "executable")}
    if not joined["benchmarks"]:
        raise BadInput(f"{folder}: has no results")
    return joined


def bencher(results):
    """Bencher Metric Format."""
    return {b["name"]: {name: {"value": b[name], "lower_value": b[f"{name}_low"],
                               "upper_value": b[f"{name}_high"]} for name in ratios(b)}
            for b in results["benchmarks"] if ratios(b)}


def github_action_benchmark(results):
    """For its tool customBiggerIsBetter."""
    return [{"name": f"{b['name']} {name}", "unit": "ratio", "value": b[name],
             "range": f"{b[name + '_low']:.3f} to {b[name + '_high']:.3f}",
             "extra": f"{b['ms']:.3f} ms"}
            for b in results["benchmarks"] for name in ratios_to_compare(b)]
