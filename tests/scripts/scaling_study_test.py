# SPDX-License-Identifier: BSD-3-Clause
"""Whole studies, with stand-ins for the programs that they run."""

import json
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from scaling_stand_ins import PYTHON, Tree

RATES = ("--rate", "bytes=1e9", "--rate", "flops=1e9")
needs_plots = unittest.skipUnless(PYTHON, "no Python with matplotlib and numpy")


class StudyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tree = Tree(folder.name)

    def runs(self):
        """[kind, ranks, threads, MISFIT_NODE_SUM, binding, options] of each."""
        return [json.loads(line) for line in self.tree.log.read_text().splitlines()] if self.tree.log.exists() else []

    def assert_succeeds(self, *arguments, **options):
        result = self.tree.call(*arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        return result.stdout

    def assert_fails(self, *arguments, says, **options):
        result = self.tree.call(*arguments, **options)
        self.assertEqual(result.returncode, 1, result)
        self.assertIn(says, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertFalse(self.tree.output.exists())
        return result.stderr


@needs_plots
class Whole(StudyTest):
    def test_measured_and_simulated(self):
        printed = self.assert_succeeds("--quick")
        results = json.loads((self.tree.output / "results.json").read_text())

        self.assertLessEqual({"index.html", "mask.png", "results.json", "google_benchmark.json"},
                             {path.name for path in self.tree.output.iterdir()})
        tables = [line for line in printed.splitlines() if not line.startswith("RESULT ")]
        self.assertLessEqual(max(map(len, tables)), 100)
        self.assertEqual(len(printed.splitlines()) - len(tables), len(results["points"]))
        progress = re.findall(r"^\[(\d+) of (\d+), after \d+ s(?:, about \d+ s left)?\] ", printed, re.MULTILINE)
        self.assertEqual([int(number) for number, _ in progress], list(range(1, len(progress) + 1)))
        self.assertEqual({total for _, total in progress}, {progress[-1][0]})
        self.assertEqual({(row["family"], row["ranks"]) for row in results["comparison"]},
                         {(family, ranks) for family in ("mask", "downsampled_blur") for ranks in (1, 2)})
        self.assertEqual({p["kind"] for p in results["points"]}, {"measured", "simulated"})
        self.assertEqual(max(p["ranks"] for p in results["points"]), 64)
        self.assertEqual({entry.get("law") for entry in results["laws"] if entry["line"][0] == "simulated"
                          and entry["line"][-1] != "members_of_4"}, {"8 p^-1"})  # members have four numbers of ranks
        self.assertIn("no law: 2 numbers of ranks", printed)
        page = (self.tree.output / "index.html").read_text()
        self.assertIn("simulated: law [ms]: 8 p^-1, to", page)
        places = [page.index(text) for text in ("Summary: efficiency", "Machine and settings", "<img", "<details open>")]
        self.assertEqual(places, sorted(places))
        end = printed[printed.rindex("\nRESULT "):]
        self.assertIn("Summary: efficiency on the most ranks", end)
        self.assertTrue(end.splitlines()[-1].startswith("Report: "), end)

    def test_columns_without_figures_are_left_out(self):
        printed = self.assert_succeeds("--simulate", "--quick", "--family", "mask", "--ranks", "2", *RATES)
        self.assertNotIn("norm. ", printed[printed.index("mask, fn_and_grad"):])
        self.assertNotIn("<th>norm.</th>", (self.tree.output / "index.html").read_text())

    def test_files_for_extra_p_are_those_of_this_study(self):
        self.assert_succeeds("--measure", "--quick", "--family", "blur")
        self.assert_succeeds("--measure", "--quick", "--family", "mask")
        self.assertEqual({path.name for path in (self.tree.output / "extrap").iterdir()},
                         {"measured_mask_strong.jsonl", "measured_mask_weak.jsonl"})

    def test_comparison_is_without_the_memory_of_the_node(self):
        self.assert_succeeds("--simulate", "--quick", "--family", "mask", "--ranks", "2", *RATES)
        self.assertEqual([(ranks, node_sum) for kind, ranks, _, node_sum, _, _ in self.runs() if kind == "measured"],
                         [(1, "0"), (2, "0")])

    def test_comparison_on_a_busy_machine_says_so(self):
        arguments = ("--simulate", "--quick", "--family", "mask", "--ranks", "2", *RATES)

        self.assertIn("at worst a rank got 40 % of a core", self.assert_succeeds(*arguments, SHARE="0.4"))
        self.assertIn("40 % of a core", (self.tree.output / "index.html").read_text())
        self.assertNotIn("of a core", self.assert_succeeds(*arguments, SHARE="0.99"))

    def test_rates_from_a_busy_machine_are_measured_again_and_called_so(self):
        arguments = ("--simulate", "--quick", "--family", "mask", "--ranks", "2")
        printed = " ".join(self.assert_succeeds(*arguments, SHARE="0.4").split())

        self.assertEqual(printed.count("(for the rates, again: the machine was busy)"), 2)
        self.assertIn("at worst a rank got 40 % of a core, after 3 tries. This concerns all simulated figures of: mask fn_and_grad.",
                      printed)
        self.assertIn("This concerns all simulated figures of", (self.tree.output / "index.html").read_text())
        self.assertIn("on a quiet machine", self.assert_succeeds(*arguments, SHARE="0.99"))
        self.assertIn("on a quiet machine", (self.tree.output / "index.html").read_text())

    def test_each_family_alone(self):
        for family in ("sparse", "blur"):
            self.assert_succeeds("--simulate", "--quick", "--ranks", "2", "--family", family)
            results = json.loads((self.tree.output / "results.json").read_text())
            self.assertEqual({p["family"] for p in results["points"] + results["comparison"]}, {family})

    def test_threads_are_not_bound_to_one_core(self):
        self.assert_succeeds("--measure", "--quick", "--family", "mask", cores=4, SPACE="OpenMP")
        self.assertEqual([run[:3] + run[4:5] for run in self.runs()],
                         [["measured", 1, 1, None], ["measured", 2, 1, None], ["measured", 4, 1, None],
                          ["measured", 1, 2, "none"], ["measured", 1, 4, "none"]])

    def test_published_case(self):
        printed = self.assert_succeeds("--case", "numpex", "--quick")
        self.assertIn("Published (NumPEx", printed)
        self.assertEqual(sorted(run[1] for run in self.runs() if run[0] == "simulated" and "2048" in str(run[5])),
                         [1, 2, 4, 8, 16, 32, 64])

    def test_check(self):
        self.assert_succeeds("--simulate", "--quick", "--family", "mask", "--ranks", "4", *RATES)
        reference = self.folder / "reference.json"
        (self.tree.output / "results.json").rename(reference)

        self.assertIn("give the figures of", self.assert_succeeds("--check", reference))
        result = self.tree.call("--check", reference, LATER="0.001")
        self.assertEqual(result.returncode, 1)
        self.assertIn("mask/weak/1/65536/fn_and_grad/replicated at 4 ranks: ms 2 -> 2.001", result.stdout)
        self.assertIn("cases differ from", result.stderr)

    def test_jobs_and_what_they_leave(self):
        study = self.folder / "study"
        self.assert_succeeds("--slurm", study, "--quick", "--family", "mask", "--ranks", "4")
        for number, script in enumerate(sorted(study.glob("0*.sh")), 17):
            tasks = re.search(r"--ntasks=(\d+)", script.read_text())[1]
            subprocess.run(["bash", script], cwd=study, check=True, stdout=subprocess.DEVNULL,
                           env=self.tree.environment(SLURM_NTASKS=tasks, SLURM_JOB_ID=str(number)))
        printed = self.assert_succeeds("--collect", study)
        results = json.loads((self.tree.output / "results.json").read_text())

        self.assertIn("mask, fn_and_grad, strong, x on every rank: 16 operators", printed)
        self.assertRegex(printed, r"RESULT case=mask/strong/16/\d+/fn_and_grad/replicated ranks=2 threads=1 nodes=1 ms=4 low=4 high=4 ")
        self.assertEqual({p["ranks"] for p in results["points"]}, {1, 2, 4})
        self.assertEqual([job["job"] for job in results["context"]["jobs"]], ["17", "18", "19"])
        page = (self.tree.output / "index.html").read_text()
        self.assertIn("<td>01-2-ranks</td>", page)
        self.assertIn("--quick --family mask --ranks 4", page)

        next(study.glob("00-1-ranks.*.json")).unlink()
        self.assertIn("Results are missing of 1 of 3 jobs: 00-1-ranks", self.assert_succeeds("--collect", study, "--partial"))
        self.assertIn("Results are missing of 1 of 3 jobs", (self.tree.output / "index.html").read_text())

    def test_threads_of_jobs_are_drawn_and_compared_with_one_core(self):
        study = self.folder / "study"
        self.assert_succeeds("--slurm", study, "--quick", "--family", "mask", "--ranks", "2", "--threads", "4")
        for number, script in enumerate(sorted(study.glob("0*.sh")), 17):
            tasks = re.search(r"--ntasks=(\d+)", script.read_text())[1]
            subprocess.run(["bash", script], cwd=study, check=True, stdout=subprocess.DEVNULL,
                           env=self.tree.environment(SLURM_NTASKS=tasks, SLURM_JOB_ID=str(number), SPACE="OpenMP"))
        printed = self.assert_succeeds("--collect", study)
        points = json.loads((self.tree.output / "results.json").read_text())["points"]

        drawn = ("import json, sys, plots; points = json.load(open(sys.argv[1]))['points']; "
                 "print([[(p['ranks'], p['threads']) for p in l] for l in plots.lines_of(points, 'strong').values()])")
        drawn = subprocess.run([PYTHON, "-c", drawn, self.tree.output / "results.json"], capture_output=True, text=True,
                               check=True, cwd=self.tree.root / "scripts/support/scaling")
        self.assertEqual(drawn.stdout, "[[(1, 4), (2, 4)], [(1, 4), (2, 4)]]\n")
        self.assertIn("2 x 4", printed)
        self.assertEqual({(p["ranks"], p["threads"]): (p["speed_up"], p["efficiency"]) for p in points
                          if p["series"] == "strong"}, {(1, 1): (1, 1), (1, 4): (4, 1), (2, 4): (8, 1)})
        self.assertEqual({(p["ranks"], p["threads"]): p["efficiency"] for p in points if p["series"] == "weak"},
                         {(1, 1): 1, (1, 4): 1, (2, 4): 2})  # the stand-in is as fast as with half of the work


class Broken(StudyTest):
    def test_run_that_fails(self):
        says = self.assert_fails("--measure", "--quick", FAULT="fails",
                                 says="measured: strong and weak, 2 ranks: exit code 3")
        self.assertIn("not enough of something", says)

    def test_results_that_are_not_complete(self):
        for fault, says in (("half", "left no results"), ("lacks", "lacks mask/strong"), ("error", "out of luck")):
            text = self.assert_fails("--measure", "--quick", FAULT=fault, says=says)
            self.assertEqual(len(text.splitlines()), 1, text)

    def test_without_mpiexec(self):
        self.tree.cache.write_text("MPIEXEC_EXECUTABLE:FILEPATH=/no/such/mpiexec\n")
        self.assert_fails("--measure", says="/no/such/mpiexec cannot be started: No such file or directory")

    def test_platform_that_simgrid_refuses(self):
        self.tree.program(self.tree.tools / "smpirun", '#!/bin/sh\n[ "$1" = -version ] || { echo '
                          '"[0.0] ./parse.cpp:9: [xbt/ERROR] Parse error: no speed" >&2; exit 134; }\n')
        says = self.assert_fails("--measure", "--simulate", says="SimGrid does not take")

        self.assertIn("Parse error: no speed", says)
        self.assertEqual(len(says.splitlines()), 1)
        self.assertEqual(self.runs(), [])

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            pids = pathlib.Path(f"{self.tree.log}.pids")
            pids.unlink(missing_ok=True)
            study = subprocess.Popen(self.tree.command("--measure", "--quick"), stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, text=True, env=self.tree.environment(FAULT="hangs"),
                                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
            for _ in range(200):
                if pids.exists() and len(pids.read_text().split()) == 2:
                    break
                time.sleep(0.1)
            study.send_signal(number)
            _, says = study.communicate(timeout=30)

            self.assertEqual(study.returncode, 130)
            self.assertEqual(says, "scaling_study: interrupted; nothing was written\n")
            self.assertFalse(self.tree.output.exists())
            for pid in pids.read_text().split():
                state = pathlib.Path(f"/proc/{pid}/stat")
                self.assertTrue(not state.exists() or state.read_text().split()[2] == "Z", f"{pid} lives on")


if __name__ == "__main__":
    unittest.main()
