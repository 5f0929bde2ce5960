# SPDX-License-Identifier: BSD-3-Clause
"""A random choice of mutants, from all files and of all kinds."""

import collections
import hashlib


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


def place_in_line(mutant, seed):
    """A number that depends on the seed and on what is changed, and not on what else there is: a commit changes the choice only
    where it changes the code."""
    text = "\n".join([str(seed), mutant.file, mutant.kind, mutant.code, mutant.change])
    return hashlib.sha256(text.encode()).digest()


def choose(candidates, number, seed):
    """`number` of the candidates, a list for each file, numbered from 1 on."""
    chosen = []
    given = shares({file: len(found) for file, found in candidates.items()}, number)
    for file in sorted(candidates):
        chosen += choose_in_file(candidates[file], given[file], seed)
    chosen = sorted(chosen, key=lambda mutant: place_in_line(mutant, seed))[:number]
    chosen.sort(key=lambda mutant: (mutant.file, mutant.begin, mutant.end))
    for at, mutant in enumerate(chosen):
        mutant.number = at + 1
    return chosen


def choose_in_file(found, number, seed):
    """One of each kind first, then another one of each: there are more literals than conditions. None in a place that is taken."""
    turns, in_turns = collections.Counter(), []
    for mutant in sorted(found, key=lambda mutant: place_in_line(mutant, seed)):
        in_turns.append((turns[mutant.kind], mutant))
        turns[mutant.kind] += 1
    in_turns.sort(key=lambda pair: pair[0])
    chosen = {}
    for _, mutant in in_turns:
        if len(chosen) < number:
            chosen.setdefault((mutant.begin, mutant.end), mutant)
    return list(chosen.values())
