# SPDX-License-Identifier: BSD-3-Clause
"""The checks of scripts/scorecard: each a guarantee, what shows it, and the fault that it must find. docs/guarantees.md
says the same in a table, and a test compares the two."""

from model import Check, Goal, Launch

CHECKS = (
    Check(
        name="fatal_faults",
        guarantee="A job of which one rank is killed, crashes, leaves or throws ends soon, with an error, and leaves nothing.",
        goal=Goal("≥ 200 faults, each ended ≤ 5 s", cases=200, figure=5),
        figure="s, the slowest end",
        full=(Launch("tests/scorecard/fatal_faults/fatal_faults.py", limit=1800),),
        quick=(Launch("tests/scorecard/fatal_faults/fatal_faults.py"),),
        canary=(Launch("tests/scorecard/fatal_faults/fatal_faults.py"),),
        planted="a program that goes on as if there were no fault, and ends well",
        builds=(("release", "misfit_fatal_faults_check"),)),
)
