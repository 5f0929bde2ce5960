# SPDX-License-Identifier: BSD-3-Clause
"""The jobs that scripts/scaling_study leaves for Slurm, and what it collects of them."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

from scaling_support import benchmark, call, results

import options
import slurm
from bad_input import BadInput


class Slurm(unittest.TestCase):
    def write(self, folder, *more):
        slurm.write(options.parse(["--slurm", str(folder), "--ranks", "4", "--quick", "--family", "mask", *more]))
        return json.loads((folder / "study.json").read_text())["jobs"]

    def leave_results(self, folder, job, **context):
        found = results(*(benchmark(case) for case in job["cases"]), ranks=job["ranks"], **context)
        (folder / job["result"]).write_text(json.dumps(found))

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name) / "study"
        silent = mock.patch("builtins.print")
        silent.start()
        self.addCleanup(silent.stop)

    def test_job_scripts_say_what_was_asked(self):
        modules = self.folder.parent / "modules"
        modules.write_text("module load openmpi\n")
        jobs = self.write(self.folder, "--ranks_per_node", "2", "--gpus_per_node", "2", "--time", "01:00:00",
                          "--account", "me", "--partition", "gpu", "--prologue", str(modules))
        text = (self.folder / jobs[-1]["script"]).read_text()

        self.assertEqual([job["ranks"] for job in jobs], [1, 2, 4])
        self.assertIn("--ranks_per_node", json.loads((self.folder / "study.json").read_text())["options"])
        for line in ("--nodes=2", "--ntasks=4", "--ntasks-per-node=2", "--gpus-per-node=2", "--time=01:00:00",
                     "--account=me", "--partition=gpu"):
            self.assertIn(f"#SBATCH {line}\n", text)
        self.assertIn("module load openmpi\n", text)
        for script in (*(self.folder / job["script"] for job in jobs), self.folder / "submit"):
            subprocess.run(["bash", "-n", script], check=True)

    def test_job_script_leaves_its_results_only_when_it_ended_well(self):
        jobs = self.write(self.folder)
        with tempfile.TemporaryDirectory() as tools:
            srun = pathlib.Path(tools) / "srun"
            srun.write_text('#!/bin/sh\nfor a; do case $a in --benchmark_out=*) echo half > "${a#*=}";; esac; done\n'
                            "exit $CODE\n")
            srun.chmod(0o755)
            for code in ("1", "0"):
                done = subprocess.run(["bash", jobs[0]["script"]], cwd=self.folder, check=False,
                                      env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CODE": code})
                self.assertEqual(done.returncode, int(code))
                self.assertEqual((self.folder / jobs[0]["result"]).exists(), code == "0")

    def test_folder_that_holds_a_study_is_not_overwritten(self):
        self.write(self.folder)
        with self.assertRaisesRegex(BadInput, "holds a study already"):
            self.write(self.folder)

    def test_what_was_written_is_collected(self):
        for job in self.write(self.folder):
            self.leave_results(self.folder, job)
        runs, case = slurm.collect(self.folder)

        self.assertEqual((case, [r["ranks"] for r in runs]), ("default", [1, 2, 4]))

    def test_incomplete_folder(self):
        with self.assertRaisesRegex(BadInput, "study.json"):
            slurm.collect(self.folder)
        self.folder.mkdir()
        (self.folder / "study.json").write_text('{"case": "default", "jobs": []}')
        with self.assertRaisesRegex(BadInput, "no jobs"):
            slurm.collect(self.folder)
        (self.folder / "study.json").unlink()
        jobs = self.write(self.folder)
        self.leave_results(self.folder, jobs[0])
        with self.assertRaisesRegex(BadInput, "lacks 01-2-ranks.json 02-4-ranks.json: of 3 jobs 2 have not ended well"):
            slurm.collect(self.folder)
        output = self.folder.parent / "report"
        result = call("--collect", self.folder, "--output", output)
        self.assertEqual(result.returncode, 1)
        self.assertFalse(output.exists())

    def test_results_that_are_others(self):
        jobs = self.write(self.folder)
        for job in jobs:
            self.leave_results(self.folder, job)
        (self.folder / jobs[1]["result"]).write_text("{")
        with self.assertRaisesRegex(BadInput, "01-2-ranks.json: no results"):
            slurm.collect(self.folder)
        self.leave_results(self.folder, jobs[1], mpi_ranks="1")
        with self.assertRaisesRegex(BadInput, "is of 1 ranks, not of 2"):
            slurm.collect(self.folder)
        self.leave_results(self.folder, {**jobs[1], "cases": jobs[1]["cases"][1:]})
        with self.assertRaisesRegex(BadInput, "lacks mask/strong"):
            slurm.collect(self.folder)


if __name__ == "__main__":
    unittest.main()
