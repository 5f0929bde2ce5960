# SPDX-License-Identifier: BSD-3-Clause
"""Runs the tests of communication under MPICH. With --canary those of the build with Open MPI, which are none of it."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from check import Check  # noqa: E402

import ctest_tests  # noqa: E402
import launches  # noqa: E402
from launches import ROOT  # noqa: E402


def uses_mpich(command, preset):
    """Throws where no program, or one without MPI, is started."""
    program = next(word for word in command if word.startswith(str(ROOT / "build" / preset)))
    found = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    if "libmpi" not in found:
        raise RuntimeError(f"{program} is not linked to MPI")
    return "libmpich" in found


def main():
    check = Check()
    preset = "release" if check.options.canary else "mpich"
    tests = ctest_tests.of_build(preset, "communication")
    if check.options.canary:
        tests = [test for test in tests if test.name.startswith("communicator.")]
    for test in tests:
        outcome = launches.outcome_of(test.command, test.environment, test.limit, kept=None)
        is_mpich = uses_mpich(test.command, preset)
        check.tried(is_mpich and test.passes(outcome),
                    test.told(outcome, outcome.said[-3:] if is_mpich else ["not linked to MPICH"]))
    check.finish()


if __name__ == "__main__":
    main()
