# SPDX-License-Identifier: BSD-3-Clause
"""A small study through a real Slurm, whose daemons this test starts and ends. Skipped where a part of it is missing."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import slurm_cluster
from scaling_stand_ins import PYTHON
from scaling_support import ROOT

SKIPPED = 77  # what CTest takes for a skipped test
PROGRAM = ROOT / "build/release/study/misfit-study"


def obstacles():
    """Why this cannot run here."""
    absent = slurm_cluster.missing()
    if absent:
        return f"Slurm is missing ({' '.join(absent)}; on Debian: slurmctld slurmd slurm-client munge)"
    if not PROGRAM.exists():
        return f"{PROGRAM} is not built"
    cores = subprocess.run(["lscpu", "--parse=CORE,SOCKET"], capture_output=True, text=True, check=False).stdout
    if len(os.sched_getaffinity(0)) < 2 or len({line for line in cores.splitlines() if line[0] != "#"}) < 2:
        return "one core is not enough"
    if not PYTHON:
        return "no Python with matplotlib and numpy"
    return ""


class Real(unittest.TestCase):
    def setUp(self):
        # Sockets must have short names.
        temporary = tempfile.TemporaryDirectory(prefix="slurm.", dir="/tmp")
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name).resolve()
        (self.root / "slurm").mkdir()
        self.cluster = slurm_cluster.Cluster(self.root / "slurm")
        self.addCleanup(self.cluster.end)
        self.cluster.start()
        self.study = self.root / "the study"

    def call(self, *command, code=0):
        result = self.cluster.call(*command, cwd="/")
        self.assertEqual(result.returncode, code, f"{result.stdout}{result.stderr}")
        return result.stdout if code == 0 else result.stderr

    def scripts(self, *arguments):
        self.call(ROOT / "scripts/scaling_study", "--slurm", self.study, "--quick", "--ranks", "2", "--family", "mask",
                  "--cache_bytes", "100000", "--time", "5", *arguments)
        # What is built may be of another commit than the tree.
        plan = self.study / "study.json"
        plan.write_text(json.dumps({**json.loads(plan.read_text()), "revision": "unknown"}))

    def collect(self, *arguments, code=0):
        return self.call(ROOT / "scripts/scaling_study", "--collect", self.study, "--output", self.root / "report",
                         *arguments, code=code)

    def left(self, ending):
        return sorted(path.name for path in self.study.glob(f"0*.{ending}"))

    def test_study(self):
        """Submitted from elsewhere, twice, with a job that reports when all have ended."""
        self.scripts("--mpi", "pmix", "--sbatch", "comment=a study's", "--sbatch", "mem=0")
        first = self.call(self.study / "submit", "--collect")
        again = self.call(self.study / "submit")
        self.cluster.wait_for_jobs()
        last = self.call(self.study / "submit")
        log = "".join(path.read_text() for path in self.study.glob("*.log"))

        self.assertEqual(first.count(": job "), 3, first)
        self.assertRegex(again, r"^00-1-ranks: is job 1 \([A-Z]+, \S+\) already\n01-2-ranks: is job 2 \([A-Z]+, \S+\) already\n$")
        self.assertEqual(last, "00-1-ranks: is finished\n01-2-ranks: is finished\n", log)
        self.assertEqual(self.left("json"), ["00-1-ranks.1.json", "01-2-ranks.2.json"])
        self.assertEqual(self.left("part"), [])
        self.check(json.loads((self.study / "report/results.json").read_text()), log)

        self.call("sbatch", self.study / "01-2-ranks.sh")
        self.cluster.wait_for_jobs()
        printed = self.collect()
        self.assertEqual(self.left("json"), ["00-1-ranks.1.json", "01-2-ranks.2.json", "01-2-ranks.4.json"])
        self.assertRegex(printed, r"(?m)^ +4 +01-2-ranks ")

    def check(self, results, log):
        self.assertEqual([(job["job"], job["nodes"], job["ranks_per_node"], job["threads"]) for job in
                          results["context"]["jobs"]], [("1", 1, 1, 1), ("2", 1, 2, 1)])
        self.assertEqual({(p["ranks"], p["nodes"], p["series"]) for p in results["points"]},
                         {(1, 1, "strong"), (1, 1, "weak"), (2, 1, "strong"), (2, 1, "weak")})
        lines = re.findall(r"^RESULT case=mask/(?:strong|weak)/\d+/1562/fn_and_grad/(?:replicated|slabs) "
                           r"ranks=([12]) threads=1 nodes=1 ms=[\d.]+ low=[\d.]+ high=[\d.]+ kind=measured "
                           r"form=(?:replicated|slabs)$", log, re.MULTILINE)
        self.assertEqual(sorted(lines), ["1", "1", "1", "2", "2", "2"], log)
        self.assertIn("modules: none", log)

    def test_ranks_that_do_not_find_each_other_and_those_of_mpirun(self):
        """This Slurm starts ranks without PMI; a refused job does not keep the others from being submitted."""
        self.scripts()
        self.call("bash", "-c", f"echo 'exit 1' >'{self.study}/00-1-ranks.sh'")
        says = self.call(self.study / "submit", code=1)
        self.cluster.wait_for_jobs()

        self.assertIn("submit: sbatch refused 1 of these, for what it says above: 00-1-ranks", says)
        self.assertEqual((self.left("json"), self.left("part")), ([], ["01-2-ranks.1.part"]))
        self.assertIn("--launcher mpirun) may help", (self.study / "01-2-ranks.1.log").read_text())
        self.assertIn("01-2-ranks (job 1 runs or has failed, see 01-2-ranks.1.log", self.collect(code=1))

        self.study = self.root / "another"
        self.scripts("--launcher", "mpirun")
        self.call(self.study / "submit")
        self.cluster.wait_for_jobs()
        self.assertEqual(len(self.left("json")), 2, "".join(path.read_text() for path in self.study.glob("*.log")))


if __name__ == "__main__":
    if obstacles():
        print(f"skipped: {obstacles()}")
        sys.exit(SKIPPED)
    unittest.main()
