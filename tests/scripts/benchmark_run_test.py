# SPDX-License-Identifier: BSD-3-Clause
"""Whole runs of scripts/benchmark, with stand-ins for what it installs, builds and starts."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from benchmark_peers_support import facts, replace_peers, stand_in

SCRIPTS = pathlib.Path(__file__).parents[2] / "scripts"

MPIEXEC = """#!/bin/sh
export RANKS="$2"
shift 2
exec "$@"
"""

BENCHMARK = """#!/usr/bin/env python3
import json, os, sys
out, = [a.split("=", 1)[1] for a in sys.argv if a.startswith("--benchmark_out=")]
value, ranks = float(os.environ["ROOFLINE"]), os.environ["RANKS"]
case = {"name": "mask/fn_and_grad/iterations:9", "ms": 2.0, "bandwidth": 1e10, "memory": 1.0,
        "roofline": value, "roofline_low": value - 0.01, "roofline_high": value + 0.01}
json.dump({"context": {"mpi_ranks": ranks}, "benchmarks": [case]}, open(out, "w"))
"""


# Beside peers: on two ranks none takes the case.
WITH_PEERS = BENCHMARK.replace("json.dump(", """
folder, = [a.split("=", 1)[1] for a in sys.argv if a.startswith("--peers=")]
requests, answers = open(folder + "/requests", "w"), open(folder + "/answers")
def ask(request):
    print(request, file=requests, flush=True)
    return answers.readline().split()[1:]
ask("new")
open(folder + "/case/case", "w").write(os.environ["CASE"] if ranks == "1" else os.environ["CASE"].replace("double", "none"))
for peer in ask("take"):
    seconds = float(*ask("seconds\\t" + peer))
    case |= {f"peer_{peer}{end}": seconds / 0.1 for end in ("", "_low", "_high")}
json.dump(""")


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(SCRIPTS / "support", self.root / "scripts/support")
        shutil.copy(SCRIPTS / "benchmark", self.root / "scripts")
        self.program("scripts/install_dependencies", "#!/bin/sh\n")
        self.program("tools/cmake", "#!/bin/sh\n")
        self.program("tools/mpiexec", MPIEXEC)
        self.program("build/release/benchmarks/mask_benchmark", BENCHMARK)
        (self.root / "build/release/CMakeCache.txt").write_text(f"MPIEXEC_EXECUTABLE:FILEPATH={self.root}/tools/mpiexec\n")

    def program(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def call(self, *arguments, roofline):
        environment = {**os.environ, "PATH": f"{self.root}/tools:{os.environ['PATH']}", "ROOFLINE": str(roofline), "CASE": facts()}
        return subprocess.run([self.root / "scripts/benchmark", "--family", "mask", "--ranks", "2", "--oversubscribe", *arguments],
                              capture_output=True, text=True, check=False, timeout=60, env=environment, cwd=self.root)

    def test_each_run_has_a_folder_of_its_own(self):
        result = self.call(roofline=0.9)

        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        folder, = (self.root / "benchmark_results").iterdir()
        self.assertRegex(folder.name, r"^\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d$")
        self.assertEqual(sorted(path.name for path in folder.iterdir()),
                         ["bencher.json", "github_action_benchmark.json", "results.json"])
        self.assertIn("\nFound in 2 cases, on 1 and 2 ranks:\nroofline: all 2 cases come within 20 % of", result.stdout)
        self.assertRegex(result.stdout, r"\nWritten to \S+/benchmark_results/\S+: results.json, .*\nTo compare a later run .*\n$")

        command = re.search(r"scripts/benchmark (--compare \S+)\n$", result.stdout)[1].split()
        again = self.call("--output", "later", *command, roofline=0.9)
        self.assertEqual((again.returncode, again.stderr), (0, ""), again)
        self.assertIn("of 2 ratios 0 are worse, 0 better, and 2 not told apart.", again.stdout)

    def test_worse_than_the_reference_which_stays(self):
        self.assertEqual(self.call("--output", "first", roofline=0.9).returncode, 0)
        first = (self.root / "first/results.json").read_text()
        compare = ("--compare", "first/results.json")

        self.assertEqual(self.call("--output", "first", *compare, roofline=0.5).returncode, 1)
        for number in (1, 2):  # the first failure is not what the second run is compared with
            result = self.call("--output", f"second{number}", *compare, roofline=0.5)
            self.assertEqual(result.returncode, 3, result)
            self.assertIn("WORSE: mask/fn_and_grad/2_ranks roofline", result.stdout)
            self.assertEqual(result.stderr, f"benchmark: worse than in {self.root}/first/results.json: the ratios named above\n")
        self.assertEqual((self.root / "first/results.json").read_text(), first)
        self.assertEqual(json.loads((self.root / "second1/results.json").read_text())["benchmarks"][0]["roofline"], 0.5)

    def test_what_cannot_be_compared_is_kept(self):
        other = self.root / "other.json"
        ratio = {"name": "radon/fn_and_grad/2_ranks", "roofline": 0.9, "roofline_low": 0.8, "roofline_high": 1.0}
        other.write_text(json.dumps({"context": {}, "benchmarks": [ratio]}))
        result = self.call("--output", "kept", "--compare", other, roofline=0.9)

        self.assertEqual(result.returncode, 1)
        self.assertIn("no ratio of a case in common\nbenchmark: what it says above went wrong, and they were not compared",
                      result.stderr)
        self.assertTrue((self.root / "kept/results.json").exists())
        other.write_text("{}")
        self.assertEqual(self.call("--output", "refused", "--compare", other, roofline=0.9).returncode, 1)

    def test_beside_peers(self):
        replace_peers(self.root, stand_in(1))
        self.program("build/release/benchmarks/mask_benchmark", WITH_PEERS)
        result = self.call("--peer", "--output", "beside", roofline=0.9)

        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        self.assertIn("peer numpy: Stand-in 1.0\npeer scipy: not installed: Nothing (Debian: nothing)\n", result.stdout)
        self.assertIn("\npeers: fn_and_grad is not slower than any of 1 programs.\n", result.stdout)
        benchmarks = json.loads((self.root / "beside/results.json").read_text())["benchmarks"]
        self.assertEqual({b["ranks"]: b.get("peer_numpy") for b in benchmarks}, {1: 2.5, 2: None})
        self.assertEqual(list((self.root / "build").glob("benchmark.*")), [])

    def test_a_peer_that_fails(self):
        replace_peers(self.root, stand_in(0))
        self.program("build/release/benchmarks/mask_benchmark", WITH_PEERS)

        self.assertEqual(self.call("--peer", roofline=0.9).returncode, 1)

    def test_a_program_that_fails(self):
        self.program("build/release/benchmarks/mask_benchmark", "#!/bin/sh\necho no luck >&2\nexit 7\n")
        result = self.call("--output", "failed", roofline=0.9)

        self.assertEqual(result.returncode, 1)
        self.assertIn("no luck\nbenchmark: the benchmark of mask failed at 1 rank(s)", result.stderr)
        self.assertFalse((self.root / "failed").exists())


if __name__ == "__main__":
    unittest.main()
