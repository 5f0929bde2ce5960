# SPDX-License-Identifier: BSD-3-Clause
"""Whether programs go on from their checkpoints, which are killed while they write them."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2] / "io")]
from check import ROOT, Check  # noqa: E402

import launches  # noqa: E402
from checkpoint_kills import kills  # noqa: E402

PROGRAM = str(ROOT / "build/release/tests/io/misfit_checkpoint_program")


def main():
    check = Check()
    os.environ.update(launches.MPI)
    count = 6 if check.options.quick else 50
    canary = ("over",) if check.options.canary else ()
    amid = 0
    for wrong, in_a_write in kills(PROGRAM, launches.mpiexec(1)[:2], count, check.options.seed, canary):
        amid += in_a_write
        check.tried(not wrong, wrong)
    if not (check.options.quick or check.options.canary):
        check.tried(amid > 0, "no kill came amid a write")
    check.finish()


if __name__ == "__main__":
    main()
