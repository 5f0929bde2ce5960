# SPDX-License-Identifier: BSD-3-Clause
"""check.hpp for programs in Python: the options, and the line with the result."""

import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/support/scorecard"))

MOST_TOLD = 10


class Check:
    def __init__(self, *options):
        """Reads the command line: --quick, --canary, --seed, and `options`, pairs of a name and its choices."""
        parser = argparse.ArgumentParser(allow_abbrev=False)
        parser.add_argument("--quick", action="store_true")
        parser.add_argument("--canary", action="store_true")
        parser.add_argument("--seed", type=int, default=1)
        for name, choices in options:
            parser.add_argument(f"--{name}", choices=choices, required=True)
        self.options = parser.parse_args()
        self.count = self.held = self.told = 0
        self.worst = None

    def tried(self, held, what):
        """Counts a case; says `what` did not hold, at most ten times."""
        self.count += 1
        self.held += bool(held)
        if not held:
            self.told += 1
            if self.told <= MOST_TOLD:
                print(what, file=sys.stderr, flush=True)

    def figure(self, value):
        self.worst = value if self.worst is None else max(self.worst, value)

    def finish(self):
        """Prints the result and ends the program."""
        result = {"tried": self.count, "held": self.held}
        if self.worst is not None:
            result["figure"] = float(f"{self.worst:.3g}")
        print("result", json.dumps(result), flush=True)
        sys.exit(0 if 0 < self.count == self.held else 1)
