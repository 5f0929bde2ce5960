#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tells what the benchmarks found, and writes it for trackers.

benchmark_report.py check FILE
    Fails unless FILE is the results.json of an earlier run.
benchmark_report.py report FOLDER [--compare OLD]
    Joins FOLDER/*.json, prints a table and what was found, and writes FOLDER/out/: results.json,
    bencher.json and github_action_benchmark.json. With --compare exits with 3 if a ratio has become
    worse.

Bad input exits with 2: 1 is what Python gives where this program itself is wrong.
"""

import json
import pathlib
import sys
import textwrap

import benchmark_comparison
from benchmark_results import BadInput, bencher, github_action_benchmark, interval, join, ratios, read

# The time of the least that must be done, over ours.
LOWER_BOUNDS = {"roofline": "the time to move the same bytes",
                "flop_share": "the time of as many multiplications and additions",
                "nearer_bound": "the longer of moving the bytes and computing",
                "two_transforms": "the time of the two transforms in FFTW"}
REACHED = 0.8  # of a lower bound: what lies below it with its whole interval falls short
SPREAD = 0.25  # of a ratio, that its interval may be wide on an idle machine
NAMED = 3      # as many are named

WORDS = """\
roofline: a lower bound, the time to move the same bytes and do nothing else, over that of
computing. flop_share: the same of as many multiplications and additions. nearer_bound: of the one
of both that takes longer. two_transforms: of both transforms in FFTW. hand_written_...: the time
of hand-written code over ours, both end to end.
peer_...: likewise of what users would take instead (bart_iteration: of one iteration of pics).
grad_over_fn_and_grad: 1 where the value costs nothing beside the gradient. adjoint_over_forward:
the time of A^H y over that of A x. run_to_run_over_reproducible: the time with Sum::run_to_run
over that with Sum::reproducible. parts_over_point: of A x, distances, A^H r and A^H A v over that
of a linearization. one_large_over_many: the time of one operator of as many bytes
over that of all. [ ]: 95 % interval of the median. MPI ms: end to end less computing; < where that
is not told from 0, - where it is not measured. GB/s: the bytes that must move, over the time of
computing. memory: all that is held, over operators + y + x + gradient + one workspace.
"""


def communicating(benchmark):
    """The milliseconds in MPI; on one rank there are none."""
    if "communicate_ms_low" not in benchmark:
        return "-"
    if benchmark["communicate_ms_low"] <= 0:
        return f"<{max(benchmark['communicate_ms_high'], 0.01):.2f}"
    return f"{benchmark['communicate_ms']:.2f}"


def print_table(results):
    context = results["context"]
    print("Kokkos {}, {}, {} thread(s); {}; {}; revision {}".format(*(
        context.get(key, "?") for key in ("kokkos_version", "kokkos_execution_space",
                                          "kokkos_concurrency", "compiler", "mpi_library",
                                          "git_revision"))))
    for key, version in context.items():
        if key.startswith("peer_"):
            print(textwrap.fill(f"{key}: {version}", 100, subsequent_indent="    "))
    print(f"{WORDS}\n{'':66}{'ms':>9}{'MPI ms':>8}{'GB/s':>7}{'memory':>8}")
    for b in sorted(results["benchmarks"], key=lambda b: b["name"].split("/")[:2] + [b["ranks"]]):
        name = b["name"]
        if len(name) > 65:
            print(name)
            name = ""
        print(f"{name:66}{b['ms']:9.3f}{communicating(b):>8}"
              f"{b['bandwidth'] / 1e9:7.1f}{b['memory']:8.2f}")
        lines = []
        # Lower bounds first.
        for text in (f"{ratio} {interval(b, ratio)}" for ratio in sorted(ratios(b), key=lambda r: r not in LOWER_BOUNDS)):
            if lines and len(lines[-1]) < 48 and len(text) <= 48:
                lines[-1] = f"{lines[-1]:50}  {text}"
            else:
                lines.append(f"    {text}")
        for line in lines:
            print(line)


def named(figures, first=NAMED):
    """The first of pairs of a benchmark and a ratio, a line each."""
    lines = [f"    {b['name']}  {interval(b, ratio)}" for b, ratio in figures[:first]]
    return lines + [f"    and {len(figures) - first} more"] * (len(figures) > first)


def of_lower_bound(benchmarks, ratio, meaning):
    # Where there are two, the nearer one counts.
    figures = sorted(((b, ratio) for b in benchmarks if ratio in ratios(b) and
                      (ratio == "nearer_bound" or "nearer_bound" not in ratios(b))), key=lambda f: f[0][ratio])
    if not figures:
        return []
    short = [f for f in figures if f[0][f"{ratio}_high"] < REACHED]
    sure = [f for f in figures if f[0][f"{ratio}_low"] >= REACHED]
    if not short and len(sure) < len(figures):
        return textwrap.wrap(f"{ratio}: {len(sure)} of {len(figures)} cases come within {100 - 100 * REACHED:.0f} % of {meaning}; "
                             "intervals do not tell it of the others.", 100)
    if not short:
        return [f"{ratio}: all {len(figures)} cases come within {100 - 100 * REACHED:.0f} % of {meaning}."]
    if len(short) == len(figures) > 1:
        least, most = (b[ratio] for b, _ in (figures[0], figures[-1]))
        return textwrap.wrap(f"{ratio}: none of {len(figures)} cases comes within {100 - 100 * REACHED:.0f} % of {meaning}: "
                             f"{least:.2f} to {most:.2f}.", 100)
    return [f"{ratio}: {len(short)} of {len(figures)} cases take longer than {1 / REACHED:.2f} times {meaning}:",
            *named(short)]


def of_others(benchmarks, kind, prefix):
    figures = [(b, ratio) for b in benchmarks for ratio in ratios(b) if ratio.startswith(prefix)]
    if not figures:
        return []
    slower = [(b, ratio) for b, ratio in figures if b[f"{ratio}_high"] < 1]
    sure = [f for f in figures if f[0][f"{f[1]}_low"] >= 1]
    if not slower and len(sure) < len(figures):
        return textwrap.wrap(f"{kind}: fn_and_grad is not slower than {len(sure)} of {len(figures)} programs; intervals do not tell "
                             "it of the others.", 100)
    if not slower:
        return [f"{kind}: fn_and_grad is not slower than any of {len(figures)} programs."]
    return [f"{kind}: fn_and_grad is slower than {len(slower)} of {len(figures)} programs:",
            *(f"    {b['name']}  {ratio} {interval(b, ratio)}" for b, ratio in slower)]


def of_noise(benchmarks):
    are_wide = [b[f"{ratio}_high"] - b[f"{ratio}_low"] > SPREAD * b[ratio] for b in benchmarks for ratio in ratios(b)]
    if not any(are_wide):
        return []
    return textwrap.wrap(f"noise: {sum(are_wide)} of {len(are_wide)} intervals are wider than {100 * SPREAD:.0f} % of their ratio: "
                         "other work ran on this machine, or the rounds were few.", 100)


def found(results):
    """What the run found, in lines."""
    benchmarks = results["benchmarks"]
    ranks = " and ".join(map(str, sorted({b["ranks"] for b in benchmarks})))
    lines = [f"Found in {len(benchmarks)} cases, on {ranks} rank{'s'[:ranks != '1']}:"]
    for ratio, meaning in LOWER_BOUNDS.items():
        lines += of_lower_bound(benchmarks, ratio, meaning)
    lines += of_others(benchmarks, "hand-written code", "hand_written_") + of_others(benchmarks, "peers", "peer_")
    return lines + of_noise(benchmarks)


def report(folder, old):
    earlier = read(old) if old else None
    results = join(folder)
    print_table(results)
    out = pathlib.Path(folder) / "out"
    out.mkdir()
    for name, content in (("results", results), ("bencher", bencher(results)),
                          ("github_action_benchmark", github_action_benchmark(results))):
        (out / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print()
    print("\n".join(found(results)), flush=True)
    comparison = benchmark_comparison.Comparison(earlier, results) if earlier else None
    if comparison:
        print("\n".join(comparison.lines(old)))
    return 3 if comparison and comparison.worse else 0


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
