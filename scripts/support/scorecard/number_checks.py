# SPDX-License-Identifier: BSD-3-Clause
"""Of the checks of checks.py those of numbers that must be right."""

from model import Check, Goal, on_ranks

CHECKS = (
    Check(
        name="adjoints",
        guarantee="The adjoint of every operator is exact, and check_adjoint finds those that are not.",
        goal=Goal("≤ 1e-14 in double; ≥ 100 planted faults found", cases=1100, figure=1e-14),
        figure="|Re⟨A x, y⟩ − Re⟨x, A^H y⟩| / (‖A‖ |x| |y|), in double",
        full=on_ranks("adjoints", 1, 2, 3, limit=300), quick=on_ranks("adjoints", 1), canary=on_ranks("adjoints", 1),
        planted="faulty adjoints that have no fault"),
    Check(
        name="gradients",
        guarantee="∇f is the gradient of f, of every distance and operator.",
        goal=Goal("≥ 1,000 cases, Taylor slope 2.00 ± 0.02", cases=1000, figure=0.02),
        figure="|slope − 2|",
        full=on_ranks("gradients", 1, 2, 3, limit=600), quick=on_ranks("gradients", 1), canary=on_ranks("gradients", 1),
        planted="a gradient that is 1 % off"),
    Check(
        name="oracle",
        guarantee="f and ∇f over any ranks, operators and partition, in both kinds of sum, are those of long double.",
        goal=Goal("1 to 16, 32, 64 ranks, ≤ 4 eps × sum of absolutes", cases=1500, figure=4),
        figure="eps × sum of the absolute values of the terms",
        full=on_ranks("oracle", *range(1, 17), 32, 64, limit=300),
        quick=on_ranks("oracle", 1, 3, 8), canary=on_ranks("oracle", 3),
        planted="the first operator in the place of the last"),
    Check(
        name="views",
        guarantee="Views of any layout, stride, place and constness give the same bits as contiguous copies, or are refused.",
        goal=Goal("≥ 400 combinations", cases=400),
        full=on_ranks("views", 1, 2, 3, limit=300), quick=on_ranks("views", 1), canary=on_ranks("views", 1),
        planted="a stride that is ignored"),
)
