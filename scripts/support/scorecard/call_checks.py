# SPDX-License-Identifier: BSD-3-Clause
"""Of the checks of checks.py those of calls that go wrong on some ranks."""

from model import Check, Goal, Launch, on_ranks

CHECKS = (
    Check(
        name="bad_input",
        guarantee="What a call cannot take is refused on every rank with the same error, and the objects can be used again.",
        goal=Goal("≥ 3,000 cases, 0 hangs, 0 aborts", cases=3000),
        full=on_ranks("bad_input", 1, 2, 3, 5, 8, limit=900),
        quick=on_ranks("bad_input", 1, 3), canary=on_ranks("bad_input", 3),
        planted="no fault, another text on one rank, a changed argument, a printed line, a wrong next result",
        found_by="all cases"),
    Check(
        name="out_of_memory",
        guarantee="A rank without memory, at any allocation of any call, fails as any other: all throw, and objects work again.",
        goal=Goal("every allocation, ≥ 10,000 cases", cases=10000),
        full=on_ranks("out_of_memory", 2, 3, 4, limit=900), quick=on_ranks("out_of_memory", 2, limit=300),
        canary=on_ranks("out_of_memory", 2, limit=300),
        planted="a call that allocates after the ranks agreed"),
    Check(
        name="random_calls",
        guarantee="Any order of calls, with failures on any ranks: right numbers, one error, and objects that work again.",
        goal=Goal("1,000,000 evaluations, 0 wrong, 0 hung", cases=1000000),
        full=on_ranks("random_calls", 2, 3, 4, 5, 8, limit=1800),
        quick=on_ranks("random_calls", 3), canary=on_ranks("random_calls", 3),
        planted="an adjoint that is wrong in one column of matrices of three rows"),
    Check(
        name="watchdog",
        guarantee="With MISFIT_TIMEOUT a call to which ranks do not come ends in time, with an error that names them.",
        goal=Goal("≥ 50 cases, ≤ 1 s over the limit", cases=50, figure=1),
        figure="s, the most over the limit",
        full=tuple(Launch("watchdog", ranks, options=("--seed", str(ranks)), limit=300) for ranks in (2, 3, 5, 8)),
        quick=on_ranks("watchdog", 3), canary=on_ranks("watchdog", 3),
        planted="missing ranks that do come"),
)
