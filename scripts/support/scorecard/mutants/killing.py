# SPDX-License-Identifier: BSD-3-Clause
"""Which tests reach which mutants, and whether one of them fails with the mutant on."""

import dataclasses
import json
import pathlib

from programs import launch
from tree import Failed

LAUNCH = 0.7  # seconds of mpiexec, about
BETWEEN = "-"  # what is reached outside tests


@dataclasses.dataclass
class Reach:
    """What a program reaches: for each of its tests seconds and mutants."""
    program: object
    seconds: dict
    mutants: dict
    total: float = 0.0

    def tests_of(self, number):
        return [test for test, reached in self.mutants.items() if number in reached]

    def cost(self, number):
        tests = self.tests_of(number)
        if BETWEEN in tests:
            return self.total
        return LAUNCH * (1 + 0.3 * self.program.ranks) + sum(self.seconds[test] for test in tests)


def recorded(program, folder):
    """Runs a program with no mutant on, which must pass, if it was not done since it was built."""
    path = folder / program.name
    passed = path.with_name(f"{program.name}.passed")
    if not passed.exists() or passed.stat().st_mtime < program.path.stat().st_mtime:
        what, seconds = launch(program, 600, MISFIT_MUTANT_RECORD=str(path))
        if what:
            raise Failed(f"{program.name} does not pass without a mutant: {what}")
        passed.write_text(f"{seconds}\n", encoding="utf-8")
    reach = Reach(program, {}, {}, float(passed.read_text(encoding="utf-8")))
    for rank in range(program.ranks):
        for line in path.with_name(f"{path.name}.{rank}").read_text(encoding="utf-8").splitlines():
            milliseconds, test, *numbers = line.split()
            reach.seconds[test] = max(reach.seconds.get(test, 0.0), int(milliseconds) / 1000)
            reach.mutants.setdefault(test, set()).update(map(int, numbers))
    return reach


def outcome(program, timeout, number, chosen):
    """What a mutant does to a program. It counts only if the program passes without the mutant, where it hung in half the time: the
    machine may be busy, or sick."""
    what, seconds = launch(program, timeout, MISFIT_MUTANT=str(number), **chosen)
    if not what:
        return what, seconds
    without, more = launch(program, timeout, MISFIT_MUTANT="0", **chosen)
    slow = what == "hang" and more > timeout / 2
    return ("" if without or slow else what), seconds + more


def named_alike(program, file):
    """Whether a program has the name of what it tests: blur of blur.hpp."""
    return program.name.split(".")[0] in pathlib.Path(file).stem or pathlib.Path(file).stem in program.name


def killed(mutant, reaches, budget, say):
    """By the tests of its name and then the cheapest ones first, until one fails or the budget, in seconds, is used up."""
    result = {"number": mutant.number, "file": mutant.file, "line": mutant.line, "kind": mutant.kind, "change": mutant.change,
              "code": mutant.code, "killed_by": None, "how": None, "seconds": 0.0, "launches": 0, "left_out": 0}
    reaching = sorted((reach for reach in reaches if reach.tests_of(mutant.number)),
                      key=lambda r: (not named_alike(r.program, mutant.file), r.cost(mutant.number)))
    result["reached_by"] = len(reaching)
    for reach in reaching:
        cost = reach.cost(mutant.number)
        if result["launches"] and result["seconds"] + cost > budget:
            result["left_out"] += 1
            continue
        tests = reach.tests_of(mutant.number)
        chosen = {} if BETWEEN in tests else {"GTEST_FILTER": ":".join(tests)}
        what, seconds = outcome(reach.program, 8 + 4 * cost, mutant.number, chosen)
        result["launches"] += 1
        result["seconds"] = round(result["seconds"] + seconds, 2)
        if what:
            result.update(killed_by=reach.program.name, how=what)
            break
    end = f"killed by {result['killed_by']} ({result['how']})" if result["killed_by"] else "SURVIVED"
    say(f"{mutant.name()}: {end}, {result['seconds']} s, {result['launches']} launches")
    return result


def explanations(path):
    """Why a mutant survives, by file, line of code and change (any, if none is named)."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {(entry["file"], entry["code"], entry.get("change")): entry["why"] for entry in entries}


def explained(result, known):
    key = (result["file"], result["code"])
    return known.get((*key, result["change"])) or known.get((*key, None))
