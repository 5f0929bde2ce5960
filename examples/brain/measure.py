#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Times blurs as those of the reconstruction on 1, 2, 4, ... RANKS with misfit-study; writes DIRECTORY/scaling.json.

usage: examples/brain/measure.py DIRECTORY RANKS MISFIT_STUDY MPIEXEC...

scripts/run calls it after the program brain has left its results in DIRECTORY. misfit-study has cubes, so that the
volume is one of about as many voxels; MPIEXEC are the launcher and its option for the number of ranks.
"""

import json
import math
import pathlib
import subprocess
import sys

ROUNDS = 11
OPERATORS_A_RANK = 4  # in the weak series
# Form and heading of each.
SERIES = {"strong": ("replicated", "Strong scaling: the {} operators over the ranks"),
          "slabs": ("slabs", "Slabs: the volume and the {} operators cut over the ranks"),
          "weak": ("replicated", f"Weak scaling: {OPERATORS_A_RANK} operators a rank")}
HEAD = "  ranks  operators  call         median [ms]  speed-up  efficiency  Gflop/s"


def side_of(shape):
    """Of the cube with about as many voxels, whose rows end as those of the image do, unless that takes half or twice as
    many: where they fill no vector, the end costs more than the rest, and a vector is of 16 outputs at most, one for each
    second voxel."""
    row, mean = shape[-1], math.prod(shape) ** (1 / 3)
    side = row + 32 * round((mean - row) / 32)
    return side if side > 0 and 0.5 <= (side / mean) ** 3 <= 2 else max(16, round(mean))


def rank_counts(most):
    """1, 2, 4, ... and `most`."""
    return [1 << k for k in range((most - 1).bit_length())] + [most]


def study(command):
    """The object that misfit-study prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = [line for line in done.stderr.splitlines() if line.startswith("misfit-study: ")] or done.stderr.splitlines()[-5:]
        sys.exit("\n".join(told) or f"misfit-study: exit code {done.returncode}")
    return json.loads(done.stdout)


def row_of(series, ranks, result, call, first):
    """Of scaling.json: what was seen of a call, and how much faster it is than on one rank, where it took `first` ms."""
    grows = series == "weak"  # more work on more ranks: its speed-up is that of work per time
    speed_up = first / call["ms"] * (ranks if grows else 1)
    return {"series": series, "ranks": ranks, "operators": result["operators"], "rounds": result["rounds"],
            **{key: call[key] for key in ("call", "ms", "ms_low", "ms_high", "flops_per_second")},
            "core_share": call.get("core_share", 1), "speed_up": speed_up, "efficiency": speed_up / ranks}


def line_of(row):
    return (f'  {row["ranks"]:5d}  {row["operators"]:9d}  {row["call"]:11s}  {row["ms"]:11.1f}  {row["speed_up"]:8.2f}  '
            f'{100 * row["efficiency"]:8.0f} %  {1e-9 * row["flops_per_second"]:7.1f}')


def measured(series, operators, ranks, command, first):
    """The rows of a series on so many ranks, printed; `first` has the times of one rank, or gets them."""
    form, _ = SERIES[series]
    count = OPERATORS_A_RANK * ranks if series == "weak" else operators
    result = study([*command, "--operators", str(count), "--form", form])
    rows = [row_of(series, ranks, result, call, first.setdefault(call["call"], call["ms"])) for call in result["calls"]]
    for row in rows:
        print(line_of(row), flush=True)
    share = min(row["core_share"] for row in rows)
    if share < 0.9:
        print(f"         Notice: a rank got {100 * share:.0f} % of a core; other work disturbs these times.", flush=True)
    return rows


def measure(directory, most_ranks, program, launcher):
    problem = json.loads((directory / "problem.json").read_text(encoding="utf-8"))
    side, operators = side_of(problem["shape_zyx"]), problem["acquisitions"]
    print(f"Times by misfit-study blur_volume: kernels of the same size, a volume of {side} x {side} x {side} voxels")
    rows = []
    for series, (_, heading) in SERIES.items():
        print(f"\n{heading.format(operators)}\n{HEAD}", flush=True)
        first = {}
        for ranks in rank_counts(most_ranks):
            command = [*launcher, str(ranks), program, "blur_volume", f"--size={side}", f"--rounds={ROUNDS}", "--json"]
            rows += measured(series, operators, ranks, command, first)
    (directory / "scaling.json").write_text(json.dumps(rows, indent=1) + "\n")


def main():
    if len(sys.argv) < 5:
        print(__doc__)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    directory, ranks, program, *launcher = sys.argv[1:]
    try:
        measure(pathlib.Path(directory), int(ranks), program, launcher)
    except OSError as error:
        sys.exit(f"measure.py: {error.filename}: {error.strerror}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
