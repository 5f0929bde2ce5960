# SPDX-License-Identifier: BSD-3-Clause
"""The jobs that scripts/scaling_study leaves for Slurm, and how they are submitted, with stand-ins for its commands."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from unittest import mock

import scaling_support  # noqa: F401, where the modules of the script are
import cases
import options
import slurm
from bad_input import BadInput

# Leaves "half" in its output where CODE is not 0, and results of RANKS otherwise.
SRUN = """#!/bin/sh
for a; do case $a in --benchmark_out=*) out=${a#*=};; esac; done
echo half >"$out"
[ "$CODE" = 0 ] || exit "$CODE"
echo '"mpi_ranks": "'"$RANKS"'"' >"$out"
"""

# Refuses the jobs of $REFUSED; writes down the others.
SBATCH = """#!/bin/sh
for a; do last=$a; done
case " $REFUSED " in *" $last "*) echo "sbatch: error: $last is too much" >&2; exit 1;; esac
echo "$*" >>"$LOG"
echo "$(wc -l <"$LOG");cluster"
"""


class Jobs(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name).resolve()
        self.folder = self.root / "a study's"
        self.log = self.root / "log"
        silent = mock.patch("builtins.print")
        silent.start()
        self.addCleanup(silent.stop)

    def tool(self, name, text):
        path = self.root / "tools" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def call(self, *command, **environment):
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=self.root,
                              env={**os.environ, "PATH": f"{self.root / 'tools'}:{os.environ['PATH']}",
                                   "LOG": str(self.log), **environment})

    def write(self, *more, ranks="4"):
        slurm.write(options.parse(["--slurm", str(self.folder), "--ranks", ranks, "--quick", "--family", "mask", *more]))
        return json.loads((self.folder / "study.json").read_text())["jobs"]

    def text(self, job):
        return (self.folder / f"{job['name']}.sh").read_text()


class Scripts(Jobs):
    def asked_nodes(self, *more, ranks):
        """(ranks, nodes, ranks a node, GPUs a node) of each job."""
        shutil.rmtree(self.folder, ignore_errors=True)
        found = []
        for job in self.write(*more, ranks=ranks):
            text = self.text(job)
            found.append(tuple(int(values[0]) if (values := re.findall(rf"#SBATCH --{name}=(\d+)\n", text)) else 0
                               for name in ("ntasks", "nodes", "ntasks-per-node", "gpus-per-node")))
        return found

    def test_say_what_was_asked(self):
        modules = self.root / "modules"
        modules.write_text("module load openmpi\n")
        jobs = self.write("--ranks_per_node", "2", "--time", "1-12", "--account", "of me", "--partition", "long", "--threads",
                          "3", "--sbatch", "qos=debug", "--sbatch", "hold", "--prologue", str(modules))
        text = self.text(jobs[-1])

        self.assertEqual([(job["ranks"], job["threads"]) for job in jobs], [(1, 1), (1, 3), (2, 3), (4, 3)])
        self.assertIn("--ranks_per_node", json.loads((self.folder / "study.json").read_text())["options"])
        for line in ("--nodes=2", "--ntasks=4", "--ntasks-per-node=2", "--cpus-per-task=3", "--time=1-12", "--account='of me'",
                     "--partition=long", "--qos=debug", "--hold", "--exclusive"):
            self.assertIn(f"#SBATCH {line}\n", text)
        self.assertIn("module load openmpi\n", text)
        self.assertIn("OMP_NUM_THREADS=3 OMP_PROC_BIND=close OMP_PLACES=cores\n", text)
        self.assertIn("srun --ntasks=4 --cpus-per-task=3 --distribution=block:block --cpu-bind=cores ", text)

    def test_are_good_bash(self):
        self.write("--launcher_option=--x=a b", "--sbatch", "comment=a 'b' \"c\"")
        for script in (*self.folder.glob("*.sh"), self.folder / "submit"):
            command = ["shellcheck", script] if shutil.which("shellcheck") else ["bash", "-n", script]
            result = self.call(*command)
            self.assertEqual((result.returncode, result.stdout), (0, ""), result)

    def test_quote_values_as_sbatch_and_bash_read_them(self):
        text = self.text(self.write("--launcher_option=--x=a b", "--sbatch", "comment=a 'b' \"c\" # $HOME")[0])
        said = [shlex.split(line.removeprefix("#SBATCH ")) for line in text.splitlines() if line.startswith("#SBATCH ")]

        self.assertIn(["--comment=a 'b' \"c\" # $HOME"], said)
        self.assertIn([f"--chdir={self.folder}"], said)
        self.assertEqual({len(words) for words in said}, {1})
        self.assertIn("--cpu-bind=cores '--x=a b' \"$program\"", text)

    def test_launchers(self):
        for arguments, starts in ((("--mpi", "pmix"), "srun --mpi=pmix --ntasks=4 "),
                                  (("--launcher", "mpirun", "--threads", "2"),
                                   "mpirun -n 4 --map-by slot:PE=2 --bind-to core "),
                                  (("--launcher", "ibrun", "--launcher_option=--x", "--launcher_option=a b"),
                                   "ibrun -n 4 --x 'a b' ")):
            shutil.rmtree(self.folder, ignore_errors=True)
            self.assertIn(f'if ! {starts}', self.text(self.write(*arguments)[-1]))

    def test_nodes_are_as_few_as_can_be(self):
        self.assertEqual(self.asked_nodes(ranks="64")[-2:], [(32, 1, 32, 0), (64, 2, 32, 0)])
        self.assertEqual(self.asked_nodes("--threads", "8", ranks="6")[-2:], [(4, 1, 4, 0), (6, 2, 3, 0)])
        self.assertEqual(self.asked_nodes("--gpus_per_node", "4", ranks="8"),
                         [(1, 1, 1, 1), (2, 1, 2, 2), (4, 1, 4, 4), (8, 2, 4, 4)])
        self.assertEqual(self.asked_nodes("--gpus_per_node", "4", "--ranks_per_node", "2", ranks="8")[-1], (8, 4, 2, 2))

    def test_sizes_do_not_come_from_this_machine(self):
        with mock.patch.object(cases, "last_level_cache", side_effect=AssertionError("asked this machine")):
            small = self.write("--cache_bytes", str(1 << 20))
            shutil.rmtree(self.folder)
            usual = self.write()
        self.assertEqual((small[0]["cases"][0], usual[0]["cases"][0]),
                         ("mask/strong/16/16384/fn_and_grad/replicated", "mask/strong/16/2097152/fn_and_grad/replicated"))

    def test_time_limits_follow_the_work(self):
        def limits(*more):
            asked = options.parse(["--slurm", str(self.folder), *more])
            return [slurm.minutes_of(run, asked.cache_bytes) for run in slurm.planned_runs(asked)]

        quick, whole = limits("--quick", "--family", "mask", "--ranks", "4"), limits()
        self.assertLess(quick[0], whole[0])
        self.assertGreater(whole[0], whole[-1])
        self.assertTrue(all(5 <= limit <= 180 and limit % 5 == 0 for limit in quick + whole), quick + whole)
        numpex = limits("--case", "numpex", "--ranks", "1")
        self.assertLessEqual(numpex[0], numpex[-1])

    def test_folder_that_holds_a_study_is_not_overwritten(self):
        self.write()
        with self.assertRaisesRegex(BadInput, "holds a study already"):
            self.write()


class Runs(Jobs):
    def run_job(self, job, number, code=0, ranks=None):
        self.tool("srun", SRUN)
        return subprocess.run(["bash", f"{job['name']}.sh"], cwd=self.folder, check=False, capture_output=True, text=True, env={
            **os.environ, "PATH": f"{self.root / 'tools'}:{os.environ['PATH']}", "CODE": str(code),
            "RANKS": str(ranks or job["ranks"]), "SLURM_JOB_ID": str(number), "MISFIT_STUDY": "/bin/true",
            "SLURM_JOB_NODELIST": "a[1,2]", "LOADEDMODULES": "gcc:mpi"})

    def left(self, job):
        return sorted(path.name for path in self.folder.glob(f"{job['name']}.*") if path.suffix != ".sh")

    def test_leave_results_only_when_they_ended_well(self):
        job = self.write()[1]
        self.assertEqual(self.run_job(job, 17, code=1).returncode, 1)
        self.assertEqual(self.left(job), ["01-2-ranks.17.part"])
        done = self.run_job(job, 18)
        self.assertEqual((done.returncode, self.left(job)), (0, ["01-2-ranks.17.part", "01-2-ranks.18.json"]))
        self.assertIn("job 18: 2 ranks on nodes a[1,2]\n", done.stdout)
        self.assertIn("modules: gcc:mpi\n", done.stdout)

    def test_refuse_ranks_that_did_not_find_each_other(self):
        job = self.write()[1]
        done = self.run_job(job, 17, ranks=1)
        self.assertEqual((done.returncode, self.left(job)), (1, ["01-2-ranks.17.part"]))
        self.assertIn("These were not 2 ranks of one run: other scripts (--mpi TYPE, --launcher mpirun)", done.stderr)

    def test_are_no_scripts_for_the_shell(self):
        job = self.write()[0]
        done = subprocess.run(["bash", f"{job['name']}.sh"], cwd=self.folder, check=False, capture_output=True, text=True,
                              env={name: value for name, value in os.environ.items() if name != "SLURM_JOB_ID"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("this script is for sbatch", done.stderr)


class Submit(Jobs):
    def setUp(self):
        super().setUp()
        self.jobs = self.write()
        self.tool("sbatch", SBATCH)
        self.queue()

    def queue(self, *lines):
        self.tool("squeue", "#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")

    def submit(self, *arguments, **environment):
        """What it printed, and which scripts sbatch took."""
        self.log.unlink(missing_ok=True)
        done = self.call(self.folder / "submit", *arguments, **environment)
        return done, [line.split()[-1] for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def test_all(self):
        done, taken = self.submit()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(taken, ["00-1-ranks.sh", "01-2-ranks.sh", "02-4-ranks.sh"])
        self.assertIn(f"--chdir={self.folder} ", self.log.read_text())
        self.assertIn("02-4-ranks: job 3\n", done.stdout)

    def test_skips_what_is_finished_or_queued(self):
        self.queue(f"7|PENDING, Resources|misfit-01-2-ranks|{self.folder}", "8|RUNNING, None|misfit-02-4-ranks|/another/study")
        (self.folder / "00-1-ranks.5.json").touch()
        done, taken = self.submit()

        self.assertEqual(taken, ["02-4-ranks.sh"])
        self.assertEqual(done.stdout, "00-1-ranks: is finished\n01-2-ranks: is job 7 (PENDING, Resources) already\n02-4-ranks: job 1\n")

    def test_a_failed_rerun_is_not_finished(self):
        for name in ("00-1-ranks.99.json", "00-1-ranks.100.part", "01-2-ranks.100.part", "01-2-ranks.101.json"):
            (self.folder / name).touch()
        self.assertEqual(self.submit()[1], ["00-1-ranks.sh", "02-4-ranks.sh"])

    def test_goes_on_after_a_refusal(self):
        done, taken = self.submit(REFUSED="00-1-ranks.sh 01-2-ranks.sh")
        self.assertEqual((done.returncode, taken), (1, ["02-4-ranks.sh"]))
        self.assertIn("01-2-ranks.sh is too much", done.stderr)
        self.assertEqual(done.stderr.splitlines()[-1],
                         "submit: sbatch refused 2 of these, for what it says above: 00-1-ranks 01-2-ranks")

    def test_collects_when_all_have_ended(self):
        self.queue(f"70|RUNNING, None|misfit-01-2-ranks|{self.folder}")
        self.assertEqual(self.submit("--collect")[1], ["00-1-ranks.sh", "02-4-ranks.sh", "collect.sh"])
        self.assertIn("--dependency=afterany:1:70:2 collect.sh", self.log.read_text())
        self.assertIn('--collect "$PWD" --partial', (self.folder / "collect.sh").read_text())

    def test_without_a_queue_nothing_is_submitted(self):
        self.tool("squeue", "#!/bin/sh\nexit 1\n")
        done, taken = self.submit()
        self.assertEqual((done.returncode, taken), (1, []))
        self.assertIn("submit: squeue failed", done.stderr)
        self.assertEqual(self.submit("--all")[0].returncode, 2)


if __name__ == "__main__":
    unittest.main()
