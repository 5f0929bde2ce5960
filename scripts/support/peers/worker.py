# SPDX-License-Identifier: BSD-3-Clause
"""What the peers of scripts/benchmark --peer that are written in Python share.

A peer is a program. With --version it prints its version and those of what it computes with; where that is not
installed it prints what is missing instead, and exits with 1. With a folder it reads the case in there, and answers, in
lines of their own: "ready", or "no" where it does not take the case; then for each line "value" the value of the case,
with the gradient in the file "gradient", and for each line "seconds" the time of computing both again.
"""

import pathlib
import sys
import time


class Case:
    """The sum of |A_i x - y_i|^2 times half the inverse variance; the arrays are in files, those of operator i in NAME.i."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        lines = [line.split() for line in (self.folder / "case").read_text().splitlines()]
        facts = {name: values for name, *values in lines}
        self.family, self.type = facts["family"][0], facts["type"][0]
        self.operators, self.ranks, self.step = (int(facts[name][0]) for name in ("operators", "ranks", "step"))
        self.inverse_variance = float(facts["inverse_variance"][0])
        self.shape = tuple(map(int, facts["shape"]))

    def each(self, name):
        """The files of all operators."""
        return [self.folder / f"{name}.{i}" for i in range(self.operators)]


def answer(line):
    print(line, flush=True)


def serve(version, program_of):
    """The main() of a peer.

    program_of(case) has the functions value(), which returns value and gradient, that as bytes, and seconds(); or it is None.
    """
    if sys.argv[1:] == ["--version"]:
        answer(version())
        return
    case = Case(sys.argv[1])
    program = program_of(case)
    if program is None:
        answer("no")
        return
    answer("ready")
    for line in sys.stdin:
        if line.strip() == "value":
            value, gradient = program.value()
            (case.folder / "gradient").write_bytes(gradient)
            answer(repr(float(value)))
        else:
            answer(repr(float(program.seconds())))


class Timed:
    """Of a function that computes a value and a gradient; `finish` makes the gradient what it is asked for."""

    def __init__(self, compute, finish=lambda gradient: gradient):
        self.compute, self.finish = compute, finish

    def value(self):
        value, gradient = self.compute()
        return value, self.finish(gradient).tobytes()

    def seconds(self):
        start = time.perf_counter()
        self.compute()
        return time.perf_counter() - start
