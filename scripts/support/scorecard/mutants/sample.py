# SPDX-License-Identifier: BSD-3-Clause
"""A random choice of mutants, from all files and of all kinds."""

import random


def shares(sizes, number):
    """How many of each file: in proportion to what it has, at least one."""
    total = sum(sizes.values())
    wanted = {file: max(1.0, number * size / total) for file, size in sizes.items()}
    scale = number / sum(wanted.values())
    given = {file: max(1, int(share * scale)) for file, share in wanted.items()}
    by_remainder = sorted(wanted, key=lambda file: given[file] - wanted[file] * scale)
    for file in by_remainder[:max(0, number - sum(given.values()))]:
        given[file] += 1
    return given


def choose(candidates, number, seed):
    """`number` of the candidates, a list for each file, numbered from 1 on."""
    dice, chosen = random.Random(seed), []
    given = shares({file: len(found) for file, found in candidates.items()}, number)
    for file in sorted(candidates):
        chosen += choose_in_file(candidates[file], given[file], dice)
    chosen = dice.sample(chosen, min(number, len(chosen)))
    chosen.sort(key=lambda mutant: (mutant.file, mutant.begin, mutant.end))
    for at, mutant in enumerate(chosen):
        mutant.number = at + 1
    return chosen


def choose_in_file(found, number, dice):
    """A kind first, then one of that kind: there are more literals than conditions. None in a place that is taken."""
    left, chosen = list(found), []
    while left and len(chosen) < number:
        kind = dice.choice(sorted({mutant.kind for mutant in left}))
        mutant = dice.choice([candidate for candidate in left if candidate.kind == kind])
        chosen.append(mutant)
        left = [other for other in left if (other.begin, other.end) != (mutant.begin, mutant.end)]
    return chosen
