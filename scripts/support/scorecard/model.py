# SPDX-License-Identifier: BSD-3-Clause
"""What a check of the scorecard is."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Launch:
    """A program that prints a line `result {"tried": .., "held": .., "figure": ..}`. Lines `hash WHAT HASH` of all
    launches of a check must have one hash for each WHAT.

    `program` is that of misfit_add_check(program ...) in tests/scorecard, run by mpiexec on `ranks` ranks; or a file of
    Python, as a path in the tree, which starts what it needs itself."""

    program: str
    ranks: int = 1
    options: tuple = ()
    environment: dict = dataclasses.field(default_factory=dict)
    limit: float = 120  # seconds, after which it hangs
    builds: tuple = ()  # what a file of Python starts: (preset, target...)

    @property
    def is_python(self):
        return self.program.endswith(".py")

    @property
    def needs(self):
        """What must be built: (preset, target...)."""
        return self.builds if self.is_python else (("release", f"misfit_{self.program}_check"),)

    def __str__(self):
        where = () if self.is_python else (f"on {self.ranks} rank{'s' if self.ranks > 1 else ''}",)
        variables = (f"{name}={value}" for name, value in self.environment.items())
        return " ".join((*variables, self.program, *self.options, *where))


def on_ranks(program, *ranks, **rest):
    """The program once on each number of ranks."""
    return tuple(Launch(program, count, **rest) for count in ranks)


@dataclasses.dataclass(frozen=True)
class Goal:
    """What a full run must show."""

    text: str  # as one would say it
    cases: int  # the fewest
    figure: float | None = None  # the largest


@dataclasses.dataclass(frozen=True)
class Check:
    """A guarantee, and the programs that try whether it holds.

    Cases are added up over the launches, and the figure is the worst, which is the largest. A check without `quick`
    launches is left out of quick runs. In each launch of `canary` a fault is planted that the check must find: by
    cases that do not hold or a figure beyond the goal, or in the way that `found_by` names: "all cases" that do not hold,
    "crash" or "hang"."""

    name: str
    guarantee: str  # one plain sentence
    goal: Goal
    full: tuple
    quick: tuple
    canary: tuple
    planted: str  # the fault of the canary
    figure: str = ""  # what the figure tells
    found_by: str = "cases"

    def launches(self, options):
        if options.canaries:
            return self.canary
        return self.quick if options.quick else self.full
