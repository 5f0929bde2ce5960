# SPDX-License-Identifier: BSD-3-Clause
"""The checks of scripts/scorecard: each a guarantee, what shows it, and the fault that it must find. docs/guarantees.md
says the same in a table, and a test compares the two."""

import call_checks
import number_checks
import run_checks
from model import Check, Goal, Launch

# A fault of each kind that a sanitizer must report.
FAULTS = (("address", "leak"), ("address", "read"), ("address", "view"), ("address", "container"), ("address", "overflow"),
          ("thread", "race"), ("valgrind", "leak"), ("valgrind", "uninitialised"))
BUILDS = {"address": "sanitize", "thread": "sanitize_threads", "valgrind": "dev"}
SANITIZED = {"address": ("misfit_tests",), "valgrind": ("misfit_distributed_data_fidelity_test", "misfit_dual_prox_test"),
             "thread": ("misfit_copies_test", "misfit_distances_test", "misfit_faults_test", "misfit_fourier_test")}


def fatal_faults(limit):
    return (Launch("tests/scorecard/fatal_faults/fatal_faults.py", limit=limit,
                   builds=(("release", "misfit_fatal_faults_check"),)),)


def sanitizers(tool, ranks, planted="none"):
    targets = SANITIZED[tool] if planted == "none" else ("misfit_sanitizer_canary",)
    return Launch("tests/scorecard/sanitizers/sanitizers.py", limit=3600, builds=((BUILDS[tool], *targets),),
                  options=("--tool", tool, "--ranks", str(ranks), "--planted", planted))


def mpich(preset, target):
    return (Launch("tests/scorecard/mpich/mpich.py", limit=1800, builds=((preset, target),)),)


def mutation(limit):
    return (Launch("scripts/support/scorecard/mutants/__main__.py", limit=limit),)


CHECKS = (
    *call_checks.CHECKS,
    *number_checks.CHECKS,
    *run_checks.CHECKS,
    Check(
        name="fatal_faults",
        guarantee="A job of which one rank is killed, crashes, leaves or throws ends soon, with an error, and leaves nothing.",
        goal=Goal("≥ 200 faults, each ended ≤ 5 s", cases=200, figure=5),
        figure="s, the slowest end",
        full=fatal_faults(1800), quick=fatal_faults(120), canary=fatal_faults(120),
        planted="a program that goes on as if there were no fault, and ends well"),
    Check(
        name="mpich",
        guarantee="Results and errors are the same under MPICH.",
        goal=Goal("all tests of communication", cases=30),
        full=mpich("mpich", "misfit_communication_tests"), quick=(), canary=mpich("release", "misfit_communicator_test"),
        planted="programs that are linked to Open MPI"),
    Check(
        name="mutation",
        guarantee="The tests notice small changes of the code; each that none notices is explained.",
        goal=Goal("≥ 300 mutants, ≥ 95 % noticed", cases=300, figure=0.05),
        figure="share of those not explained that no test noticed",
        full=mutation(7200), quick=(), canary=mutation(600),
        planted="no test runs"),
    Check(
        name="sanitizers",
        guarantee="No leak, no access out of bounds, no undefined behaviour and no race, in all tests at 1 to 4 ranks.",
        goal=Goal("0 findings of ASan, UBSan, TSan, Kokkos, valgrind", cases=100, figure=0),
        figure="findings",
        full=(*(sanitizers("address", ranks) for ranks in (1, 2, 3, 4)), sanitizers("thread", 1), sanitizers("thread", 2),
              sanitizers("valgrind", 1)),
        quick=(), canary=tuple(sanitizers(tool, 1, planted) for tool, planted in FAULTS),
        planted="a leak, reads out of bounds, an overflow, a race, a value that was never set"),
)
