# SPDX-License-Identifier: BSD-3-Clause
"""Runs the tests under a sanitizer, and counts what it reports."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from check import Check  # noqa: E402

import ctest_tests  # noqa: E402
import launches  # noqa: E402
from launches import ROOT  # noqa: E402

SUPPORT = ROOT / "tests/support"
SLOWER = 10  # times as long as without

# Of sanitizers, of Kokkos and of the standard library.
REPORTS = re.compile(r"ERROR: (?:Address|Leak)Sanitizer|runtime error: |WARNING: ThreadSanitizer|View bounds error"
                     r"|Assertion '.*' failed|ERROR SUMMARY: [1-9]\d* errors")

VALGRIND = ("valgrind", "--leak-check=full", "--keep-debuginfo=yes", "--errors-for-leak-kinds=definite",
            "--error-exitcode=99", f"--suppressions={SUPPORT}/openmpi_valgrind.supp", "--log-fd=2")

# Of what the tests of each are: the build, words before the program, variables, and which tests. intercept_tls_get_addr=0:
# else clang 14 guesses where variables of threads lie, and sometimes dies of it.
TOOLS = {
    "address": ("sanitize", (), {
        "ASAN_OPTIONS": "fast_unwind_on_malloc=0:intercept_tls_get_addr=0", "UBSAN_OPTIONS": "print_stacktrace=1",
        "LSAN_OPTIONS": f"print_suppressions=0:suppressions={SUPPORT}/openmpi_lsan.supp"},
        r"(?!scarce_memory).*"),  # which AddressSanitizer ends where there is no memory
    "thread": ("sanitize_threads", (), {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1"},
               r"(copies|distances|faults|fourier)\.np.*"),
    "valgrind": ("dev", VALGRIND, {}, r"(distributed_data_fidelity|dual_prox)\.np.*"),
}
PLANTED = ("none", "leak", "read", "view", "container", "overflow", "race", "uninitialised")


def with_tool(command, words, preset):
    """`words` before the program, which is the first of the build."""
    first = next(k for k, word in enumerate(command) if word.startswith(str(ROOT / "build" / preset)))
    return [*command[:first], *words, *command[first:]]


def tests(tool, ranks, planted):
    preset, words, _, wanted = TOOLS[tool]
    if planted != "none":
        program = str(ROOT / "build" / preset / "tests/scorecard/misfit_sanitizer_canary")
        found = [ctest_tests.Test(f"canary {planted}", [*launches.mpiexec(ranks, preset), program, planted], {}, 60)]
    else:
        found = [test for test in ctest_tests.of_build(preset, f"ranks{ranks}") if re.fullmatch(wanted, test.name)]
    for test in found:
        test.command = with_tool(test.command, words, preset)
    return found


def reported(outcome):
    return REPORTS.findall("\n".join(outcome.said))


def main():
    check = Check(("tool", TOOLS), ("ranks", ("1", "2", "3", "4")), ("planted", PLANTED))
    options = check.options
    variables = TOOLS[options.tool][2]
    findings = 0
    for test in tests(options.tool, int(options.ranks), options.planted):
        outcome = launches.outcome_of(test.command, {**test.environment, **variables}, test.limit * SLOWER, kept=None)
        reports = reported(outcome)
        findings += len(reports)
        said = [line for line in outcome.said if REPORTS.search(line)] or outcome.said[-3:]
        # A canary that does not even start is no find.
        held = not reports and (test.passes(outcome) or options.planted != "none")
        check.tried(held, test.told(outcome, said[:5]))
    check.figure(findings)
    check.finish()


if __name__ == "__main__":
    main()
