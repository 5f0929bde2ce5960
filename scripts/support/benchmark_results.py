#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reads what the benchmarks wrote, and writes it for people and for trackers.

benchmark_results.py check FILE
    Fails unless FILE is the results.json of an earlier run.
benchmark_results.py report FOLDER [--compare OLD]
    Joins FOLDER/*.json, prints a table, and writes FOLDER/out/: results.json, bencher.json and
    github_action_benchmark.json. With --compare exits with 3 if a ratio has become worse.

Bad input exits with 2: 1 is what Python gives where this program itself is wrong.
"""

import json
import math
import pathlib
import sys


# What every case has beside its ratios.
FIGURES = ("ms", "communicate_ms", "bandwidth", "memory")


class BadInput(Exception):
    pass


def ratios(benchmark):
    """The names of the counters that are ratios with an interval."""
    return [name for name in benchmark
            if f"{name}_low" in benchmark and f"{name}_high" in benchmark]


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
        for name in ratios(benchmark):
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
            for b in results["benchmarks"] for name in ratios(b)]


def interval(benchmark, name):
    return f"{benchmark[name]:.2f} [{benchmark[name + '_low']:.2f} {benchmark[name + '_high']:.2f}]"


def print_table(results):
    context = results["context"]
    print("Kokkos {}, {}, {} thread(s); {}; {}; revision {}".format(*(
        context.get(key, "?") for key in ("kokkos_version", "kokkos_execution_space",
                                          "kokkos_concurrency", "compiler", "mpi_library",
                                          "git_revision"))))
    print("roofline: time of the floor, which moves the same bytes and does nothing else, over that\n"
          "of computing. flop share: the same for a floor that only multiplies and adds. twin: its\n"
          "time over ours, both end to end. [ ]: 95 % interval of the median. memory: all that is\n"
          "held, over operators + y + x + g + one workspace. P: ranks.\n")
    print(f"{'':66}{'ms':>9}{'MPI ms':>8}{'GB/s':>7}{'memory':>8}")
    for b in sorted(results["benchmarks"], key=lambda b: b["name"].split("/")[:2] + [b["ranks"]]):
        name = b["name"].rsplit("/", 1)[0].replace("_operators", " operators").replace("_", " ")
        name += f"  P={b['ranks']}"
        if len(name) > 65:
            print(name)
            name = ""
        print(f"{name:66}{b['ms']:9.3f}{b['communicate_ms']:8.2f}"
              f"{b['bandwidth'] / 1e9:7.1f}{b['memory']:8.2f}")
        shown = [f"{name.replace('_', ' ')} {interval(b, name)}" for name in ratios(b)]
        for first in range(0, len(shown), 2):
            print("    " + "".join(f"{text:46}" for text in shown[first:first + 2]).rstrip())


def compare(old, new):
    """Prints both, and returns the names of what has become worse."""
    before = {b["name"]: b for b in old["benchmarks"]}
    after = {b["name"]: b for b in new["benchmarks"]}
    common = [name for name in after if name in before]
    if not any(ratio in ratios(before[name]) for name in common for ratio in ratios(after[name])):
        raise BadInput("--compare: the two runs have no ratio of a case in common")
    worse = []
    print("\nCompared with the earlier run:")
    for name in common:
        for ratio in ratios(after[name]):
            if ratio not in ratios(before[name]):
                continue
            verdict = ""
            if after[name][f"{ratio}_high"] < before[name][f"{ratio}_low"]:
                verdict = "  WORSE"
                worse.append(f"{name} {ratio}")
            print(f"  {name} {ratio}\n      {interval(before[name], ratio)} -> "
                  f"{interval(after[name], ratio)}{verdict}")
    for text, names in (("only in the earlier run", before.keys() - after.keys()),
                        ("new", after.keys() - before.keys())):
        for name in sorted(names):
            print(f"  {text}: {name}")
    for name in common:
        for text, there, gone in (("only in the earlier run", before, after), ("new", after, before)):
            for ratio in ratios(there[name]):
                if ratio not in ratios(gone[name]):
                    print(f"  {text}: {name} {ratio}")
    return worse


def report(folder, old):
    earlier = read(old) if old else None
    results = join(folder)
    print_table(results)
    out = pathlib.Path(folder) / "out"
    out.mkdir()
    for name, content in (("results", results), ("bencher", bencher(results)),
                          ("github_action_benchmark", github_action_benchmark(results))):
        (out / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    worse = compare(earlier, results) if earlier else []
    for name in worse:
        print(f"worse than before: {name}", file=sys.stderr)
    return 3 if worse else 0


def main(arguments):
    try:
        if len(arguments) == 2 and arguments[0] == "check":
            read(arguments[1])
            return 0
        if arguments[:1] == ["report"] and len(arguments) == 2:
            return report(arguments[1], None)
        if arguments[:1] == ["report"] and len(arguments) == 4 and arguments[2] == "--compare":
            return report(arguments[1], arguments[3])
        raise BadInput("called as its first lines do not say")
    except BadInput as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
