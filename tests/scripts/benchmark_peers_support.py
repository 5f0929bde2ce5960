# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of scripts/benchmark --peer share: peers made up for them, in a copy of scripts/support."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

SUPPORT = pathlib.Path(__file__).parents[2] / "scripts/support"

NOT_INSTALLED = "import sys\nsys.exit('Nothing (Debian: nothing)')\n"

# For masks of doubles: `factor` times what their gradient is.
STAND_IN = """import array, sys, time
import worker

class Program:
    def __init__(self, case):
        self.case = case
    def read(self, path):
        return array.array("d", path.read_bytes())
    def value(self):
        x = self.read(self.case.folder / "x")
        g, total = array.array("d", bytes(8 * len(x))), 0.0
        for m, y in zip(self.case.each("mask"), self.case.each("y")):
            for j, (mj, yj) in enumerate(zip(self.read(m), self.read(y))):
                r = mj * x[j] - yj
                total += r * r
                g[j] += FACTOR * self.case.inverse_variance * mj * r
        return self.case.inverse_variance / 2 * total, g.tobytes()
    def seconds(self):
        if FACTOR == 0:
            sys.exit("no luck")
        return 0.25

worker.serve(lambda: "Stand-in 1.0", lambda case: Program(case) if (case.family, case.type) == ("mask", "double") else None)
"""


def stand_in(factor):
    return STAND_IN.replace("FACTOR", repr(factor))


def facts(**changed):
    """The file "case"."""
    names = {"family": "mask", "type": "double", "operators": 2, "ranks": 1, "step": 1, "inverse_variance": 4, "shape": 2} | changed
    return "".join(f"{name} {value}\n" for name, value in names.items())


def replace_peers(root, numpy):
    """NumPy by a stand-in; the others are not installed."""
    for name, text in (("numpy", numpy), ("scipy", NOT_INSTALLED), ("bart", NOT_INSTALLED)):
        script, = (root / "scripts/support/peers").glob(f"{name}_*.py")
        script.write_text(text)


def server(*arguments, support=SUPPORT):
    return subprocess.run([sys.executable, "-B", support / "peers/server.py", *map(str, arguments)],
                          capture_output=True, text=True, check=False, timeout=250)


class Copy:
    """A copy of scripts/support with such peers."""

    def __init__(self, test, numpy):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(SUPPORT, self.root / "scripts/support")
        replace_peers(self.root, numpy)

    def server(self, *arguments):
        return server(*arguments, support=self.root / "scripts/support")
