# SPDX-License-Identifier: BSD-3-Clause
"""The server of scripts/benchmark --peer, with stand-ins for the benchmark and for the peers; and the peers in Python by hand."""

import array
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from benchmark_peers_support import SUPPORT, Copy, facts, replace_peers, stand_in

MPIEXEC = "#!/bin/sh\nshift 2\nexec \"$@\"\n"

# Asks what the file beside it says, and writes what is answered.
BENCHMARK = """#!/usr/bin/env python3
import json, pathlib, sys
here, folder = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1].split("=", 1)[1])
numbers = json.loads((here / "case.json").read_text())
requests, answers = open(folder / "requests", "w"), open(folder / "answers")
with open(here / "answered", "w") as out:
    for request in (here / "asked").read_text().splitlines():
        if request == "take":
            import array
            for name, content in numbers.items():
                data = content.encode() if isinstance(content, str) else array.array("d", content).tobytes()
                (folder / "case" / name).write_bytes(data)
        print(request, file=requests, flush=True)
        print(answers.readline(), end="", file=out)
        if request.startswith("value"):
            print(*array.array("d", (folder / "case/gradient").read_bytes()), file=out)
sys.exit(len(sys.argv) - 2)
"""


MASKS = {"case": facts(), "x": [3, 4], "mask.0": [1, 2], "y.0": [1, 1], "mask.1": [0, 1], "y.1": [0, 5]}
VALUE, GRADIENT = 108.0, [8.0, 52.0]  # residuals (2, 7) and (0, -1)


class Server(unittest.TestCase):
    def setUp(self):
        self.copy = Copy(self, stand_in(1))
        for name, text in (("mpiexec", MPIEXEC), ("benchmark", BENCHMARK)):
            (self.copy.root / name).write_text(text)
            (self.copy.root / name).chmod(0o755)

    def ask(self, *asked, case=None, arguments=()):
        """The lines answered, and the exit status."""
        (self.copy.root / "case.json").write_text(json.dumps(MASKS | ({"case": case} if case else {})))
        (self.copy.root / "asked").write_text("\n".join(asked))
        with tempfile.TemporaryDirectory() as folder:
            result = self.copy.server("run", f"{folder}/peers", 1, self.copy.root / "mpiexec", "-n", self.copy.root / "benchmark",
                                      *arguments)
        return (self.copy.root / "answered").read_text().splitlines(), result.returncode

    def test_versions_and_what_is_not_installed(self):
        self.assertEqual(self.copy.server("versions", self.copy.root / "benchmark").stdout,
                         "peer numpy: Stand-in 1.0\npeer scipy: not installed: Nothing (Debian: nothing)\n"
                         "peer bart_iteration: not installed: Nothing (Debian: nothing)\n"
                         "peer petsc: not installed: PETSc (Debian: libpetsc-real-dev)\n")

    def test_a_case(self):
        self.assertEqual(self.ask("versions", "new", "take", "value\tnumpy", "seconds\tnumpy"),
                         (["ok\tnumpy: Stand-in 1.0", "ok", "ok\tnumpy", f"ok\t{VALUE}", "8.0 52.0", "ok\t0.25"], 0))

    def test_one_case_after_the_other(self):
        case = ("new", "take", "seconds\tnumpy")
        self.assertEqual(self.ask(*case, *case), (["ok", "ok\tnumpy", "ok\t0.25"] * 2, 0))

    def test_a_case_that_no_peer_takes(self):
        self.assertEqual(self.ask("new", "take", case=facts(type="float")), (["ok", "ok"], 0))

    def test_a_peer_that_fails(self):
        replace_peers(self.copy.root, stand_in(0))
        self.assertEqual(self.ask("new", "take", "seconds\tnumpy", "seconds\tnumpy")[0],
                         ["ok", "ok\tnumpy", "error\tnumpy failed", "error\tnumpy failed"])

    def test_exits_as_the_benchmark_does(self):
        self.assertEqual(self.ask("new", arguments=("a", "b", "c")), (["ok"], 3))


class InPython(unittest.TestCase):
    """One matrix ((1, 2), (3, 4)), x = (1, 1), y = (1, 1): residual (2, 6)."""

    ARRAYS = {"x": [1, 1], "y.0": [1, 1], "matrix.0": [1, 2, 3, 4], "values.0": [1, 2, 3, 4],
              "row_map.0": array.array("i", [0, 2, 4]), "columns.0": array.array("i", [0, 1, 0, 1])}

    def ask(self, script, case, arrays):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "case").write_text(case)
            for name, numbers in arrays.items():
                (folder / name).write_bytes((array.array("d", numbers) if isinstance(numbers, list) else numbers).tobytes())
            command = [sys.executable, "-B", SUPPORT / "peers" / script]
            if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode != 0:
                command[0] = "/usr/bin/python3"
                if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode != 0:
                    self.skipTest(f"{script}: what it needs is not installed")
            out = subprocess.run([*command, folder], input="value\nseconds\n", capture_output=True, text=True, check=True).stdout
            ready, *numbers = out.split()
            gradient = folder / "gradient"
            return ready, numbers, list(array.array("d", gradient.read_bytes())) if gradient.exists() else []

    def test_masks(self):
        ready, (value, seconds), gradient = self.ask("numpy_arrays.py", MASKS["case"], {n: a for n, a in MASKS.items() if n != "case"})

        self.assertEqual((ready, float(value), gradient), ("ready", VALUE, GRADIENT))
        self.assertGreater(float(seconds), 0)

    def test_matrices(self):
        for script, family in (("numpy_arrays.py", "dense"), ("scipy_arrays.py", "sparse")):
            with self.subTest(family):
                ready, (value, _), gradient = self.ask(script, facts(family=family, operators=1), self.ARRAYS)
                self.assertEqual((ready, float(value), gradient), ("ready", 80, [80, 112]))

    def test_cases_that_they_do_not_take(self):
        for script in ("numpy_arrays.py", "scipy_arrays.py"):
            for case in (facts(family="radon"), facts(family="dense", ranks=2), facts(family="sparse", ranks=2),
                         facts(type="complex<double>"), facts(family="sparse", type="complex<double>")):
                self.assertEqual(self.ask(script, case, {})[0], "no")


if __name__ == "__main__":
    unittest.main()
